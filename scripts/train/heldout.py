#!/usr/bin/env python3
"""What training never sees: held-out sentences and held-out voices.

Held out are every utterance of `text/blind/*.tsv`, every `text` of `eval/*.jsonl` at the repository's root, every `say`
of `scripts/demo/{zh,en}.toml`, and the espeak-ng variants in HELD_OUT_VOICES. Everyone who trains loads the labelled
text by `labelled_lines()`, or asks `HeldOut.crosses()` about text of any other source.

A training line crosses when, after `normalise()`, its edit distance to a held-out line of at least
5 characters (zh) or 4 words (en) is at most 0.2 of the longer one's length. Shorter held-out lines
(你好, "yes please") are what everybody says: allowed on both sides, and counted.

Run as a script it proves it and exits 1 on any crossing. Standard library only.
"""
import json
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
BLIND_DIR = HERE / "text" / "blind"
TRAIN_DIR = HERE / "text" / "train"
EVAL_DIR = HERE.parents[1] / "eval"
DEMO_FILES = {"zh": HERE.parent / "demo" / "zh.toml", "en": HERE.parent / "demo" / "en.toml"}

LENGTH_MIN = {"zh": 5, "en": 4}  # characters, words: below it a line is a universal utterance
DISTANCE_MAX = 0.2  # of the longer line's length

HELD_OUT_VOICES = (
    "f2", "m3", "klatt4", "belinda", "steph2", "iven3", "zac", "Annie", "Michael", "pablo", "max", "Andrea",
)
# espeak-ng's variants without the whispering, robotic and distorted ones and without the held-out ones
TRAINING_VOICES = (
    "Alex", "Alicia", "Andy", "AnxiousAndy", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo", "Jacky",
    "Lee", "Marco", "Mario", "Mike", "Mr serious", "Nguyen", "adam", "anika", "antonio", "aunty", "benjamin",
    "boris", "caleb", "david", "ed", "edward", "edward2", "f1", "f3", "f4", "f5", "grandma", "grandpa",
    "gustave", "iven", "iven2", "iven4", "john", "kaukovalta", "klatt", "klatt2", "klatt3", "klatt5", "klatt6",
    "linda", "m1", "m2", "m4", "m5", "m6", "m7", "m8", "marcelo", "michel", "miguel", "norbert", "paul",
    "pedro", "quincy", "rob", "robert", "sandro", "shelby", "steph", "steph3", "travis", "victor",
)

ZH_DIGITS = dict(zip("0123456789", "零一二三四五六七八九"))
EN_DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split()))
PAUSE = re.compile(r"\|\s*\d+\s*\|")  # |650| in the demo files: a pause of 650 ms


def normalise(text, lang):
    """zh: characters without punctuation or spaces; en: lower-case words with apostrophes. Digits are spelled."""
    text = PAUSE.sub(" ", text)
    if lang == "zh":
        text = "".join(ZH_DIGITS.get(c, c) for c in text)
        return "".join(c for c in text if c.isalnum()).lower()
    text = "".join(f" {EN_DIGITS[c]} " if c in EN_DIGITS else c for c in text.lower().replace("’", "'"))
    words = (w.strip("'") for w in re.sub(r"[^\w']+", " ", text).split())
    return " ".join(w for w in words if w)


def units(normalised, lang):
    """What distances count: characters (zh) or words (en)."""
    return tuple(normalised) if lang == "zh" else tuple(normalised.split())


