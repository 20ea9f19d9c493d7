#!/usr/bin/env python3
"""Stage `text`: all heads of a language from its pre-trained encoder, on augmented lines.

A run (a seed) leaves WORK/LANG/run-SEED.pt, the exponential average of its weights; one that is there is not repeated.
With `--teachers`, those runs' mean probabilities are the target too: the run distils them, on unlabelled dialogue as well.
`--begin RUN` starts from a run's weights instead of the pre-trained encoder: enough where lines were only added.
`--without STEM` leaves out one writer's file and reports on it: what a new voice gets.
"""
import argparse
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

import corpus
import tokens
from corpus import HEADS, Line
from mishear import Mishearing
from network import OUTPUTS, SLICES, TextModel
from pretrain import batches, encoder_for, padded
from unfinished import Unfinished

TOKENS_A_BATCH = 2048
LEARNING_RATE = {"zh": 8e-4, "en": 2e-4}
NEW_TIMES = 5  # the heads of a pre-trained English encoder learn faster than it
WARM_SHARE, WEIGHT_DECAY, LABEL_SMOOTHING = 0.06, 0.02, 0.1
AVERAGE_EVERY, AVERAGE_DECAY = 4, 0.99  # steps; of the average at each
HEAD_WEIGHT = {"action": 1.0, "violation": 1.5, "emotion": 0.5, "announcement": 0.7, "completeness": 0.7}
COSTLY = {"obj_stop_calling": 2.0, "request_human": 2.0,  # a miss costs most
          "incomplete": 1.9}  # there are fewer of them drawn than of whole lines
# lines an epoch, besides every labelled one
PEOPLE_ON_LINE, FOREIGN, INNOCENT_CUSTOMERS, INNOCENT_AGENTS, UNLABELLED = 600, 400, 600, 600, 6000
UNFINISHED, OTHER_DIALOGUE, READ_OUT = 12000, 1500, 600
OTHER_CHARS_MAX = 60
SELDOM_TIMES = {"violation": 3, "emotion": 2, "announcement": 2, "completeness": 3}  # how often an epoch sees the small sets
WHOLE_AS = {"backchannel": "backchannel", "hold_on": "wait"}  # what a whole line of an action is, but "complete"
TRAILS_OFF = re.compile(r"(…|\.\.\.|—|-)\s*$")
FOREIGN_SOURCE = "foreign"
SHARP = {"abuse", "complain", "obj_scam", "obj_bad_history"}  # customers' lines that may hold a violation themselves


def targets_of(line):
    """Class index for each head, -1 where nothing is known."""
    found = np.full(len(HEADS), -1, np.int64)
    heads = list(HEADS)
    found[heads.index(line.head)] = HEADS[line.head].index(line.label)
    if line.head == "action" and line.label == "abuse":
        found[heads.index("emotion")] = HEADS["emotion"].index("angry")
        found[heads.index("violation")] = HEADS["violation"].index("insult")
    if line.role == "customer" and line.head in ("action", "emotion") and line.source != FOREIGN_SOURCE and not TRAILS_OFF.search(line.text):
        found[heads.index("completeness")] = HEADS["completeness"].index(WHOLE_AS.get(line.label, "complete"))
    return found


def foreign_lines(lang, data_dir):
    """Dialogue of other sources that is certainly about something else."""
    subjects = ("alarm", "audio", "cooking", "iot", "lists", "music", "play", "qa", "news", "weather", "transport", "recommendation", "takeaway")
    lines = []
    for text, label in corpus.dialogue(lang, data_dir):
        if lang == "en":
            fits = label and (label.split()[-1] == "oos" or label.startswith("hwu6 ") and label[5:].split("_")[0] in subjects)
        else:
            fits = label and label.startswith("cped statement") and 6 <= len(text) <= 25
        if fits:
            lines.append(Line(lang, "customer", "unknown", text, "action", "out_of_scope", FOREIGN_SOURCE))
    return lines


