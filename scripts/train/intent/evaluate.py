#!/usr/bin/env python3
"""What models/intent.onnx is worth, on dev, on dev as if misheard, and with --blind on the blind lines."""
import argparse
import math
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import corpus
from augment import Augmenter
from finetune import encode
from vocabulary import CLS, Sounds

MISHEARD_RATE, MISHEARD_SEED = 0.12, 7
RECALLED = ("obj_stop_calling", "request_human")
CONFUSIONS_SHOWN = 12


def share(right, count):
    """`right/count` as a percentage with Wilson's 95% interval."""
    if not count:
        return "none"
    z, p = 1.96, right / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{p:.1%} [{max(middle - half, 0):.1%}, {min(middle + half, 1):.1%}] ({right}/{count})"


def calibration_error(confidence, right, bins=15):
    """Expected calibration error over bins of equal width."""
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    return sum(abs(confidence[at == b].mean() - right[at == b].mean()) * (at == b).mean() for b in set(at.tolist()))


def report(name, examples, session, confusions_shown):
    """Prints the figures of one set of (lang, ids, action)."""
    probabilities, times = [], []
    for _, ids, _ in examples:
        begun = time.perf_counter()
        probabilities.append(session.run(None, {"ids": np.array(ids, np.int64)})[0])
        times.append(time.perf_counter() - begun)
    probabilities = np.array(probabilities)
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    wanted = np.array([corpus.ACTIONS.index(action) for _, _, action in examples])
    langs, right = np.array([lang for lang, _, _ in examples]), guess == wanted
    scenes = np.array([corpus.SCENE_OF[action] for _, _, action in examples])
    print(f"== {name}")
    for lang in corpus.LANGS:
        mine = langs == lang
        print(f"accuracy {lang}: {share(right[mine].sum(), mine.sum())}, calibration error {calibration_error(confidence[mine], right[mine]):.3f}")
        third = np.sort(np.argsort(-probabilities[mine], 1)[:, :3] == wanted[mine, None], 1)[:, -1]
        print(f"  among the first three: {share(third.sum(), mine.sum())}")
        for action in RECALLED:
            meant = mine & (wanted == corpus.ACTIONS.index(action))
            print(f"  recall {action}: {share(right[meant].sum(), meant.sum())}")
        others = mine & (wanted != corpus.ACTIONS.index("accept"))
        print(f"  false accept: {share((guess[others] == corpus.ACTIONS.index('accept')).sum(), others.sum())}")
        for threshold in (0.5, 0.8):
            sure = mine & (confidence >= threshold)
            print(f"  confidence at least {threshold}: {sure.sum() / mine.sum():.0%} of the lines, accuracy {share(right[sure].sum(), sure.sum())}")
    for scene in dict.fromkeys(corpus.SCENE_OF.values()):
        there = scenes == scene
        print(f"scene {scene}: {share(right[there].sum(), there.sum())}")
    print(f"latency ms: mean {np.mean(times) * 1e3:.3f}, p99 {np.quantile(times, 0.99) * 1e3:.3f}")
    if confusions_shown:
        confused = Counter((corpus.ACTIONS[w], corpus.ACTIONS[g]) for w, g in zip(wanted[~right], guess[~right]))
        print("meant -> taken for: " + ", ".join(f"{w} -> {g} {n}" for (w, g), n in confused.most_common(CONFUSIONS_SHOWN)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=corpus.ROOT / "models")
    parser.add_argument("--blind", action="store_true", help="the blind lines: for the last report, never for a choice")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.models / "intent.tokenizer.json"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(args.models / "intent.onnx"), options)
    listed = session.get_modelmeta().custom_metadata_map["actions"].split()
    if listed != corpus.ACTIONS:
        raise SystemExit("the model was trained for another taxonomy")
    train_lines, dev_lines = corpus.split()
    dev = encode(tokenizer, dev_lines)
    report("dev", dev, session, True)
    confusions = Sounds(tokenizer).confusions([ids for _, ids, _ in encode(tokenizer, train_lines)])
    augmenter = Augmenter(tokenizer, confusions, [], MISHEARD_SEED)
    misheard = [(lang, [CLS, *augmenter.misheard(ids[1:], MISHEARD_RATE)], action) for lang, ids, action in dev]
    report(f"dev, {MISHEARD_RATE:.0%} of the tokens misheard", misheard, session, False)
    if args.blind:
        report("blind", encode(tokenizer, corpus.blind()), session, True)


if __name__ == "__main__":
    main()
