"""Synthetic telephone speech: text -> espeak-ng -> channel -> log-mel shards with exact labels.

A shard NNNNN is three files: `.mel.npy` uint8 [frames, 80] (value = floor + byte / 127.5), `.phone.npy`
uint8 [encoder frames] (index into `phones`, 0 silence), and, written last, `.json`: {"phones": [...],
"utterances": [{lang, text, frames, floor, pad, spans}]}; spans: [start, end) encoder frames (20 ms) of each
character or word, empty when espeak's words could not be told apart.

    synth.py OUT_DIR DATA_DIR FIRST_SHARD SHARDS [UTTERANCES]
"""
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from pypinyin import Style, lazy_pinyin

import channel
import espeak
import features
import flite
import recorded
import text as texts
import vocab
from text import heldout

BLOCK = 100  # utterances a forked child makes
SECONDS_MAX = 9.2
SYLLABLES_SHARE, FLITE_SHARE, RECORDED_SHARE = 0.14, 0.22, 0.025  # of zh, of en, of all
UNKNOWN = 255  # phone class of a frame whose phone nobody knows


def zh_spelling(line, rng):
    """(what espeak reads, characters a word event covers): characters, spaced pinyin or pinyin words."""
    kind = rng.random()
    if kind < 0.5:
        return line, 1
    syllables = [s.replace("v", "ü") for s in lazy_pinyin(line, style=Style.TONE3, neutral_tone_with_five=True)]
    if len(syllables) != len(line):
        return line, 1
    if kind < 0.8:
        return " ".join(syllables), 1
    return " ".join("".join(syllables[i:i + 2]) for i in range(0, len(syllables), 2)), 2