class Epochs:
    """The drawn lines of each epoch, as (ids, targets)."""

    def __init__(self, lang, lines, tokenizer, data_dir, seed, distils):
        self.lang, self.tokenizer, self.random = lang, tokenizer, random.Random(seed)
        self.mishearing = Mishearing(lang, lines, seed)
        self.lines = lines
        self.actions = [line for line in lines if line.head == "action"]
        self.foreign, self.agents = foreign_lines(lang, data_dir), corpus.innocent_agents(lang, data_dir)
        dialogue = corpus.dialogue(lang, data_dir)
        self.unlabelled = [text for text, _ in dialogue] if distils else []
        # CPED's utterances are subtitles, cut anywhere
        self.others = [Line(lang, "customer", "unknown", text, "completeness", "complete", "") for text, label in dialogue
                       if len(text) <= OTHER_CHARS_MAX and not (label or "").startswith("cped")]
        self.unfinished = Unfinished(lang, [line for line in lines if line.head != "completeness"] + self.others, self.mishearing, seed)

    def draw(self):
        rows = []
        for line in self.lines:
            for _ in range(SELDOM_TIMES.get(line.head, 1)):
                rows.append((self.mishearing.draw(line), targets_of(line)))
        choices, heads = self.random.choices, list(HEADS)

        def row(text, role, head, label):
            line = Line(self.lang, role, "unknown", text, head, label, "")
            rows.append((line, targets_of(line)))
        for line in (*self.random.sample(self.foreign, min(FOREIGN, len(self.foreign))),
                     *self.random.sample(self.agents, min(INNOCENT_AGENTS, len(self.agents)))):
            rows.append((self.mishearing.draw(line), targets_of(line)))
        broken = [self.unfinished.draw(line) for line in choices(self.actions, k=UNFINISHED)]
        if self.others:
            broken += [self.unfinished.draw(line) for line in choices(self.others, k=OTHER_DIALOGUE)]
            broken += [self.mishearing.draw(line) for line in choices(self.others, k=OTHER_DIALOGUE)]
        broken += [self.unfinished.draw_read_out() for _ in range(READ_OUT)]
        rows += [(line, targets_of(line)) for line in broken]
        for line in choices(self.actions, k=PEOPLE_ON_LINE):
            if line.label != "machine":
                row(self.mishearing.draw(line).text, "line", "announcement", "human")
        for line in choices(self.actions, k=INNOCENT_CUSTOMERS):
            if line.label not in SHARP:
                row(self.mishearing.draw(line).text, "customer", "violation", "none")
        for text in choices(self.unlabelled, k=UNLABELLED) if self.unlabelled else []:
            line = Line(self.lang, self.random.choice(corpus.ROLES), "unknown", text, "action", "out_of_scope", "")
            rows.append((self.mishearing.draw(line), np.full(len(heads), -1, np.int64)))
        encodings = self.tokenizer.encode_batch([line.text for line, _ in rows])
        return [(tokens.sequence(encoding, line.role, line.act), target) for encoding, (line, target) in zip(encodings, rows)]


def logits_of(model, tokenizer, lines):
    """Logits [lines, OUTPUTS], in order."""
    model.eval()
    ids = [tokens.sequence(encoding, line.role, line.act)
           for encoding, line in zip(tokenizer.encode_batch([line.text for line in lines]), lines)]
    order, result = sorted(range(len(ids)), key=lambda i: len(ids[i])), torch.empty(len(ids), OUTPUTS)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 128):
            part = order[start:start + 128]
            result[part] = model(torch.from_numpy(padded([ids[i] for i in part]))).float()
    model.train()
    return result


def report(name, logits, dev):
    """One line: the share right of each head."""
    shares = []
    for head, classes in HEADS.items():
        mine = [i for i, line in enumerate(dev) if line.head == head]
        if mine:
            wanted = torch.tensor([classes.index(dev[i].label) for i in mine])
            right = (logits[mine][:, SLICES[head]].argmax(1) == wanted).float()
            shares.append(f"{head} {right.mean():.1%} of {len(mine)}")
            acted = torch.tensor([dev[i].act != "unknown" for i in mine])
            if acted.any():
                shares.append(f"(with an act {right[acted].mean():.1%} of {int(acted.sum())})")
    print(f"{name}: {', '.join(shares)}", flush=True)


def report_breaks(model, tokenizer, unfinished, dev):
    """How well dev lines that are broken off are told from whole ones by the `completeness` head: the area under the curve."""
    wholes = [line for line in dev if line.head == "action"]
    over = []
    for lines in (wholes, [unfinished.draw(line) for line in wholes]):
        shares = logits_of(model, tokenizer, lines)[:, SLICES["completeness"]].softmax(-1)
        over.append(shares[:, 0] + shares[:, 2])
    whole, broken = over
    area = torch.searchsorted(broken.sort().values, whole).float().mean() / len(broken)
    taken = (broken >= whole.quantile(0.08)).float().mean()
    print(f"broken off or whole: area {area:.3f}; of {len(broken)} broken off {taken:.1%} seem as whole as 92% of the whole")


def supervised(logits, targets, costs):
    """Sum over the heads of the smoothed cross entropy of what is known."""
    loss = 0
    for at, head in enumerate(HEADS):
        known = targets[:, at] >= 0
        if known.any():
            weight = costs.get(head)
            found = F.cross_entropy(logits[known][:, SLICES[head]], targets[known, at], weight, label_smoothing=LABEL_SMOOTHING, reduction="none")
            loss = loss + HEAD_WEIGHT[head] * found.sum() / len(targets)
    return loss


