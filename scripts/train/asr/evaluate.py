"""Error rates of an exported model on held-out sentences spoken by held-out voices.

    evaluate.py WORK_DIR MODEL.ggml[.zst] [--show N] [--wav DIR] [--texts FILE]

Sets: blind (sentences of text/blind), numbers, demo (each `say` by three voices), nothing (no speech).
The recordings are the same each time (fixed seeds) and are kept in WORK_DIR/eval.npz. The file's own
q8_0 weights are read back; decoding is greedy with the agent's audio_ctx for each length, without a language model.
95% intervals: bootstrap over sentences. What the agent hears is better: --wav writes the recordings and `reference.tsv`
for `callwright transcribe --json`, --texts scores its lines instead. The sets have been looked at often: they are for
development, the confidence below which the agent asks again among it; `callwright eval recognition` closes.
"""
import argparse
import json
import math
import random
import wave
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

import espeak
import features
import numerals
import synth
from export import read
from model import LANGUAGE
from text import heldout
from vocab import SPECIALS, Vocabulary

SEED = 4242
BLIND_ZH, BLIND_EN, NUMBERS, NOTHING, DEMO_VOICES = 150, 80, 80, 40, 3
BLOCK = 20  # recordings a forked child makes
CONFIDENCES = (-0.1, -0.15, -0.2, -0.25, -0.3, -0.4, -0.5, -0.6, -0.8)  # mean token log-probability


