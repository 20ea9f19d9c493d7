#!/usr/bin/env python3
"""The voice's part of the end of turn: from synthetic speech, one weight a language.

    voice.py cases > cases.jsonl            600 utterances of text/train, whole or cut at a word, with pauses
    cargo run --release --example turn_ends -- --oracle-words --pauses cases.jsonl > pauses.jsonl
    voice.py fit pauses.jsonl               prints the two constants of src/understanding/completeness.rs

The runner lets an unfinished part end on a comma: its pitch stays level, where a finished one falls.
"""
import json
import math
import random
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from heldout import TRAIN_DIR, normalise  # noqa: E402

WHOLE, CUT, UNITS_MAX = 200, 100, 40  # a language
PITCH_MAX_ST, RIDGE = 4.0, 3.0


def cases():
    rng = random.Random(5)
    for lang, join in (("zh", ""), ("en", " ")):
        lines = [line.split("\t")[1] for path in sorted(TRAIN_DIR.glob(f"{lang}-[abc].tsv"))
                 for line in path.read_text(encoding="utf-8").splitlines()]
        rng.shuffle(lines)
        texts = [list(plain) if lang == "zh" else plain.split() for plain in (normalise(line, lang) for line in lines)]
        texts = [units for units in texts if 4 < len(units) < UNITS_MAX]
        for n, units in enumerate(texts[:WHOLE + CUT]):
            said = units if n < WHOLE else units[:rng.randint(2, len(units) * 4 // 5)]
            pause = 0 if n < WHOLE else min(max(rng.lognormvariate(math.log(500), 0.6), 200), 1500)
            print(json.dumps({"lang": lang, "text": join.join(units), "cut": "end" if n < WHOLE else "mid",
                              "said": join.join(said), "pause_ms": round(pause / 10) * 10}, ensure_ascii=False))


def fit(file):
    rows = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    for lang in ("zh", "en"):
        pauses = [pause for row in rows if row["lang"] == lang for pause in row["pauses"]]
        pitch = np.clip([pause["prosody"]["ending"]["pitch_st"] for pause in pauses], -30, PITCH_MAX_ST)
        end = np.array([pause["silence_ms"] is None for pause in pauses], float)
        mean, spread = pitch.mean(), pitch.std()
        x = np.stack([(pitch - mean) / spread, np.ones_like(pitch)], 1)
        balance = np.where(end == 1, 0.5 / end.mean(), 0.5 / (1 - end.mean()))
        weights = np.zeros(2)
        for _ in range(50):  # Newton's steps
            p = 1 / (1 + np.exp(-x @ weights))
            slope = x.T @ (balance * (p - end)) + RIDGE * np.array([weights[0], 0])
            curve = (x * (balance * p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(2)
            weights -= np.linalg.solve(curve, slope)
        order = pitch.argsort().argsort()
        ones, zeros = end.sum(), (1 - end).sum()
        auc = 1 - (order[end == 1].sum() - ones * (ones - 1) / 2) / (ones * zeros)
        semitone = weights[0] / spread
        print(f"{lang}: level {weights[1] - semitone * mean:.2f}, semitone {semitone:.2f}; {len(pauses)} pauses, AUC {auc:.2f}")


if __name__ == "__main__":
    cases() if sys.argv[1] == "cases" else fit(sys.argv[2])