def edit_distance(a, b, limit):
    """Levenshtein distance of two sequences, or limit + 1 as soon as it must exceed `limit`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
        if min(row) > limit:
            return limit + 1
    return row[-1]


class HeldOut:
    """The held-out lines of one language, with an exact index for near copies.

    A line within k edits of a held-out line cut into k + 1 pieces holds one piece unchanged
    (pigeonhole), so only lines that share a piece need a distance.
    """

    def __init__(self, lang, lines):
        self.lang = lang
        self.lines = sorted({normalise(line, lang) for line in lines} - {""})
        self.short = {line for line in self.lines if len(units(line, lang)) < LENGTH_MIN[lang]}
        self.by_piece = defaultdict(set)
        for line in self.lines:
            if line in self.short:
                continue
            whole = units(line, lang)
            # a line 1/(1-d) longer is the longest that can be near: it allows the most edits
            pieces = int(DISTANCE_MAX * len(whole) / (1 - DISTANCE_MAX)) + 1
            cuts = [len(whole) * i // pieces for i in range(pieces + 1)]
            for start, end in zip(cuts, cuts[1:]):
                self.by_piece[whole[start:end]].add(whole)
        self.piece_lengths = sorted({len(piece) for piece in self.by_piece})

    def crosses(self, text):
        """The held-out line of which `text` is a copy or a near copy, or None."""
        line = units(normalise(text, self.lang), self.lang)
        tried = set()
        for length in self.piece_lengths:
            for start in range(len(line) - length + 1):
                for held in self.by_piece.get(line[start:start + length], ()):
                    if held not in tried:
                        tried.add(held)
                        limit = int(DISTANCE_MAX * max(len(line), len(held)))
                        if edit_distance(line, held, limit) <= limit:
                            return ("" if self.lang == "zh" else " ").join(held)
        return None


def read_rows(path):
    """(label, utterance, act) of each line of a labelled file, `label<TAB>utterance[<TAB>act]`; the act may be unknown."""
    rows = ([*line.split("\t"), ""][:3] for line in path.read_text("utf-8").splitlines() if "\t" in line)
    rows = ([part.strip() for part in row] for row in rows)
    return [(label, text, "unknown" if act in ("", "-") else act) for label, text, act in rows if not label.startswith("#")]


def read_tsv(path):
    """(action, utterance) of each line of a labelled file."""
    return [(label, text) for label, text, _ in read_rows(path)]


def blind_lines(lang):
    """(action, utterance) of the blind files of one language."""
    return [row for path in sorted(BLIND_DIR.glob(f"{lang}*.tsv")) for row in read_tsv(path)]


def eval_lines(lang):
    """The `text` of every object of the evaluation sets that is of this language, by its `lang` or else by its letters."""
    found = []
    for path in sorted(EVAL_DIR.glob("*.jsonl")):
        for line in filter(str.strip, path.read_text("utf-8").splitlines()):
            row = json.loads(line)
            text = row.get("text") if isinstance(row, dict) else None
            if isinstance(text, str) and row.get("lang", "zh" if re.search("[一-鿿]", text) else "en") == lang:
                found.append(text)
    return found


def demo_lines(lang):
    """Every `say` of the demo file of one language, pauses included, in order."""
    def walk(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "say":
                    yield from [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)]
                else:
                    yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)
    path = DEMO_FILES[lang]
    return list(walk(tomllib.loads(path.read_text("utf-8")))) if path.exists() else []


def held_out(lang):
    """The HeldOut index of one language over the blind files, the evaluation sets and the demo."""
    return HeldOut(lang, [text for _, text in blind_lines(lang)] + eval_lines(lang) + demo_lines(lang))


def labelled_lines(lang, held=None):
    """(action, utterance) of the training files of one language, near copies of held-out lines dropped."""
    held = held or held_out(lang)
    rows = (row for path in sorted(TRAIN_DIR.glob(f"{lang}*.tsv")) for row in read_tsv(path))
    return [(action, text) for action, text in rows if not held.crosses(text)]


def spoken_lines(lang):
    """(label, utterance) of what else is said on the telephone: agents, announcements, feelings, pauses."""
    held = held_out(lang)
    rows = (row for path in sorted(TRAIN_DIR.glob(f"*-{lang}.tsv")) for row in read_tsv(path))
    return [(label, text) for label, text in rows if not held.crosses(text)]


def crossings_by_brute_force(lang, held_lines, lines):
    """Near copies found without the index: every pair whose lengths and letters allow it."""
    found = []
    held = [(u, set(u)) for u in (units(line, lang) for line in held_lines) if len(u) >= LENGTH_MIN[lang]]
    for text in lines:
        line = units(normalise(text, lang), lang)
        letters = set(line)
        for other, other_letters in held:
            limit = int(DISTANCE_MAX * max(len(line), len(other)))
            if abs(len(line) - len(other)) > limit or len(other_letters - letters) > limit:
                continue
            if len(letters - other_letters) <= limit and edit_distance(line, other, limit) <= limit:
                found.append((text, "".join(other) if lang == "zh" else " ".join(other)))
    return found


def main():
    crossings = 0
    for lang in ("zh", "en"):
        held = held_out(lang)
        written = [row for path in sorted(TRAIN_DIR.glob("*.tsv")) if lang in path.stem.split("-") for row in read_tsv(path)]
        kept = [row for row in written if not held.crosses(row[1])]
        found = crossings_by_brute_force(lang, held.lines, sorted({text for _, text in kept}))
        shared = held.short & {normalise(text, lang) for _, text in kept}
        print(f"{lang}: held out {len(held.lines)} lines ({len(blind_lines(lang))} blind, "
              f"{len(eval_lines(lang))} eval, {len(demo_lines(lang))} demo), "
              f"training lines {len(kept)} of {len(written)} written ({len(written) - len(kept)} dropped as near copies), "
              f"universal short utterances on both sides {len(shared)}, crossings {len(found)}")
        for text, other in found[:20]:
            print(f"  crossing: {text!r} ~ {other!r}")
        crossings += len(found)
    voices = set(HELD_OUT_VOICES) & set(TRAINING_VOICES)
    print(f"voices: {len(TRAINING_VOICES)} in training, {len(HELD_OUT_VOICES)} held out, in both {len(voices)} {sorted(voices)}")
    return 1 if crossings or voices else 0


if __name__ == "__main__":
    sys.exit(main())