def say(line, lang, variant, rng, rate_wpm=None):
    """(wave, phones [(sample, name)], word spans [(start, end)] in samples, one for each unit)."""
    group = 1
    if lang == "zh":
        spelling, group = zh_spelling(line, rng)
        voice = espeak.ZH_VOICE
        rate_wpm = rate_wpm or round(rng.triangular(120, 290, 180))
    else:
        spelling, voice = line, rng.choice(espeak.EN_VOICES)
        rate_wpm = rate_wpm or round(rng.triangular(120, 240, 170))
    spelling += rng.choice(("", "", ".", "?", ",", "!"))
    wave, events = espeak.speak(spelling, f"{voice}+{variant}", rate_wpm, rng.randrange(5, 95), rng.randrange(15, 90),
                                rng.choice((0, 0, 0, 0, 1, 3)))
    phones = [(at, name) for at, name in events if name is not None]
    starts = [at for at, name in events if name is None]
    ends = starts[1:] + [len(wave)]
    units = len(heldout.units(line, lang))
    if len(starts) != -(-units // group):
        return wave, phones, []
    return wave, phones, [(starts[i // group], ends[i // group]) for i in range(units)]


def human_part(part, lang, human, rng):
    """A part said by another than espeak-ng: (wave at its own rate, rate, phones or None, spans), or None."""
    if lang == "zh" and rng.random() < SYLLABLES_SHARE:
        said = human.sentence(part, rng)
        return said and (said[0], channel.LINE_HZ, said[1])
    if lang == "en" and rng.random() < FLITE_SHARE:
        return flite.speak(part, rng.choice(flite.VOICES), rng.triangular(0.65, 1.25, 0.9), rng.uniform(80, 220)), flite.RATE_HZ, []
    return None


def utterance(lang, parts, variant, rng, numpy_rng, rate_wpm=None, human=None):
    """One recording: (audio 16 kHz, phones [(seconds, name)] or None, spans [(seconds, seconds)])."""
    if not parts:
        return channel.nothing(rng, numpy_rng), [], []
    speed = rng.triangular(0.83, 1.2, 1.0)
    said = human and len(parts) == 1 and human_part(parts[0], lang, human, rng)
    if said:
        return framed(*said, speed, rng, numpy_rng)
    pieces = [np.zeros(int(rng.uniform(0.10, 0.40) * channel.LINE_HZ), np.float32)]
    place, phones, spans, whole = len(pieces[0]), [], [], True
    for k, part in enumerate(parts):
        wave, part_phones, part_spans = say(part, lang, variant, rng, rate_wpm)
        scale = channel.LINE_HZ / espeak.RATE_HZ / speed
        wave, cut = channel.trimmed(channel.to_line_rate(wave, espeak.RATE_HZ, speed))
        seconds = lambda at: (place + min(max(at * scale - cut, 0), len(wave))) / channel.LINE_HZ
        phones += [(seconds(at), name) for at, name in part_phones] + [((place + len(wave)) / channel.LINE_HZ, "_")]
        spans += [(seconds(start), seconds(end)) for start, end in part_spans]
        whole &= bool(part_spans)
        last = k == len(parts) - 1
        gap = rng.uniform(0.30, 0.90) if not last else rng.uniform(0.06, 0.20) if rng.random() < 0.5 else rng.uniform(0.20, 0.70)
        pieces += [wave, np.zeros(int(gap * channel.LINE_HZ), np.float32)]
        place += len(wave) + len(pieces[-1])
    line = np.concatenate(pieces)
    if np.abs(line).max() < 0.02 or len(line) < channel.LINE_HZ * 0.3:
        raise ValueError("espeak-ng said nothing")
    return channel.transmit(line, rng, numpy_rng), phones, spans if whole else []


def framed(wave, rate_hz, spans, speed, rng, numpy_rng):
    """A wave whose phones nobody knows, between silences and through the line."""
    scale = channel.LINE_HZ / rate_hz / speed
    wave, cut = channel.trimmed(channel.to_line_rate(wave, rate_hz, speed))
    lead, tail = rng.uniform(0.10, 0.40), rng.uniform(0.06, 0.7)
    line = np.concatenate([np.zeros(int(lead * channel.LINE_HZ)), wave, np.zeros(int(tail * channel.LINE_HZ))]).astype(np.float32)
    if np.abs(line).max() < 0.02 or len(line) < channel.LINE_HZ * 0.3:
        raise ValueError("nothing was said")
    seconds = lambda at: lead + min(max(at * scale - cut, 0), len(wave)) / channel.LINE_HZ
    return channel.transmit(line, rng, numpy_rng), None, [(seconds(start), seconds(end)) for start, end in spans]


def frame_phones(phones, frames, table):
    """uint8 [encoder frames]: the phoneme that sounds in each 20 ms, 0 in silence."""
    if phones is None:
        return np.full(frames, UNKNOWN, np.uint8)
    out = np.zeros(frames, np.uint8)
    ends = [at for at, _ in phones[1:]] + [0.0]
    for (start, name), end in zip(phones, ends):
        if not name.startswith("_"):
            out[round(start * 50):round(end * 50)] = table.setdefault(name, min(len(table) + 1, UNKNOWN - 1))
    return out


def make_block(sampler, human, rng, numpy_rng):
    """BLOCK utterances as (json fields, mel uint8, phones) in a forked child."""
    made = []
    variants = rng.sample(heldout.TRAINING_VOICES, 12)
    while len(made) < BLOCK:
        lang, parts = sampler.draw(rng)
        try:
            if rng.random() < RECORDED_SHARE:
                lang, line, wave = human.other(rng)
                parts = [line]
                audio, phones, spans = framed(wave, channel.LINE_HZ, [], rng.triangular(0.83, 1.2, 1.0), rng, numpy_rng)
            else:
                audio, phones, spans = utterance(lang, parts, rng.choice(variants), rng, numpy_rng, human=human)
        except ValueError:
            continue
        if len(audio) > SECONDS_MAX * features.SAMPLE_RATE_HZ:
            continue
        mel, pad = features.log_mel(audio)
        floor = float(mel.max() - features.SPAN)
        fields = {"lang": lang, "text": ("" if lang == "zh" else " ").join(parts), "frames": mel.shape[1], "floor": round(floor, 4),
                  "pad": round(float(pad), 4), "spans": [[round(a * 50), max(round(a * 50) + 1, round(b * 50))] for a, b in spans]}
        made.append((fields, np.rint((mel.T - floor) * 127.5).clip(0, 255).astype(np.uint8), phones))
    return made


def make_shard(out, index, count, sampler, human):
    fields, mels, phones, table, crashes = [], [], [], {}, 0
    for block in range(count // BLOCK):
        made, crashed = espeak.in_child(lambda rng, numpy_rng: make_block(sampler, human, rng, numpy_rng), 1 + index * 1009 + block)
        crashes += crashed
        for entry, mel, spoken in made:
            fields.append(entry)
            mels.append(mel)
            phones.append(frame_phones(spoken, -(-len(mel) // 2), table))
    np.save(out / f"{index:05}.mel.npy", np.concatenate(mels))
    np.save(out / f"{index:05}.phone.npy", np.concatenate(phones))
    unfinished = out / f"{index:05}.json.part"
    unfinished.write_text(json.dumps({"phones": list(table), "utterances": fields}, ensure_ascii=False), "utf-8")
    os.replace(unfinished, out / f"{index:05}.json")
    return fields, crashes


def main():
    out, data = Path(sys.argv[1]), sys.argv[2]
    first, shards = int(sys.argv[3]), int(sys.argv[4])
    count = int(sys.argv[5]) if len(sys.argv) > 5 else 5000
    (out / "shards").mkdir(parents=True, exist_ok=True)
    vocab.build(data, out / "vocab.json")
    characters = json.loads((out / "vocab.json").read_text("utf-8"))["tokens"]
    characters = [token for token in characters if "一" <= token[-1] <= "鿿"]
    human = recorded.Recorded(out, data)
    channel.rooms += recorded.rooms(data)
    for index in range(first, first + shards):
        if (out / "shards" / f"{index:05}.json").exists():
            continue
        began = time.time()
        sampler = texts.TextSampler(data, characters)  # anew: the labelled files may have grown
        fields, crashes = make_shard(out / "shards", index, count, sampler, human)
        seconds = sum(f["frames"] for f in fields) / 100
        aligned = sum(bool(f["spans"]) for f in fields) / len(fields)
        print(f"shard {index}: {len(fields)} utterances, mean {seconds / len(fields):.2f} s, {len(fields) / (time.time() - began):.0f}/s, "
              f"aligned {aligned:.2f}, labelled lines {len(sampler.labelled['zh'])} zh {len(sampler.labelled['en'])} en, "
              f"crashed blocks {crashes}", flush=True)


if __name__ == "__main__":
    main()
