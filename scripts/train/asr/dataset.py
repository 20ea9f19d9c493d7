"""Shards on disk -> batches. The generator may still be writing: new shards are picked up as they appear.

A batch: mel [B, 80, T] float32, tokens_in and tokens_out [B, L] (-100 is not scored), phones and syllables
[B, T/2] class of each 20 ms (-100 not known), guide [B, L, T/2] bool: frames where the token is spoken.
"""
import json
import random
from pathlib import Path

import numpy as np
import torch

from text import heldout
from model import AUDIO_CTX, EOT, LANGUAGE, NO_TIMESTAMPS, PHONES_MAX, SOT, SYLLABLES_MAX, TRANSCRIBE

PROMPT = 4  # tokens before the first one of the text
GUIDE_SLACK = 2  # encoder frames around a character that its attention may use


class ClassTable(dict):
    """Names to class numbers in order of arrival, 0 reserved for silence; what does not fit is -100."""

    def __init__(self, size, names=()):
        super().__init__((name, i + 1) for i, name in enumerate(names))
        self.size = size

    def number(self, name):
        if name not in self and len(self) + 1 < self.size:
            self[name] = len(self) + 1
        return self.get(name, -100)


def syllables_of(line, lang):
    """What the syllable head names for each unit: pinyin with tone, or the English word."""
    if lang == "en":
        return line.split()
    from pypinyin import Style, lazy_pinyin
    names = lazy_pinyin(line, style=Style.TONE3, neutral_tone_with_five=True)
    return names if len(names) == len(line) else [""] * len(line)


class Shard:
    """One shard without what crosses the held-out lines: those may be newer than the recordings."""

    HELD = {lang: heldout.held_out(lang) for lang in LANGUAGE}

    def __init__(self, path, vocabulary, phones, syllables):
        stored = json.loads(path.read_text("utf-8"))
        stem = str(path)[:-len(".json")]
        self.mel = np.load(stem + ".mel.npy", mmap_mode="r")
        phone_numbers = np.array([0] + [phones.number(name) for name in stored["phones"]] + [-100] * 256, np.int64)
        self.phones = phone_numbers[np.load(stem + ".phone.npy")]
        self.items = []
        mel_at = phone_at = 0
        for fields in stored["utterances"]:
            frames, line, lang = fields["frames"], fields["text"], fields["lang"]
            try:
                ids, owners = vocabulary.encode(line, lang)
            except KeyError:
                ids = None
            if ids is not None and len(ids) < 60 and not self.HELD[lang].crosses(line):
                names = [syllables.number(name) if name else -100 for name in syllables_of(line, lang)]
                for k, (one, next_one) in enumerate(zip(fields["spans"], fields["spans"][1:])):
                    if one == next_one:  # a pinyin word: its syllables share a span
                        names[k] = names[k + 1] = -100
                self.items.append({**fields, "ids": ids, "owners": owners, "names": names, "mel_at": mel_at, "phone_at": phone_at})
            mel_at += frames
            phone_at += -(-frames // 2)

    def batches(self, rng, frames_max, seconds_max):
        """Lists of items of similar length, at most `frames_max` mel frames each, in random order."""
        items = sorted((i for i in self.items if i["frames"] <= seconds_max * 100), key=lambda i: (i["frames"] // 8, rng.random()))
        out, batch = [], []
        for item in items:
            if batch and (item["frames"] + 40) * (len(batch) + 1) > frames_max:
                out.append(batch)
                batch = []
            batch.append(item)
        out.append(batch)
        rng.shuffle(out)
        return out


class Pool:
    """Chooses the next shard: an unread one if there is one, else the least read."""

    def __init__(self, folder, vocabulary, phones, syllables):
        self.folder, self.vocabulary = Path(folder), vocabulary
        self.phones, self.syllables = ClassTable(PHONES_MAX, phones), ClassTable(SYLLABLES_MAX, syllables)
        self.shards, self.reads = {}, {}

    def next_index(self, rng):
        for path in self.folder.glob("*.json"):
            self.reads.setdefault(int(path.stem), 0)
        least = min(self.reads.values())
        return rng.choice(sorted(i for i, n in self.reads.items() if n == least))

    def open(self, index):
        self.reads[index] = self.reads.get(index, 0) + 1
        if index not in self.shards:
            self.shards[index] = Shard(self.folder / f"{index:05}.json", self.vocabulary, self.phones, self.syllables)
        return self.shards[index]


def collate(shard, batch, rng: random.Random, token_noise=0.0, vocabulary_size=0):
    """Tensors of one batch, augmented: level, tail padding, masked bands and times, wrong input tokens."""
    frames = min(2 * AUDIO_CTX, (max(i["frames"] for i in batch) + rng.randrange(12, 48) + 7) // 8 * 8)
    length = max(len(i["ids"]) for i in batch) + PROMPT
    mel = np.empty((len(batch), frames, 80), np.float32)
    tokens_in = np.full((len(batch), length), EOT, np.int64)
    tokens_out = np.full((len(batch), length), -100, np.int64)
    phones = np.zeros((len(batch), frames // 2), np.int64)
    syllables = np.zeros((len(batch), frames // 2), np.int64)
    guide = np.zeros((len(batch), length, frames // 2), bool)
    for k, item in enumerate(batch):
        shift = rng.uniform(-0.12, 0.12)  # ±5 dB
        count = min(frames, item["frames"])
        mel[k] = item["pad"]
        mel[k, :count] = np.maximum(item["floor"] + shift + shard.mel[item["mel_at"]:item["mel_at"] + count] / np.float32(127.5), item["pad"])
        width = rng.randrange(0, 11)
        start = rng.randrange(0, 80 - width)
        mel[k, :, start:start + width] = item["pad"]
        width = rng.randrange(0, max(1, min(12, count // 10)))
        start = rng.randrange(0, count - width)
        mel[k, start:start + width] = item["pad"]
        ids = item["ids"]
        end = PROMPT + len(ids)
        tokens_in[k, :PROMPT] = SOT, LANGUAGE[item["lang"]], TRANSCRIBE, NO_TIMESTAMPS
        tokens_in[k, PROMPT:end] = [rng.randrange(6, vocabulary_size) if rng.random() < token_noise else i for i in ids]
        tokens_out[k, PROMPT - 1:end - 1] = ids
        tokens_out[k, end - 1] = EOT
        half = min(frames // 2, -(-count // 2))
        phones[k, :half] = shard.phones[item["phone_at"]:item["phone_at"] + half]
        if not item["spans"] and item["text"]:
            syllables[k] = -100
        for (start, stop), name in zip(item["spans"], item["names"]):
            syllables[k, start:stop] = name
        if item["spans"]:
            for j, owner in enumerate(item["owners"]):
                start, stop = item["spans"][owner]
                guide[k, PROMPT - 1 + j, max(0, start - GUIDE_SLACK):stop + GUIDE_SLACK] = True
    return (torch.from_numpy(mel).transpose(1, 2).contiguous(), *map(torch.from_numpy, (tokens_in, tokens_out, phones, syllables, guide)))
