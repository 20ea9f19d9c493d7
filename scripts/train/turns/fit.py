#!/usr/bin/env python3
"""How the evidence of the end of turn is weighed (src/understanding/completeness.rs), fitted on the development cases:

    scripts/eval/turns.py turns_dev.txt > dev.jsonl
    cargo run --release --example turn_ends -- --training-voices --pauses dev.jsonl > pauses.jsonl
    scripts/train/turns/fit.py pauses.jsonl

A logistic regression a language over ends and pauses in mid-sentence, twice as many ends; pauses between sentences tell nothing.
"""
import json
import sys
from pathlib import Path

import numpy as np

RIDGE = 2.0
NAMES = ("model", "table", "rules", "pitch_st")


def area(ends, others):
    return np.mean([(end > others).mean() + (end == others).mean() / 2 for end in ends])


def fitted(x, end):
    """Weights of the columns and the constant, by Newton's steps."""
    x, weights = np.column_stack([x, np.ones(len(x))]), np.zeros(x.shape[1] + 1)
    ridge = np.diag([RIDGE] * (len(weights) - 1) + [0.0])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (p - end) + ridge @ weights
        weights -= np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge, slope)
    return weights


def main():
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]
    for row in rows:
        row["pauses"] = [pause for pause in row["pauses"] if pause["evidence"]["table"] is not None]
    for lang in ("zh", "en"):
        ends = [row["pauses"][-1] for row in rows if row["lang"] == lang and row["cut"] == "end" and row["pauses"]]
        mids = [row["pauses"][0] for row in rows if row["lang"] == lang and row["cut"] == "mid" and row["pauses"]]
        x = np.array([[pause["evidence"][name] for name in NAMES] for pause in ends + mids])
        end = np.arange(len(x)) < len(ends)
        weights = fitted(x, end)
        alone = ", ".join(f"{name} {area(sign * x[end, at], sign * x[~end, at]):.3f}" for at, (name, sign) in enumerate(zip(NAMES, (1, 1, 1, -1))))
        score = x @ weights[:-1] + weights[-1]
        print(f"{lang}: {len(ends)} ends, {len(mids)} pauses; " + ", ".join(f"{n} {w:.2f}" for n, w in zip((*NAMES, "constant"), weights))
              + f"; area {area(score[end], score[~end]):.3f} ({alone})")


if __name__ == "__main__":
    main()
