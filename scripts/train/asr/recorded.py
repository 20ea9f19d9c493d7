"""Human recordings that training may use: toned syllables joined into sentences, digits, words, telephone prompts.

All at 8 kHz float32, read once from the archives of DATA_DIR/audio (README there names sources and licences) and kept
in WORK_DIR/recorded.npz. The human test clips (asr_*_clips.zip) are not here: they are tests only.
"""
import csv
import io
import subprocess
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from pypinyin import Style, lazy_pinyin

from channel import LINE_HZ, trimmed
from text import heldout

HELD_OUT_SPEAKERS = ("s16", "s17", "yweweler")  # of the words and of the digits
WINDOW, SEARCH = 160, 40  # WSOLA: 20 ms windows, 5 ms of search


def _decoded(data, name):
    """Any sound file -> float32 8 kHz (sox)."""
    raw = subprocess.run(["sox", "-t", name.rsplit(".", 1)[1], "-", "-t", "f32", "-r", str(LINE_HZ), "-c", "1", "-"],
                         input=data, capture_output=True, check=True).stdout
    wave, _ = trimmed(np.frombuffer(raw, np.float32))
    return wave / max(1e-4, np.abs(wave).max()) * 0.5


def _members(archive, suffixes=(".mp3", ".flac", ".wav")):
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist()):
            if name.endswith(suffixes):
                yield name, opened.read(name)


def rooms(data_dir):
    """Recordings of places: [float32 8 kHz]."""
    return [_decoded(data, name) for name, data in _members(Path(data_dir) / "audio" / "noise.zip")]


def _manifest(archive):
    with zipfile.ZipFile(archive) as opened:
        return {row["file"]: row for row in csv.DictReader(io.StringIO(opened.read("manifest.tsv").decode("utf-8")), delimiter="\t")}


def collect(data_dir, path):
    """Writes recorded.npz: names `kind|label|speaker|n`."""
    audio, waves = Path(data_dir) / "audio", {}
    for name, data in _members(audio / "audio_cmn_syllables.zip"):
        waves[f"syllable|{name[4:-4]}|anne|0"] = _decoded(data, name)
    for name, data in _members(audio / "audio_cmn_words.zip"):
        waves[f"word zh|{name[4:-4]}|anne|0"] = _decoded(data, name)
    words = _manifest(audio / "dspspeech_words_zh_en.zip")
    for name, data in _members(audio / "dspspeech_words_zh_en.zip"):
        row = words[name]
        if row["speaker"] not in HELD_OUT_SPEAKERS:
            lang = "zh" if "一" <= row["word"][0] <= "鿿" else "en"
            waves[f"word {lang}|{row['word']}|{row['speaker']}|0"] = _decoded(data, name)
    for name, data in _members(audio / "fsdd_digits_en_8k.zip"):
        digit, speaker, n = name[:-5].split("_")
        if speaker not in HELD_OUT_SPEAKERS:
            waves[f"digit|{digit}|{speaker}|{n}"] = _decoded(data, name)
    prompts = _manifest(audio / "telephone_prompts_en_8k.zip")
    for name, data in _members(audio / "telephone_prompts_en_8k.zip"):
        text = heldout.normalise(prompts[name]["transcript"], "en") if name in prompts else ""
        if text and len(text.split()) <= 24 and float(prompts[name]["seconds"]) < 8.5:
            waves[f"prompt|{text}|allison|0"] = _decoded(data, name)
    np.savez(path, **{key: (wave * 32767).astype(np.int16) for key, wave in waves.items()})


def paced(wave, factor):
    """WSOLA: the wave `factor` times faster at the same pitch."""
    hop = WINDOW // 2
    count = int(len(wave) / factor / hop)
    if count < 3:
        return wave
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    padded = np.concatenate([np.zeros(SEARCH, np.float32), wave, np.zeros(WINDOW + 2 * SEARCH, np.float32)])
    out, at = np.zeros(hop * (count + 1), np.float32), SEARCH
    for k in range(count):
        wanted = int(k * hop * factor) + SEARCH
        if k:
            follows = padded[at + hop:at + hop + WINDOW]
            around = padded[max(0, wanted - SEARCH):wanted + SEARCH + WINDOW]
            if len(follows) == WINDOW and len(around) > WINDOW:
                wanted = max(0, wanted - SEARCH) + int(np.correlate(around, follows, "valid").argmax())
        at = wanted
        piece = padded[at:at + WINDOW]
        if len(piece) < WINDOW:
            break
        out[k * hop:k * hop + WINDOW] += piece * window
    return out


class Recorded:
    """What of WORK_DIR/recorded.npz can be said."""

    def __init__(self, work, data_dir):
        path = Path(work) / "recorded.npz"
        if not path.exists():
            collect(data_dir, path)
        self.syllables, self.digits, self.words, self.prompts = {}, defaultdict(lambda: defaultdict(list)), defaultdict(list), []
        with np.load(path) as archive:
            for key in archive.files:
                kind, label, speaker, _ = key.split("|")
                wave = archive[key].astype(np.float32) / 32768
                if kind == "syllable":
                    self.syllables[label] = wave
                elif kind == "digit":
                    self.digits[speaker][label].append(wave)
                elif kind == "prompt":
                    self.prompts.append((label, wave))
                else:
                    self.words[kind[5:]].append((heldout.normalise(label, kind[5:]), wave))

    def sentence(self, line, rng):
        """(wave, spans in samples) of a Mandarin line from single syllables, or None when one is missing."""
        names = lazy_pinyin(line, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, v_to_u=False)
        if len(names) != len(line):
            return None
        pace, pieces, spans, place = rng.uniform(1.35, 2.3), [], [], 0
        for k, name in enumerate(names):
            name = name if name in self.syllables else name[:-1] + ("1" if name.endswith("5") else name[-1])
            if name not in self.syllables:
                return None
            light = rng.uniform(1.15, 1.5) if names[k].endswith("5") else 1.0
            wave = paced(self.syllables[name], pace * light * rng.uniform(0.88, 1.12))
            wave = trimmed(wave)[0] * rng.uniform(0.7, 1.1) / light
            if len(wave) < 400:
                return None
            overlap = min(rng.randrange(40, 240), place, len(wave) // 3)
            fade = np.linspace(0, 1, overlap, dtype=np.float32)
            wave = wave.copy()
            if overlap:
                wave[:overlap] *= fade
                pieces[-1][-overlap:] *= fade[::-1]
                wave[:overlap] += pieces[-1][-overlap:]
                pieces[-1] = pieces[-1][:-overlap]
            start = place - overlap
            pieces.append(wave)
            place = start + len(wave)
            spans.append((start, place))
        return np.concatenate(pieces), spans

    def other(self, rng):
        """(lang, text, wave): digits one by one, a word, a telephone prompt."""
        kind = rng.random()
        if kind < 0.45:
            return ("en", *rng.choice(self.prompts))
        if kind < 0.6:
            lang = rng.choice(("zh", "en"))
            return (lang, *rng.choice(self.words[lang]))
        speaker = rng.choice(sorted(self.digits))
        digits = [rng.choice("0123456789") for _ in range(rng.randrange(1, 12))]
        pieces = []
        for digit in digits:
            pieces += [rng.choice(self.digits[speaker][digit]), np.zeros(rng.randrange(0, 1200), np.float32)]
        return "en", " ".join(heldout.EN_DIGITS[d] for d in digits), np.concatenate(pieces)