def sentences():
    """[(set, lang, parts)] of all evaluation sets, always the same for the same held-out files."""
    rng = random.Random(SEED)
    rows = []
    for lang, count in (("zh", BLIND_ZH), ("en", BLIND_EN)):
        lines = sorted({heldout.normalise(text, lang) for _, text in heldout.blind_lines(lang)} - {""})
        rows += [(f"blind {lang}", lang, [line]) for line in rng.sample(lines, min(count, len(lines)))]
    rows += [("numbers zh", "zh", [numerals.zh_slot(rng)]) for _ in range(NUMBERS)]
    for lang in ("zh", "en"):
        for text in heldout.demo_lines(lang):
            parts = [heldout.normalise(part, lang) for part in heldout.PAUSE.split(text)]
            rows += [(f"demo {lang}", lang, [part for part in parts if part])] * DEMO_VOICES
    return rows + [("nothing", lang, []) for lang in ["zh", "en"] * (NOTHING // 2)]


def recordings(work):
    """([(set, lang, text)], [audio float32 16 kHz]); made once, then read from WORK_DIR/eval.npz."""
    rows = sentences()
    described = [(name, lang, ("" if lang == "zh" else " ").join(parts)) for name, lang, parts in rows]
    stored = work / "eval.npz"
    if stored.exists():
        with np.load(stored) as archive:
            if json.loads(str(archive["described"])) == [list(row) for row in described]:
                return described, [archive[f"audio{i}"] for i in range(len(rows))]
    voices = heldout.HELD_OUT_VOICES
    audio = []
    for start in range(0, len(rows), BLOCK):
        block = [(lang, parts, voices[i % len(voices)]) for i, (_, lang, parts) in enumerate(rows)][start:start + BLOCK]
        made, _ = espeak.in_child(lambda rng, numpy_rng: [synth.utterance(*row, rng, numpy_rng)[0] for row in block], SEED * 1000 + start)
        audio += made
    np.savez(stored, described=json.dumps(described, ensure_ascii=False), **{f"audio{i}": a for i, a in enumerate(audio)})
    return described, audio


def transcribe(model, vocabulary, rows, audio):
    """[(text, mean log-probability)] in the order of `rows`."""
    by_context = defaultdict(list)
    for i, wave_ in enumerate(audio):
        by_context[features.audio_ctx(len(wave_))].append(i)
    out = [None] * len(audio)
    for context, members in by_context.items():
        for start in range(0, len(members), 32):
            part = members[start:start + 32]
            mel = np.empty((len(part), 80, 2 * context), np.float32)
            for k, i in enumerate(part):
                values, pad = features.log_mel(audio[i])
                count = min(values.shape[1], 2 * context)
                mel[k] = pad
                mel[k, :, :count] = values[:, :count]
            decoded = model.greedy(torch.from_numpy(mel), [LANGUAGE[rows[i][1]] for i in part])
            for i, (ids, score) in zip(part, decoded):
                out[i] = vocabulary.decode(ids), score
    return out


def counted(rows, texts):
    """{set: [(errors, units, said anything)]}"""
    sets = defaultdict(list)
    for (name, lang, reference), (text, _) in zip(rows, texts):
        expected, got = heldout.units(reference, lang), heldout.units(heldout.normalise(text, lang), lang)
        sets[name].append((heldout.edit_distance(expected, got, 10_000), len(expected), bool(got)))
    return sets


def interval(pairs, resamples=1000):
    """95% bootstrap interval of errors / units over sentences, in percent."""
    pairs = np.array([(e, n) for e, n, _ in pairs], float)
    chosen = np.random.default_rng(SEED).integers(0, len(pairs), (resamples, len(pairs)))
    rates = pairs[chosen, 0].sum(1) / pairs[chosen, 1].sum(1)
    return 100 * np.quantile(rates, (0.025, 0.975))


def report(rows, texts, show):
    for name, pairs in counted(rows, texts).items():
        if name == "nothing":
            print(f"{name}: n={len(pairs)}, recognised something in {sum(said for *_, said in pairs)}")
            continue
        low, high = interval(pairs)
        rate = 100 * sum(e for e, *_ in pairs) / sum(n for _, n, _ in pairs)
        right = 100 * sum(e == 0 for e, *_ in pairs) / len(pairs)
        print(f"{name}: n={len(pairs)}, {'WER' if name.endswith('en') else 'CER'} {rate:.1f}% [{low:.1f}, {high:.1f}], sentences right {right:.0f}%")
    right = [heldout.normalise(text, lang) == reference for (_, lang, reference), (text, _) in zip(rows, texts)]
    spoken = [i for i, row in enumerate(rows) if row[2]]
    for lang in ("zh", "en"):
        for least in CONFIDENCES:
            kept = [[texts[i][1] >= least for i in spoken if rows[i][1] == lang and right[i] == wanted] for wanted in (True, False)]
            shares = [f"{100 * sum(part) / max(1, len(part)):.0f}% of {len(part)}" for part in kept]
            print(f"{lang}: mean log-probability of {least} and more: {shares[0]} right sentences, {shares[1]} wrong ones")
    for i in [i for i in spoken if not right[i]][::max(1, len(spoken) // max(1, show))][:show]:
        print(f"  {rows[i][0]}: {rows[i][2]} -> {texts[i][0]} ({texts[i][1]:.2f})")


def write_wavs(folder, rows, audio):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "reference.tsv", "w", encoding="utf-8") as table:
        for i, ((name, lang, text), samples) in enumerate(zip(rows, audio)):
            with wave.open(str(folder / f"{i:03}.wav"), "wb") as out:
                out.setparams((1, 2, features.SAMPLE_RATE_HZ, 0, "NONE", ""))
                out.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
            table.write(f"{i:03}.wav\t{name}\t{lang}\t{text}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--wav", type=Path)
    parser.add_argument("--texts", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows, audio = recordings(args.work)
    if args.wav:
        write_wavs(args.wav, rows, audio)
    model, tokens = read(args.model)
    vocabulary = Vocabulary(args.work / "vocab.json")
    assert tokens == vocabulary.tokens and len(vocabulary) == SPECIALS + len(tokens)
    texts = transcribe(model, vocabulary, rows, audio)
    if args.texts:
        ours = texts
        lines = map(json.loads, args.texts.read_text("utf-8").splitlines())
        answers = {Path(line["file"]).name: (line["text"], math.log(max(line["confidence"], 1e-9))) for line in lines}
        texts = [answers[f"{i:03}.wav"] for i in range(len(rows))]
        same = sum(a[0] == b[0] for a, b in zip(ours, texts))
        print(f"same text as PyTorch with the same weights: {same} of {len(rows)}")
    report(rows, texts, args.show)


if __name__ == "__main__":
    main()
