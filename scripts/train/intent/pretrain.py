#!/usr/bin/env python3
"""Stage `intent-pretrain`: tokenizer, then masked tokens (and the sources' own labels) on unlabelled dialogue.

Writes WORK/tokenizer.json and WORK/pretrained.pt. Without that folder only our own utterances are used.
"""
import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import corpus
from model import Classifier, Encoder, pool
from vocabulary import CLS, MASK, PAD, Sounds, build

TOKENS_A_BATCH = 2048
MASKED, LABEL_WEIGHT = 0.2, 0.5
LEARNING_RATE, WARM_STEPS = 1.5e-3, 100


def batches(sequences, random_state):
    """Index lists of about TOKENS_A_BATCH tokens, of similar length, in random order."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]) + random_state.random() * 3)
    found, batch = [], []
    for i in order:
        if batch and (len(batch) + 1) * max(len(sequences[i]), len(sequences[batch[-1]])) > TOKENS_A_BATCH:
            found.append(batch)
            batch = []
        batch.append(i)
    found.append(batch)
    random_state.shuffle(found)
    return found


def padded(sequences):
    ids = np.full((len(sequences), max(map(len, sequences))), PAD, np.int64)
    for row, sequence in zip(ids, sequences):
        row[:len(sequence)] = sequence
    return ids


def masked(ids, confusions, generator):
    """(ids with some replaced, where): mostly by MASK, some by a homophone, some left."""
    where = (generator.random(ids.shape) < MASKED) & (ids > CLS)
    changed = ids.copy()
    for row, column in zip(*np.nonzero(where)):
        kind = generator.random()
        if kind < 0.7:
            changed[row, column] = MASK
        elif kind < 0.9 and ids[row, column] in confusions:
            (same, cumulative), _ = confusions[ids[row, column]]
            changed[row, column] = same[np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")]
    return changed, where


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="data directory with text/*.zip")
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "intent")
    parser.add_argument("--cpu-seconds", type=float, default=330)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    own, _ = corpus.split()
    rows = [(line.lang, line.text, None) for line in own] + (
        corpus.unlabelled(args.data) if (args.data / "text").is_dir() else [])
    tokenizer = build([(lang, text) for lang, text, _ in rows])
    tokenizer.save(str(args.work / "tokenizer.json"))
    sounds = Sounds(tokenizer)
    labels = {label: i for i, label in enumerate(sorted({label for _, _, label in rows if label}))}
    sequences = [encoding.ids for encoding in tokenizer.encode_batch([text for _, text, _ in rows])]
    targets = np.array([labels.get(label, -1) for _, _, label in rows])
    confusions = sounds.confusions(sequences)
    print(f"{len(rows)} lines, {sum(map(len, sequences))} tokens, vocabulary {tokenizer.get_vocab_size()}, "
          f"{sounds.syllables - 1} syllables, {len(labels)} labels of other sources")

    model = Classifier(Encoder(tokenizer.get_vocab_size(), sounds), max(len(labels), 1))
    transform = torch.nn.Linear(model.head.in_features // 2, model.head.in_features // 2)
    parameters = [*model.parameters(), *transform.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98))
    order, generator = random.Random(args.seed), np.random.default_rng(args.seed)
    begun, step, queue, lost = time.process_time(), 0, [], []
    while (share := (time.process_time() - begun) / args.cpu_seconds) < 1:
        queue = queue or batches(sequences, order)
        batch = queue.pop()
        plain = padded([sequences[i] for i in batch])
        changed, where = masked(plain, confusions, generator)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1, (step + 1) / WARM_STEPS) * (1 - share)
        ids, target = torch.from_numpy(changed), torch.from_numpy(targets[batch])
        known = target >= 0
        with torch.autocast("cpu", torch.bfloat16):
            states = model.encoder(ids)
            hidden = F.gelu(transform(states[torch.from_numpy(where)]))
            guesses = (hidden @ model.encoder.token.weight.T).float()
            labelled = model.head(model.drop(pool(states[known], ids[known] != PAD))).float()
        loss_mask = F.cross_entropy(guesses, torch.from_numpy(plain[where]))
        loss_label = F.cross_entropy(labelled, target[known]) if known.any() else torch.zeros(())
        optimizer.zero_grad()
        (loss_mask + LABEL_WEIGHT * loss_label).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        lost.append((loss_mask.item(), loss_label.item()))
        if step % 100 == 0:
            print(f"step {step}, {share:.0%}, masked {np.mean(lost, 0)[0]:.3f}, label {np.mean(lost, 0)[1]:.3f}", flush=True)
            lost = []
    torch.save(model.encoder.state_dict(), args.work / "pretrained.pt")


if __name__ == "__main__":
    main()
