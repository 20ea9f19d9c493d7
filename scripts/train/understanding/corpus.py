"""Text for the text models: labelled lines with a fixed dev split, and the dialogue of other sources.

Files of text/train, tab separated:
    {zh,en}-WRITER.tsv            action, what a customer says[, the agent's act before it]
    agent[-WRITER]-{zh,en}.tsv    violation class or none, what an agent says
    emotion[-WRITER]-{zh,en}.tsv  emotion, what a customer says
    line[-WRITER]-{zh,en}.tsv     announcement class, what answers a call
    pause[-WRITER]-{zh,en}.tsv    how the words end, what a customer says before a pause
Nothing near a held-out line is ever seen: `heldout.py`.
"""
import csv
import hashlib
import io
import json
import os
import sys
import tomllib
import zipfile
from collections import Counter, defaultdict
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
VIOLATIONS = ["none", "false_promise", "absolute_claim", "guaranteed_return", "inducement", "concealment", "threat", "insult",
              "privacy_leak", "impersonation", "disparagement", "over_collection", "persistence"]
EMOTIONS = ["calm", "impatient", "angry", "interested", "confused"]
ANNOUNCEMENTS = ["dead", "suspended", "off", "unreachable", "busy", "assistant", "barred", "screener", "no_answer", "human"]
COMPLETENESS = ["complete", "incomplete", "backchannel", "wait"]
HEADS = {"action": ACTIONS, "violation": VIOLATIONS, "emotion": EMOTIONS, "announcement": ANNOUNCEMENTS,
         "completeness": COMPLETENESS}
ROLES = ("customer", "agent", "line")
ACTS = ("unknown", "greet", "tell", "ask", "ask_yesno", "ask_open", "offer", "confirm", "answer", "bye")
# which files hold which head's labels, and who speaks in them
KINDS = {"action": ("{lang}-*.tsv", "customer"), "violation": ("agent-*{lang}.tsv", "agent"), "emotion": ("emotion-*{lang}.tsv", "customer"),
         "announcement": ("line-*{lang}.tsv", "line"), "completeness": ("pause-*{lang}.tsv", "customer")}
PAIRED = ("agent-c-", "agent-d-")  # files written in pairs, a violation and its innocent counterpart
EXTRA = os.environ.get("TEXT_EXTRA")  # a further folder of such files, as while they are being written


class Line(NamedTuple):
    """A text and its one label: `head` says of what."""
    lang: str
    role: str
    act: str
    text: str
    head: str
    label: str
    source: str
    twin: str = ""  # the line it was written against, a violation and its innocent counterpart: they share their fate


def labelled(lang):
    """Every labelled line of a language that is not near a held-out one; one with an unknown label is named and left out."""
    held = heldout.held_out(lang)
    lines = [line for line in campaign_lines(lang) if not held.crosses(line.text)]
    folders = [heldout.TRAIN_DIR, *([Path(EXTRA)] if EXTRA else [])]
    for head, (pattern, role) in KINDS.items():
        known = set(HEADS[head])
        for path in sorted({p.name: p for folder in folders for p in folder.glob(pattern.format(lang=lang))}.values()):
            rows = heldout.read_rows(path)
            twins = twins_of(rows) if path.stem.startswith(PAIRED) else {}
            for at, (label, text, act) in enumerate(rows):
                if label not in known or act not in ACTS:
                    print(f"{path.name}: unknown {label!r} or {act!r}: {text}", file=sys.stderr)
                elif text and not held.crosses(text):
                    lines.append(Line(lang, role, act, text, head, label, path.stem, twins.get(at, "")))
    return lines


def twins_of(rows):
    """index -> the first line of its pair: a violation and an innocent line one after the other, as their writers left them."""
    found, at = {}, 0
    while at + 1 < len(rows):
        if (rows[at][0] == "none") != (rows[at + 1][0] == "none"):
            found[at] = found[at + 1] = rows[at][1]
            at += 1
        at += 1
    return found


