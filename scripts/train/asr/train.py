"""Trains the recogniser on the shards of synth.py. Resumable; the schedule follows the wall clock.

    train.py WORK_DIR --until 13:15 [--world 2 --rank 0|1]

With --world 2 two single-thread processes share each step (gloo), which beats one process of two threads
on a busy machine. The learning rate is flat, then falls linearly to nothing at --until, however much
computing time the machine gave; with a later --until it starts anew from the weights that are there.
WORK_DIR/checkpoint.pt holds weights, averaged weights and optimisers.
"""
import argparse
import datetime
import os
import random
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F

from dataset import Pool, collate
from model import AuxiliaryHeads, Whisper
from muon import Muon, split_parameters
from vocab import Vocabulary

WARMUP_STEPS, FLAT_SHARE = 150, 0.35
SHORT_STEPS, SHORT_SECONDS = 250, 2.0  # the first steps see short utterances only
LABEL_SMOOTHING, TOKEN_NOISE, GUIDE_WEIGHT = 0.05, 0.06, 0.25
AVERAGE_DECAY = 0.998
SEED = 20


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("--until", required=True, help="HH:MM today, when the learning rate reaches nothing")
    parser.add_argument("--name", default="checkpoint")
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--world", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--port", type=int, default=29655)
    parser.add_argument("--frames", type=int, default=4400, help="mel frames in a batch of one process")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--lr", type=float, default=2e-3, help="AdamW")
    parser.add_argument("--lr-muon", type=float, default=0.02, help="0: AdamW for everything")
    parser.add_argument("--checkpoint-s", type=float, default=120)
    return parser.parse_args()


def losses(model, heads, batch):
    """The decoder's loss, the frame losses and the attention guide; figures for the log."""
    mel, tokens_in, tokens_out, phones, syllables, guide = batch
    with torch.autocast("cpu", torch.bfloat16):
        states, middle = model.encoder(mel)
        logits, crossed = model.decoder(tokens_in, states, weights_wanted=True)
    logits, crossed = logits.float(), [weights.float() for weights in crossed]
    text = F.cross_entropy(logits.flatten(0, 1), tokens_out.flatten(), ignore_index=-100, label_smoothing=LABEL_SMOOTHING)
    some = (torch.rand(syllables.shape) < 0.5) & (syllables >= 0)  # half the frames teach as well as all
    with torch.autocast("cpu", torch.bfloat16):
        early, last, named = heads.phones_middle(middle), heads.phones_last(states), heads.syllables(states[some])
    early, last, named = early.float().flatten(0, 1), last.float().flatten(0, 1), named.float()
    frames = F.cross_entropy(early, phones.flatten(), ignore_index=-100)
    frames = frames + F.cross_entropy(last, phones.flatten(), ignore_index=-100)
    frames = frames + F.cross_entropy(named, syllables[some])
    guided = guide.any(-1)
    on_place = sum(((weights[:, 0] * guide).sum(-1)[guided] + 1e-4).log().sum() for weights in crossed)
    attention = -on_place / (len(crossed) * guided.sum().clamp(min=1))  # a batch may hold no speech
    with torch.no_grad():
        spoken, scored = phones.flatten() > 0, tokens_out >= 6
        figures = [text, (last.argmax(-1) == phones.flatten())[spoken].float().mean(),
                   (named.argmax(-1) == syllables[some])[syllables[some] > 0].float().mean().nan_to_num(),
                   (logits.argmax(-1) == tokens_out)[scored].float().mean(), attention]
    return text + frames + GUIDE_WEIGHT * attention, torch.stack([f.detach() for f in figures])


def share_gradients(params, world):
    flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).flatten() for p in params])
    dist.all_reduce(flat)
    flat /= world
    at = 0
    for p in params:
        p.grad = flat[at:at + p.numel()].view_as(p)
        at += p.numel()


