#!/usr/bin/env python3
"""Stage `text-eval`: what models/text.LANG.onnx is worth on dev, and on dev as if misheard, by the model's own decisions.

The rules that Callwright joins with it are not here: `callwright eval` measures both together.
"""
import argparse
import json
import math
import random
from collections import Counter
from pathlib import Path

import numpy as np

import corpus
from calibrate import Model, ranks
from corpus import HEADS
from mishear import PUNCTUATION, Mishearing, joined, units

MISHEARD_RATE, MISHEARD_SEED = 0.12, 7
RECALLED = ("obj_stop_calling", "request_human")
CONFUSIONS_SHOWN = 25


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


def decided(probabilities, thresholds):
    """The action of each row, as src/understanding/reading.rs decides it."""
    actions = HEADS["action"]
    accept = actions.index("accept")
    open_ = probabilities.copy()
    open_[open_[:, accept] < thresholds["accept"], accept] = -1
    guess = open_.argmax(1)
    for action in reversed(RECALLED):
        guess[probabilities[:, actions.index(action)] >= thresholds[action]] = actions.index(action)
    return guess


def actions_report(lines, probabilities, thresholds, show):
    actions = HEADS["action"]
    guess, wanted = decided(probabilities, thresholds), np.array([actions.index(line.label) for line in lines])
    right, confidence = guess == wanted, probabilities[np.arange(len(lines)), guess]
    print(f"  action: {share(right.sum(), len(lines))}, likeliest class {(probabilities.argmax(1) == wanted).mean():.1%}, "
          f"calibration error {calibration_error(confidence, right):.3f}")
    third = (np.argsort(-probabilities, 1)[:, :3] == wanted[:, None]).any(1)
    print(f"  among the first three: {share(third.sum(), len(lines))}")
    acted = np.array([line.act != "unknown" for line in lines])
    print(f"  with the agent's act: {share(right[acted].sum(), acted.sum())}, without: {share(right[~acted].sum(), (~acted).sum())}")
    for source in sorted({line.source for line in lines}):
        mine = np.array([line.source == source for line in lines])
        print(f"    {source}: {share(right[mine].sum(), mine.sum())}")
    for action in RECALLED:
        at = actions.index(action)
        print(f"  {action}: recall {share(right[wanted == at].sum(), (wanted == at).sum())}, false {share((guess[wanted != at] == at).sum(), (wanted != at).sum())}")
    for action in ("accept", "out_of_scope"):
        at = actions.index(action)
        print(f"  {action}: recall {share(right[wanted == at].sum(), (wanted == at).sum())}, false {share((guess[wanted != at] == at).sum(), (wanted != at).sum())}")
    for scene in dict.fromkeys(corpus.SCENE_OF.values()):
        there = np.array([corpus.SCENE_OF[line.label] == scene for line in lines])
        print(f"    scene {scene}: {share(right[there].sum(), there.sum())}")
    if show:
        confused = Counter((actions[w], actions[g]) for w, g in zip(wanted[~right], guess[~right]))
        print("  meant -> taken for: " + ", ".join(f"{w} -> {g} {n}" for (w, g), n in confused.most_common(CONFUSIONS_SHOWN)))
        for i in random.Random(1).sample(list(np.flatnonzero(~right)), min(show, int((~right).sum()))):
            print(f"    {actions[wanted[i]]} -> {actions[guess[i]]} {confidence[i]:.2f} [{lines[i].act}] {lines[i].source}: {lines[i].text}")


def report(name, lines, model, thresholds, show):
    print(f"== {name}")
    probabilities = model.probabilities(lines)
    for head, classes in HEADS.items():
        mine = [i for i, line in enumerate(lines) if line.head == head]
        if not mine:
            continue
        found, wanted = probabilities[head][mine], np.array([classes.index(lines[i].label) for i in mine])
        if head == "action":
            actions_report([lines[i] for i in mine], found, thresholds, show)
            continue
        print(f"  {head}: {share((found.argmax(1) == wanted).sum(), len(mine))}")
        if head == "violation":
            certain, cue = ranks([lines[i].text for i in mine]).T
            least = [[thresholds.get(f"{name}.{classes[at]}", thresholds.get(name, thresholds["violation"])) for at in found[:, 1:].argmax(1) + 1]
                     for name in ("violation", "violation_cued")]
            suspected, violates = certain | (1 - found[:, 0] >= np.where(cue, least[1], least[0])), wanted > 0
            classed = found[:, 1:].argmax(1) + 1 == wanted
            print(f"    recall, any class {share((suspected & violates).sum(), violates.sum())}, the right one "
                  f"{share((suspected & violates & classed).sum(), violates.sum())}; innocents flagged {share((suspected & ~violates).sum(), (~violates).sum())}")
            for i in [i for i in range(len(mine)) if suspected[i] != violates[i]][:show]:
                print(f"    {classes[wanted[i]]} {1 - found[i, 0]:.2f}: {lines[mine[i]].text}")
        if head == "emotion":
            for at, emotion in enumerate(classes):
                print(f"    {emotion}: recall {share(((found.argmax(1) == at) & (wanted == at)).sum(), (wanted == at).sum())}")
    people = [line._replace(role="line", act="unknown") for line in lines if line.head == "action" and line.label != "machine"]
    human = HEADS["announcement"].index("human")
    flagged = 1 - model.probabilities(people)["announcement"][:, human] >= thresholds["announcement"]
    print(f"  people taken for machines: {share(flagged.sum(), len(people))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("langs", nargs="*", default=corpus.LANGS)
    parser.add_argument("--models", type=Path, default=corpus.ROOT / "models")
    parser.add_argument("--show", type=int, default=0, help="so many wrong lines")
    args = parser.parse_args()
    for lang in args.langs:
        model = Model(lang, args.models)
        properties = model.session.get_modelmeta().custom_metadata_map
        if json.loads(properties["heads"]) != HEADS:
            raise SystemExit("the model was trained for other classes")
        thresholds = json.loads(properties["thresholds"])
        train, dev = corpus.split(lang)
        report(f"{lang}, dev", dev, model, thresholds, args.show)
        mishearing = Mishearing(lang, train, MISHEARD_SEED)
        misheard = [line._replace(text=joined(mishearing.misheard(units(PUNCTUATION.sub(" ", line.text), lang), MISHEARD_RATE), lang)) for line in dev]
        report(f"{lang}, dev, {MISHEARD_RATE:.0%} of the words misheard", misheard, model, thresholds, 0)


if __name__ == "__main__":
    main()