def campaign_lines(lang):
    """What the agent of our own campaigns says: innocent, and never dev."""
    spoken = {"say", "ask", "notice", "silence", "unclear", "confirm_opt_out"}

    def walk(node, said):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == lang or key not in LANGS:
                    yield from walk(value, said or key in spoken)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value, said)
        elif isinstance(node, str) and said and len(node) > 4:
            yield node
    files = sorted((ROOT / "campaigns").glob("**/*.toml"))
    texts = {text for path in files for text in walk(tomllib.loads(path.read_text("utf-8")), False)}
    return [Line(lang, "agent", "unknown", text, "violation", "none", "campaigns") for text in sorted(texts)]


def drawn_for_dev(line):
    """A line's own hash decides, so that more lines change nothing for the others; that of a pair's first for both."""
    if line.source == "campaigns":
        return False
    digest = hashlib.sha256(f"{SPLIT_SEED} {line.twin or line.text}".encode()).digest()
    return int.from_bytes(digest[:4]) < DEV_SHARE * 2**32


def agreed(lang, lines):
    """Each text once in each moment, by the label that most of its writers gave it, or else the first."""
    said = defaultdict(list)
    for line in lines:
        said[line.head, line.act, heldout.normalise(line.text, lang)].append(line)
    for same in said.values():
        counts = Counter(line.label for line in same)
        yield max(same, key=lambda line: counts[line.label])


def split(lang, without=None):
    """(train, dev): a tenth of the lines is drawn by hash, and kept for dev if nothing like it is left in train.
    With `without`, a file's stem, that whole file is drawn and nothing else."""
    drawn, rest = [], []
    for line in agreed(lang, labelled(lang)):
        (drawn if (drawn_for_dev(line) if without is None else line.source == without) else rest).append(line)
    near = heldout.HeldOut(lang, [line.text for line in rest])
    said = {(line.label, heldout.normalise(line.text, lang)) for line in rest}
    dev = [line for line in drawn
           if not near.crosses(line.text) and (line.label, heldout.normalise(line.text, lang)) not in said]
    if without is None:
        kept = set(dev)
        rest += [line for line in drawn if line not in kept]
    return rest, dev


def crosswoz(folder):
    """(who, text) of CrossWOZ: hotels, restaurants and sights, asked for by `usr` and told by `sys`."""
    with zipfile.ZipFile(folder / "dialog_zh_crosswoz.zip") as outer:
        for name in outer.namelist():
            with zipfile.ZipFile(io.BytesIO(outer.read(name))) as inner:
                for dialogue in json.loads(inner.read(inner.namelist()[0])).values():
                    yield from ((message["role"], message["content"]) for message in dialogue["messages"])


def innocent_agents(lang, data_dir):
    """What agents of other sources say: innocent."""
    folder = Path(data_dir) / "text"
    if lang != "zh" or not folder.is_dir():
        return []
    held = heldout.held_out(lang)
    texts = sorted({text.strip()[:CHARS_MAX] for who, text in crosswoz(folder) if who == "sys" and len(text) > 4})
    return [Line(lang, "agent", "unknown", text, "violation", "none", "crosswoz") for text in texts if not held.crosses(text)]


def dialogue(lang, data_dir):
    """(text, label): dialogue of other sources; the label is that source's own (an intent, a dialogue act) or None."""
    folder, rows = Path(data_dir) / "text", []
    if not folder.is_dir():
        return rows
    if lang == "zh":
        rows += [(text, None) for _, text in crosswoz(folder)]
        with zipfile.ZipFile(folder / "emotion_zh_cped.zip") as archive:
            table = io.StringIO(archive.read("cped_test.csv").decode("utf-8-sig"))
            rows += [(row["Utterance"], f"cped {row['DA']} {row['Emotion']}") for row in csv.DictReader(table)]
    else:
        with zipfile.ZipFile(folder / "intent_en_train.zip") as archive:
            for name in ("banking77_train.csv", "hwu64_kfold1_train_intents.csv"):
                table = csv.reader(io.StringIO(archive.read(name).decode("utf-8")))
                rows += [(row[0], f"{name[:4]} {row[1]}") for row in table if len(row) == 2 and row[0] != "text"]
            clinc = json.loads(archive.read("clinc150_data_full.json"))
            rows += [(text, f"clinc {label}") for part in ("train", "oos_train") for text, label in clinc[part]]
    held = heldout.held_out(lang)
    rows = sorted({(text.strip()[:CHARS_MAX], label or "") for text, label in rows if text.strip()})
    return [(text, label or None) for text, label in rows if not held.crosses(text)]