def agreement(logits, others, targets=None):
    """How far the heads' probabilities are from `others`' (R-drop and distillation), all heads by their weight."""
    loss = 0
    for head, part in SLICES.items():
        log, other = logits[:, part].log_softmax(-1), others[:, part]
        divergence = (other * (other.clamp_min(1e-8).log() - log)).sum(-1)
        loss = loss + HEAD_WEIGHT[head] * divergence.mean()
    return loss


def probabilities(logits):
    return torch.cat([logits[:, part].softmax(-1) for part in SLICES.values()], -1)


def train(model, epochs, teachers, lang, args):
    """Trains until the budget of CPU seconds is spent, and leaves the averaged weights in the model."""
    costs = {head: torch.tensor([COSTLY.get(label, 1.0) for label in HEADS[head]]) for head in ("action", "completeness")}
    new = {id(p) for p in model.head.parameters()}
    groups = [{"params": [p for p in model.parameters() if id(p) not in new], "times": 1},
              {"params": list(model.head.parameters()), "times": NEW_TIMES if lang == "en" else 1}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.98), fused=True)
    average = {name: value.clone() for name, value in model.state_dict().items()}
    order, step, epoch, queue, lost = random.Random(args.seed), 0, 0, [], []
    begun = time.process_time(), time.monotonic()
    while (share := max((time.process_time() - begun[0]) / args.cpu_seconds, (time.monotonic() - begun[1]) / args.seconds)) < 1:
        if not queue:
            drawn = epochs.draw()
            queue, epoch = batches([len(ids) for ids, _ in drawn], order, args.tokens_a_batch), epoch + 1
        batch = queue.pop()
        for group in optimizer.param_groups:
            group["lr"] = args.lr * group["times"] * min(1, share / WARM_SHARE + 0.01) * (1 - share)
        ids, targets = torch.from_numpy(padded([drawn[i][0] for i in batch])), torch.from_numpy(np.stack([drawn[i][1] for i in batch]))
        twice = args.rdrop > 0
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(torch.cat([ids, ids]) if twice else ids).float()
        loss = supervised(logits, torch.cat([targets, targets]) if twice else targets, costs)
        if twice:
            one, two = logits.chunk(2)
            loss = loss + args.rdrop * (agreement(one, probabilities(two)) + agreement(two, probabilities(one))) / 2
        if teachers:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                wanted = torch.stack([probabilities(teacher(ids).float()) for teacher in teachers]).mean(0)
            loss = loss + args.distil * agreement(logits, torch.cat([wanted, wanted]) if twice else wanted)
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
            print(f"{lang} seed {args.seed}, step {step}, epoch {epoch}, {share:.0%}, loss {np.mean(lost):.3f}", flush=True)
            lost = []
    print(f"{step} steps, {epoch} epochs")
    model.load_state_dict(average)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lang", choices=corpus.LANGS)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "text")
    parser.add_argument("--cpu-seconds", type=float, default=900)
    parser.add_argument("--seconds", type=float, default=5400, help="on a busy machine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="the run's name; run-SEED if not given")
    parser.add_argument("--begin", type=Path, help="a run's weights to start from")
    parser.add_argument("--teachers", nargs="*", default=[], help="names of runs to distil")
    parser.add_argument("--distil", type=float, default=1.0)
    parser.add_argument("--rdrop", type=float, default=0.0)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--dropout", type=float, default=0.3)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--tokens-a-batch", type=int, default=TOKENS_A_BATCH)
    parser.add_argument("--without", help="the stem of a writer's file to leave out and report on")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    lang, work = args.lang, args.work / args.lang
    args.lr = args.lr or LEARNING_RATE[lang]
    done = work / f"{args.out or f'run-{args.seed}'}.pt"
    lines, dev = corpus.split(lang, args.without)
    tokenizer, encoder = encoder_for(lang, work)
    if args.layers:
        encoder.blocks = encoder.blocks[:args.layers]
    print(f"{lang}: {len(lines)} training lines, {len(dev)} dev lines", flush=True)
    model = TextModel(encoder, dropout=args.dropout)
    epochs = Epochs(lang, lines, tokenizer, args.data, args.seed, bool(args.teachers))
    if args.begin:
        model.load_state_dict(torch.load(args.begin))
    if not done.exists():
        teachers = []
        for name in args.teachers:
            teachers.append(TextModel(encoder_for(lang, work)[1]).eval())
            teachers[-1].load_state_dict(torch.load(work / f"{name}.pt"))
        train(model, epochs, teachers, lang, args)
        torch.save(model.state_dict(), done)
    model.load_state_dict(torch.load(done))
    report(done.stem, logits_of(model, tokenizer, dev), dev)
    report_breaks(model, tokenizer, epochs.unfinished, dev)


if __name__ == "__main__":
    main()