def from_rank_0(values, world):
    """Everyone goes by rank 0's numbers."""
    shared = torch.tensor(values, dtype=torch.float64)
    if world > 1:
        dist.broadcast(shared, 0)
    return shared.tolist()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    if args.world > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=args.rank, world_size=args.world)
    vocabulary = Vocabulary(args.work / "vocab.json")
    model, heads = Whisper(len(vocabulary), args.width), AuxiliaryHeads(args.width)
    matrices, decayed, free = split_parameters(model, heads)
    if not args.lr_muon:
        matrices, decayed = [], decayed + matrices
    adam = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02}, {"params": free, "weight_decay": 0.0}], lr=args.lr, betas=(0.9, 0.98))
    optimisers = [adam] + ([Muon(matrices, args.lr_muon)] if matrices else [])
    params = decayed + free + matrices
    average = {k: v.clone() for k, v in model.state_dict().items()}
    counts = torch.zeros(len(vocabulary), dtype=torch.int64)
    step = seen = 0
    began, phones, syllables = time.time(), (), ()
    path = args.work / f"{args.name}.pt"
    if path.exists():
        stored = torch.load(path)
        model.load_state_dict(stored["model"])
        heads.load_state_dict(stored["heads"])
        for optimiser, state in zip(optimisers, stored["optimisers"]):
            optimiser.load_state_dict(state)
        average, counts, step, seen, began = (stored[k] for k in ("average", "counts", "step", "seen", "began"))
        phones, syllables = stored["phones"], stored["syllables"]
        if stored.get("until") != args.until:
            began = time.time()
    pool = Pool(args.work / "shards", vocabulary, phones, syllables)
    until = datetime.datetime.combine(datetime.date.today(), datetime.time.fromisoformat(args.until)).timestamp()
    torch.manual_seed(SEED + 1 + args.rank + step)  # the choice of frames differs by process
    shard_rng, augment_rng = random.Random(SEED + step), random.Random(SEED + 1 + step * args.world + args.rank)

    def save():
        stored = {"model": model.state_dict(), "heads": heads.state_dict(), "optimisers": [o.state_dict() for o in optimisers],
                  "average": average, "counts": counts, "step": step, "seen": seen, "began": began, "width": args.width,
                  "phones": list(pool.phones), "syllables": list(pool.syllables), "until": args.until, "cpu_s": time.process_time() * args.world}
        torch.save(stored, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    model.train()
    figures, logged, logged_seen, saved = [], time.time(), seen, time.time()
    while time.time() < until:
        index, = from_rank_0([pool.next_index(shard_rng) if args.rank == 0 else 0], args.world)
        shard = pool.open(int(index))
        seconds_max = SHORT_SECONDS if step < SHORT_STEPS else 100
        order, = from_rank_0([shard_rng.randrange(1 << 30)], args.world)
        batches = shard.batches(random.Random(order), args.frames, seconds_max)
        for turn in range(len(batches) // args.world):
            share, = from_rank_0([(time.time() - began) / (until - began)], args.world)
            if share >= 1 or (step < SHORT_STEPS) != (seconds_max < 100):
                break
            pace = min(1, (step + 1) / WARMUP_STEPS, max(0.0, 1 - share) / (1 - FLAT_SHARE))
            for optimiser, rate in zip(optimisers, (args.lr, args.lr_muon)):
                for group in optimiser.param_groups:
                    group["lr"] = rate * pace
            items = batches[turn * args.world + args.rank]
            batch = collate(shard, items, augment_rng, TOKEN_NOISE, len(vocabulary))
            loss, measured = losses(model, heads, batch)
            for optimiser in optimisers:
                optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if args.world > 1:
                share_gradients(params, args.world)
            torch.nn.utils.clip_grad_norm_(decayed + free, 1.0)
            for optimiser in optimisers:
                optimiser.step()
            step += 1
            for group in batches[turn * args.world:(turn + 1) * args.world]:
                seen += len(group)
                for item in group:
                    counts[item["ids"]] += 1
            figures.append(measured)
            if args.rank == 0:
                decay = min(AVERAGE_DECAY, (1 + step) / (20 + step))
                for name, value in model.state_dict().items():
                    average[name].lerp_(value, 1 - decay)
                if step % 50 == 0:
                    now, mean = time.time(), torch.stack(figures).mean(0).tolist()
                    print(f"{(now - began) / 60:.1f} min, step {step}, {seen} utterances ({(seen - logged_seen) / (now - logged):.0f}/s), "
                          f"pace {pace:.2f}, shards {len(pool.reads)}, loss {mean[0]:.3f}, phones {mean[1]:.3f}, syllables {mean[2]:.3f}, "
                          f"tokens {mean[3]:.3f}, attention {mean[4]:.2f}", flush=True)
                    figures, logged, logged_seen = [], now, seen
                if time.time() - saved > args.checkpoint_s:
                    save()
                    saved = time.time()
            elif len(figures) > 100:
                figures = []
    if args.rank == 0:
        save()
        print(f"done: {step} steps, {seen} utterances, {(time.time() - began) / 60:.1f} min", flush=True)
    if args.world > 1:
        dist.barrier()


if __name__ == "__main__":
    main()
