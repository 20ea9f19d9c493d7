"""Text for the intent model: labelled utterances with a fixed dev split, and unlabelled dialogue.

Labelled text comes through `heldout.labelled_lines()` only, so nothing near a blind or demo line is ever seen.
"""
import csv
import hashlib
import io
import json
import sys
import tomllib
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts" / "train"))
import heldout  # noqa: E402

LANGS = ("zh", "en")
DEV_SHARE = 0.1
SPLIT_SEED = 66
CHARS_MAX = 120  # a longer line of the unlabelled corpora is cut

TAXONOMY = tomllib.loads((ROOT / "models" / "taxonomy.toml").read_text("utf-8"))["action"]
ACTIONS = [action["id"] for action in TAXONOMY]
SCENE_OF = {action["id"]: action["scene"] for action in TAXONOMY}


class Line(NamedTuple):
    lang: str
    action: str
    text: str


def split():
    """(train, dev): a tenth of each action and language is drawn for dev by hash; what is nearly said elsewhere stays in train."""
    train, dev = [], []
    for lang in LANGS:
        distinct = {heldout.normalise(text, lang): Line(lang, action, text) for action, text in heldout.labelled_lines(lang)}
        by_action = defaultdict(list)
        for key in sorted(distinct):
            by_action[distinct[key].action].append(distinct[key])
        unknown = set(by_action) - set(ACTIONS)
        if unknown:
            raise SystemExit(f"{lang}: actions that the taxonomy lacks: {sorted(unknown)}")
        drawn, rest = [], []
        for action in sorted(by_action):
            lines = sorted(by_action[action], key=lambda line: hashlib.sha256(f"{SPLIT_SEED} {line.text}".encode()).digest())
            count = round(len(lines) * DEV_SHARE)
            drawn += lines[:count]
            rest += lines[count:]
        near = heldout.HeldOut(lang, [line.text for line in rest])
        for line in drawn:
            (train if near.crosses(line.text) else dev).append(line)
        train += rest
    return train, dev


def blind():
    """The blind lines: for the last report only."""
    return [Line(lang, action, text) for lang in LANGS for action, text in heldout.blind_lines(lang)]


def unlabelled(data_dir):
    """(lang, text, label): dialogue of other sources; the label is that source's own (an intent, a dialogue act) or None."""
    folder = Path(data_dir) / "text"
    rows = []
    with zipfile.ZipFile(folder / "dialog_zh_crosswoz.zip") as outer:
        for name in outer.namelist():
            with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                for dialogue in json.loads(inner.read(inner.namelist()[0])).values():
                    rows += [("zh", message["content"], None) for message in dialogue["messages"]]
    with zipfile.ZipFile(folder / "emotion_zh_cped.zip") as archive:
        table = io.StringIO(archive.read("cped_test.csv").decode("utf-8-sig"))
        rows += [("zh", row["Utterance"], f"cped {row['DA']}") for row in csv.DictReader(table)]
    with zipfile.ZipFile(folder / "intent_en_train.zip") as archive:
        for name in ("banking77_train.csv", "hwu64_kfold1_train_intents.csv"):
            table = csv.reader(io.StringIO(archive.read(name).decode("utf-8")))
            rows += [("en", row[0], f"{name[:4]} {row[1]}") for row in table if len(row) == 2 and row[0] != "text"]
        clinc = json.loads(archive.read("clinc150_data_full.json"))
        rows += [("en", text, f"clinc {label}") for part in ("train", "oos_train") for text, label in clinc[part]]
    held = {lang: heldout.held_out(lang) for lang in LANGS}
    rows = sorted({(lang, text.strip()[:CHARS_MAX], label or "") for lang, text, label in rows if text.strip()})
    return [(lang, text, label or None) for lang, text, label in rows if not held[lang].crosses(text)]
