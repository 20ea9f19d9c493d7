#!/usr/bin/env python3
"""Stage `emotion`, first half: calls of acted speech, and how `callwright hear` finds their turns spoken.

    calls.py WORK DATA CALLWRIGHT     -> WORK/calls/*.wav, WORK/turns.jsonl

Berlin EmoDB (German, acted), from DATA/audio/emodb_de.zip: six actors, for of the ten that its manifest lists the archive at
hand holds no more. A call is one actor on one telephone line (band, level,
noise, codec: asr/channel.py): none to six calm turns, so that the baseline is known more or less, then two turns of any emotion.
What EmoDB has not is shaped from its neutral sentences by sox: impatient is 10 to 45% faster, up to two semitones higher and
4 dB louder; confused is 5 to 30% slower, with one or two pauses and a rise at the end. Others of its emotions (boredom,
disgust, fear, sadness) are turns too, under their own names: what the model takes them for is told, not taught, but boredom,
which is taught as calm.
"""
import csv
import json
import random
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from scipy.io import wavfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "asr"))
import channel  # noqa: E402

HZ = 8000
CALLS = 30  # a speaker
CALM = ("neutral", "boredom")
TARGETS = ("neutral", "boredom", "anger", "happiness", "impatient", "confused")
OTHERS = ("disgust", "fear", "sadness")
SHAPED = 3  # each neutral sentence, each way
SHORT_SHARE, SHORT_S = 0.25, (0.8, 1.8)


def sound(path, *effects):
    """float32 8 kHz."""
    command = ["sox", "-R", str(path), "-t", "f32", "-c", "1", "-", *effects, "rate", str(HZ)]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, np.float32)


def impatient(path, _seconds, rng):
    effects = ["tempo", "-s", f"{rng.uniform(1.1, 1.45):.2f}", "pitch", f"{rng.uniform(0, 200):.0f}"]
    return sound(path, *effects) * 10 ** (rng.uniform(0, 4) / 20)


def confused(path, seconds, rng):
    rise = ["bend", f"{max(seconds - 0.4, 0.05):.2f},{rng.uniform(150, 500):.0f},0.3"]
    wave = sound(path, *rise, "tempo", "-s", f"{rng.uniform(0.7, 0.95):.2f}")
    for _ in range(rng.choice((1, 1, 2))):
        frames = wave[:len(wave) // 160 * 160].reshape(-1, 160)
        first, last = len(frames) // 5, len(frames) * 4 // 5
        quietest = first + int((frames[first:last] ** 2).sum(1).argmin())
        pause = np.zeros(int(rng.uniform(0.15, 0.4) * HZ), np.float32)
        wave = np.concatenate([wave[:quietest * 160], pause, wave[quietest * 160:]])
    return wave


def clips(folder, rng):
    """speaker -> emotion -> [sound], each near natural: a little faster or slower, higher or lower, louder or softer."""
    found = {}
    with open(folder / "manifest.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            path = folder / row["file"]
            if not path.exists():
                continue
            mine = found.setdefault(row["speaker"], {})
            natural = ["tempo", "-s", f"{rng.uniform(0.95, 1.05):.3f}", "pitch", f"{rng.uniform(-30, 30):.0f}"]
            mine.setdefault(row["emotion"], []).append(sound(path, *natural) * 10 ** (rng.uniform(-1, 1) / 20))
            if row["emotion"] == "neutral":
                for shape in (impatient, confused):
                    shaped = [shape(path, float(row["seconds"]), rng) for _ in range(SHAPED)]
                    mine.setdefault(shape.__name__, []).extend(shaped)
    return found


def call(clips_of, rng):
    """(sound, [(emotion, from_ms, to_ms)])"""
    emotions = [rng.choice(CALM) for _ in range(rng.choice((0, 0, 1, 2, 3, 4, 6)))]
    emotions += [rng.choice(OTHERS if rng.random() < 0.1 else TARGETS) for _ in range(2)]
    parts, turns, at = [np.zeros(HZ // 2, np.float32)], [], HZ // 2
    for emotion in emotions:
        if not clips_of.get(emotion):
            continue
        wave = rng.choice(clips_of[emotion])
        if rng.random() < SHORT_SHARE:
            wave = wave[:int(rng.uniform(*SHORT_S) * HZ)]
        silence = np.zeros(int(rng.uniform(0.9, 1.4) * HZ), np.float32)
        turns.append((emotion, at * 1000 // HZ, (at + len(wave)) * 1000 // HZ))
        parts += [wave, silence]
        at += len(wave) + len(silence)
    return np.concatenate(parts), turns


def make(work, data):
    """Writes the calls, and WORK/calls.json: file -> [speaker, [[emotion, from_ms, to_ms]]]."""
    rng, numpy_rng = random.Random(6), np.random.default_rng(6)
    folder, calls, known = work / "emodb", work / "calls", {}
    calls.mkdir(parents=True, exist_ok=True)
    zipfile.ZipFile(data / "audio" / "emodb_de.zip").extractall(folder)
    for speaker, clips_of in sorted(clips(folder, rng).items()):
        for n in range(CALLS):
            wave, turns = call(clips_of, rng)
            path = calls / f"{speaker}-{n}.wav"
            wavfile.write(path, 2 * HZ, (channel.transmit(wave, rng, numpy_rng).clip(-1, 1) * 32767).astype(np.int16))
            known[str(path)] = speaker, turns
    (work / "calls.json").write_text(json.dumps(known), "utf-8")


def hear(work, callwright):
    """Writes WORK/turns.jsonl: a turn as the agent hears it, and whose and what it is."""
    known = json.loads((work / "calls.json").read_text("utf-8"))
    files = list(known)
    with ThreadPoolExecutor(2) as cores:
        def half(files):
            return subprocess.run([callwright, "hear", "--json", *files], check=True, capture_output=True, text=True).stdout
        heard = "".join(cores.map(half, (files[::2], files[1::2])))
    lost = 0
    with open(work / "turns.jsonl", "w", encoding="utf-8") as out:
        for line in map(json.loads, heard.splitlines()):
            speaker, turns = known[line["file"]]
            for n, (emotion, from_ms, to_ms) in enumerate(turns):
                mine = [s for s in line["speech"] if from_ms - 200 <= s["from_ms"] and s["to_ms"] <= to_ms + 400]
                if not mine or mine[-1]["manner"] is None:
                    lost += 1
                    continue
                row = {"speaker": speaker, "call": line["file"], "turn": n, "emotion": emotion, **mine[-1]}
                out.write(json.dumps(row) + "\n")
    print(f"{len(known)} calls; {lost} turns were not found, or too short to tell")


def main(work, data, callwright):
    if not (Path(work) / "calls.json").exists():
        make(Path(work), Path(data))
    hear(Path(work), callwright)


if __name__ == "__main__":
    main(*sys.argv[1:])
