#!/usr/bin/env python3
"""Trains the words' part of the end of turn: words.py OUT [--seed N]. Writes OUT, one weight a byte.

A logistic regression over hashed features of the words so far: their last n-grams, the pairs anywhere, the first ones,
the length. Whole customer lines of text/train are ends; the same lines cut at every boundary are none, cuts weighted so
that a line counts as much cut as whole; text/train/pause-* adds its own labels (incomplete and wait are none). What
crosses a held-out line is dropped (heldout.py). `features` are those of src/understanding/tail.rs.
"""
import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from heldout import TRAIN_DIR, HeldOut, blind_lines, demo_lines, normalise  # noqa: E402

EVALUATION = HERE.parents[2] / "eval" / "turns.jsonl"

BITS = 15
SIZE = 1 << BITS
EPOCHS, RATE, DECAY = 6, 0.2, 3e-4
SCALE = 24  # weights are stored as round(weight * SCALE) in a signed byte
CUTS_MAX = 6  # of a line


def fnv(text):
    """FNV-1a of 32 bits."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def features(units, lang):
    """Indices of the weights. `units`: characters (zh) or words (en), without punctuation."""
    n = len(units)
    join = ("" if lang == "zh" else " ").join
    names = [f"{lang}#"]
    names += [f"{lang}${join(units[-k:])}" for k in range(1, 5) if k <= n]
    names += [f"{lang}^{join(units[:k])}" for k in range(1, 4) if k <= n]
    names += [f"{lang}={join(units)}"] if n <= 4 else []
    names += [f"{lang}:{join(units[k:k + 2])}" for k in range(n - 1)]
    names += [f"{lang}~{units[k]}" for k in range(n - 1)]
    names.append(f"{lang}l{min(n, 20)}")
    return sorted({fnv(name) % SIZE for name in names})


def units_of(text, lang):
    plain = normalise(text, lang)
    return list(plain) if lang == "zh" else plain.split()


def examples(lang, rng):
    """(units, is an end, weight)"""
    cases = [json.loads(line) for line in EVALUATION.read_text(encoding="utf-8").splitlines()]
    evaluated = [case[key] for case in cases for key in ("text", "said") if case["lang"] == lang]
    held = HeldOut(lang, [text for _, text in blind_lines(lang)] + demo_lines(lang) + evaluated)
    out, seen = [], set()
    for path in sorted(TRAIN_DIR.glob(f"{lang}-*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            units = units_of(line.split("\t")[1], lang)
            if units and tuple(units) not in seen and not held.crosses(line.split("\t")[1]):
                seen.add(tuple(units))
    for units in sorted(seen):
        out.append((list(units), 1, 1.0))
        places = [k for k in range(1, len(units)) if units[:k] not in seen]
        places = rng.permutation(places)[:CUTS_MAX] if places else []
        out += [(list(units[:k]), 0, 1.0 / len(places)) for k in places if tuple(units[:k]) not in seen]
    for path in sorted(TRAIN_DIR.glob(f"pause*-{lang}.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            label, text = line.split("\t")[:2]
            units = units_of(text, lang)
            if units and not held.crosses(text):
                out.append((units, int(label in ("complete", "backchannel")), 3.0))
    return out


def train(data, seed):
    torch.manual_seed(seed)
    bag = torch.nn.EmbeddingBag(SIZE, 1, mode="sum")
    torch.nn.init.zeros_(bag.weight)
    optimiser = torch.optim.Adagrad(bag.parameters(), lr=RATE)
    ends = sum(w for _, y, w in data if y)
    rest = sum(w for _, y, w in data if not y)
    rows = [(torch.tensor(f), y, w * (ends + rest) / (2 * (ends if y else rest))) for f, y, w in data]
    for epoch in range(EPOCHS):
        order, total = torch.randperm(len(rows)).tolist(), 0.0
        for at in range(0, len(order), 512):
            batch = [rows[k] for k in order[at:at + 512]]
            lengths = torch.tensor([0] + [len(f) for f, _, _ in batch[:-1]]).cumsum(0)
            flat = torch.cat([f for f, _, _ in batch])
            logits = bag(flat, lengths).squeeze(1)
            wanted, weights = (torch.tensor([float(row[k]) for row in batch]) for k in (1, 2))
            loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, wanted, weights)
            loss = loss + DECAY * bag.weight[flat].square().mean() * len(flat) / len(batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(rows):.4f}", file=sys.stderr)
    return bag.weight.detach().squeeze(1).numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    torch.set_num_threads(1)
    data, held = [], []
    for lang in ("zh", "en"):
        mine = examples(lang, rng)
        fold = [fnv("".join(units[:4])) % 20 == 0 for units, _, _ in mine]  # a line and its cuts together
        data += [(features(u, lang), y, w) for (u, y, w), out in zip(mine, fold) if not out]
        held += [(lang, features(u, lang), y) for (u, y, _), out in zip(mine, fold) if out]
    print(f"{len(data)} to train on, {len(held)} held out", file=sys.stderr)
    weights = np.clip(np.round(train(data, args.seed) * SCALE), -127, 127).astype(np.int8)
    for lang in ("zh", "en"):
        score = np.array([weights[f].sum() / SCALE for at, f, _ in held if at == lang])
        wanted = np.array([y for at, _, y in held if at == lang])
        rank = score.argsort().argsort()
        ones, zeros = wanted.sum(), (1 - wanted).sum()
        auc = (rank[wanted == 1].sum() - ones * (ones - 1) / 2) / (ones * zeros)
        print(json.dumps({"lang": lang, "held_out": len(wanted), "auc": round(float(auc), 3)}))
    Path(args.out).write_bytes(weights.tobytes())


if __name__ == "__main__":
    main()
