#!/usr/bin/env python3
"""Stage `intent`: the 66 actions, from the pre-trained encoder, on augmented utterances.

Each seed is one run, of which the exponential average of the weights is kept as WORK/intent-SEED.pt (a run that is
there is not repeated: runs may go side by side). WORK/intent.pt holds all runs, whose logits are averaged, and the
temperature found on dev.
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
from augment import Augmenter
from model import Classifier, Encoder
from pretrain import padded
from vocabulary import Sounds

BATCH = 96
LEARNING_RATE, WARM_SHARE, WEIGHT_DECAY = 8e-4, 0.05, 0.02
LABEL_SMOOTHING = 0.1
AVERAGE_EVERY, AVERAGE_DECAY = 4, 0.99  # steps; of the average at each
WEIGHTS = {"obj_stop_calling": 2.0, "request_human": 2.0}  # a miss costs most


def encode(tokenizer, lines):
    """(lang, ids, action) of each line."""
    encodings = tokenizer.encode_batch([line.text for line in lines])
    return [(line.lang, encoding.ids, line.action) for line, encoding in zip(lines, encodings)]


def logits_of(model, examples):
    """Logits [examples, actions], in order."""
    model.eval()
    order = sorted(range(len(examples)), key=lambda i: len(examples[i][1]))
    result = torch.empty(len(examples), len(corpus.ACTIONS))
    with torch.no_grad():
        for start in range(0, len(order), 256):
            part = order[start:start + 256]
            result[part] = model(torch.from_numpy(padded([examples[i][1] for i in part])))
    model.train()
    return result


def right_share(logits, target):
    return (logits.argmax(1) == target).float().mean().item()


def temperature_of(logits, target):
    """The temperature with the smallest cross entropy."""
    grid = np.arange(0.3, 2.0, 0.02)
    return float(min(grid, key=lambda t: F.cross_entropy(logits / t, target).item()))


def train(model, examples, augmenter, budget, seed):
    """Trains until the budget, (CPU seconds, seconds), is spent, whichever is first, and leaves the averaged weights in the model."""
    targets = np.array([corpus.ACTIONS.index(action) for _, _, action in examples])
    weights = torch.ones(len(corpus.ACTIONS))
    for action, weight in WEIGHTS.items():
        weights[corpus.ACTIONS.index(action)] = weight
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98), fused=True)
    average = {name: value.clone() for name, value in model.state_dict().items()}
    order, step, epoch, queue, lost = random.Random(seed), 0, 0, [], []
    begun = time.process_time(), time.monotonic()
    while (share := max((time.process_time() - begun[0]) / budget[0], (time.monotonic() - begun[1]) / budget[1])) < 1:
        if not queue:
            drawn = [augmenter.draw(*example) for example in examples]
            by_length = sorted(range(len(drawn)), key=lambda i: len(drawn[i]) + order.random() * 4)
            queue = [by_length[i:i + BATCH] for i in range(0, len(by_length), BATCH)]
            order.shuffle(queue)
            epoch += 1
        batch = queue.pop()
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1, share / WARM_SHARE + 0.01) * (1 - share)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(torch.from_numpy(padded([drawn[i] for i in batch]))).float()
        loss = F.cross_entropy(logits, torch.from_numpy(targets[batch]), weights, label_smoothing=LABEL_SMOOTHING)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % AVERAGE_EVERY == 0:
            decay = min(AVERAGE_DECAY, step / (step + 40))
            for name, value in model.state_dict().items():
                if value.is_floating_point():
                    average[name].lerp_(value, 1 - decay)
        lost.append(loss.item())
        if step % 500 == 0:
            print(f"seed {seed}, epoch {epoch}, {share:.0%}, loss {np.mean(lost):.3f}", flush=True)
            lost = []
    model.load_state_dict(average)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "intent")
    parser.add_argument("--cpu-seconds", type=float, default=240, help="for each seed")
    parser.add_argument("--seconds", type=float, default=3600, help="for each seed, on a busy machine")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(args.work / "tokenizer.json"))
    sounds = Sounds(tokenizer)
    train_lines, dev_lines = corpus.split()
    examples, dev = encode(tokenizer, train_lines), encode(tokenizer, dev_lines)
    print(f"{len(examples)} training lines, {len(dev)} dev lines")
    target = torch.tensor([corpus.ACTIONS.index(action) for _, _, action in dev])
    confusions = sounds.confusions([ids for _, ids, _ in examples])
    model = Classifier(Encoder(tokenizer.get_vocab_size(), sounds), len(corpus.ACTIONS))
    runs, dev_logits = [], []
    for seed in args.seeds:
        done = args.work / f"intent-{seed}.pt"
        if not done.exists():
            torch.manual_seed(seed)
            model.head.reset_parameters()
            model.encoder.load_state_dict(torch.load(args.work / "pretrained.pt"))
            train(model, examples, Augmenter(tokenizer, confusions, examples, seed), (args.cpu_seconds, args.seconds), seed)
            torch.save(model.state_dict(), done)
        runs.append(torch.load(done))
        model.load_state_dict(runs[-1])
        dev_logits.append(logits_of(model, dev))
        print(f"seed {seed}: dev {right_share(dev_logits[-1], target):.1%}", flush=True)
    logits = torch.stack(dev_logits).mean(0)
    temperature = temperature_of(logits, target)
    print(f"together: dev {right_share(logits, target):.1%}, temperature {temperature:.2f}")
    torch.save({"runs": runs, "temperature": temperature}, args.work / "intent.pt")


if __name__ == "__main__":
    main()
