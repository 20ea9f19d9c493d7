"""Temperatures and thresholds of an exported model, chosen on dev."""
import json
import subprocess
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

import corpus
import tokens
from corpus import HEADS

NEUTRAL = {"obj_stop_calling": 0.5, "request_human": 0.5, "accept": 0.5, "violation": 0.5, "violation_cued": 0.5, "emotion": 0.4,
           "announcement": 0.9, "person": 0.5, "completeness": 0.7}
FALSE_BINDING_MAX = 0.005  # of other lines, for a lower threshold of each binding wish
FALSE_ACCEPT_MAX = 0.005
FALSE_VIOLATION_MAX = 0.03  # of innocent agents' lines, by phrases and model together
CLASS_STEP = 1.0  # by how much, in log odds, a class may differ from the others
FALSE_MACHINE_MAX = 0.003
CUT_OFF_MAX = 0.05  # of unfinished lines, taken for complete


class Model:
    """An exported model by ONNX Runtime on one thread."""

    def __init__(self, lang, folder):
        self.tokenizer = Tokenizer.from_file(str(folder / f"text.{lang}.tokenizer.json"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / f"text.{lang}.onnx"), options)

    def probabilities(self, lines):
        """head -> probabilities [lines, classes]."""
        encodings = self.tokenizer.encode_batch([line.text for line in lines])
        rows = [self.session.run(None, {"ids": np.array(tokens.sequence(e, line.role, line.act), np.int64)})[0] for e, line in zip(encodings, lines)]
        rows, found, start = np.array(rows).reshape(len(lines), -1), {}, 0
        for head, classes in HEADS.items():
            found[head] = rows[:, start:start + len(classes)]
            start += len(classes)
        return found


def tempered(probabilities, temperature):
    powered = np.maximum(probabilities, 1e-9) ** (1 / temperature)
    return powered / powered.sum(1, keepdims=True)


def temperature_of(probabilities, wanted):
    """The temperature with the smallest cross entropy; 1 where there is nothing to choose on."""
    if len(wanted) < 50:
        return 1.0
    at = np.arange(len(wanted))
    return float(min(np.arange(0.3, 2.5, 0.02), key=lambda t: -np.log(np.maximum(tempered(probabilities, t)[at, wanted], 1e-9)).mean()))


def lowest(scores, false_max, least, most):
    """The lowest threshold in [least, most] that at most a share `false_max` of these scores reaches."""
    for threshold in np.arange(least, most, 0.01):
        if (scores >= threshold).mean() <= false_max:
            return round(float(threshold), 2)
    return most


def agents_lines(lang):
    """The lines of tests/violations: "class: text" offends, "-class: text" does not. Never trained on, like dev."""
    lines = []
    for path in sorted((corpus.ROOT / "tests" / "violations").glob("*.txt")):
        for row in path.read_text("utf-8").splitlines():
            label, _, text = row.partition(": ")
            if text and not row.startswith("#") and text.isascii() == (lang == "en"):
                lines.append(corpus.Line(lang, "agent", "unknown", text, "violation", "none" if label[0] == "-" else label, path.stem))
    return lines


def ranks(texts):
    """Of each text what src/compliance finds in it: (a certain phrase, a cue). Nothing where cargo is missing."""
    command = ["cargo", "run", "--quiet", "--no-default-features", "--example", "phrases"]
    try:
        told = subprocess.run(command, input="".join(f"{text}\n" for text in texts), text=True, capture_output=True, check=True, cwd=corpus.ROOT).stdout
    except (OSError, subprocess.CalledProcessError) as why:
        print(f"no phrases: {why}", file=sys.stderr)
        return np.zeros((len(texts), 2), bool)
    found = [{phrase["rank"] for phrase in json.loads(line)} for line in told.splitlines()]
    return np.array([("certain" in rank, "cue" in rank) for rank in found], bool)


def of_violations(shares, wanted, said):
    """{name: threshold}: one for the model alone, a lower one where a cue stands in the text, moved by a step for some classes:
    as many violations found as the share of innocents flagged allows."""
    odds = np.log(np.maximum(1 - shares[:, 0], 1e-6) / np.maximum(shares[:, 0], 1e-6))
    likeliest, (certain, cue) = shares[:, 1:].argmax(1), said.T
    offends = wanted > 0

    def best(moved):
        """(recall, threshold, lower threshold) in log odds."""
        own, found = odds - moved[likeliest], (-1.0, 9.0, 9.0)
        for least in np.arange(-2, 7, 0.25):
            for lower in np.arange(-4, least + 0.01, 0.25):
                flagged = certain | (own >= least) | (cue & (own >= lower))
                if flagged[~offends].mean() <= FALSE_VIOLATION_MAX:
                    found = max(found, (flagged[offends].mean(), least, lower))
        return found
    moved = np.zeros(len(HEADS["violation"]) - 1)
    for at in range(len(moved)):
        tries = [np.where(np.arange(len(moved)) == at, step, moved) for step in (-CLASS_STEP, 0, CLASS_STEP)]
        moved = max(tries, key=lambda moved: (round(best(moved)[0], 3), -abs(moved[at])))
    recall, least, lower = best(moved)
    print(f"violations: recall {recall:.1%} of {offends.sum()} at {FALSE_VIOLATION_MAX:.0%} of {(~offends).sum()} innocents, "
          f"certain phrases alone {certain[offends].mean():.1%} at {certain[~offends].mean():.1%}")

    def share(odds):
        return round(float(1 / (1 + np.exp(-odds))), 4)
    found = {"violation": share(least), "violation_cued": share(lower)}
    for step, name in zip(moved, HEADS["violation"][1:]):
        if step:
            found |= {f"violation.{name}": share(least + step), f"violation_cued.{name}": share(lower + step)}
    return found


def calibrated(lang, folder):
    """({head: temperature}, {name: threshold}) of the model exported with neutral ones."""
    _, dev = corpus.split(lang)
    model, temperatures, thresholds = Model(lang, folder), {}, dict(NEUTRAL)
    tempered_of = {}
    for head, classes in HEADS.items():
        lines = [line for line in dev if line.head == head]
        wanted = np.array([classes.index(line.label) for line in lines], int)
        if len(lines):
            plain = model.probabilities(lines)[head]
            temperatures[head] = round(temperature_of(plain, wanted), 2)
            tempered_of[head] = (tempered(plain, temperatures[head]), wanted, lines)
        else:
            temperatures[head] = 1.0
    if "action" in tempered_of:
        shares, wanted, _ = tempered_of["action"]
        for action in ("obj_stop_calling", "request_human"):
            at = HEADS["action"].index(action)
            # only what another class would have taken is a loss
            others = (wanted != at) & (shares.argmax(1) != at)
            thresholds[action] = lowest(shares[others, at], FALSE_BINDING_MAX, 0.15, 0.5)
        at = HEADS["action"].index("accept")
        taken = (shares.argmax(1) == at) & (wanted != at)
        scores = np.where(taken, shares[:, at], 0)[wanted != at]
        thresholds["accept"] = lowest(scores, FALSE_ACCEPT_MAX, 0.4, 0.8)
    if "violation" in tempered_of:
        shares, wanted, _ = tempered_of["violation"]
        others = agents_lines(lang)
        found = tempered(model.probabilities(others)["violation"], temperatures["violation"])
        wanted = np.concatenate([wanted, [HEADS["violation"].index(line.label) for line in others]])
        said = ranks([line.text for line in (*tempered_of["violation"][2], *others)])
        thresholds |= of_violations(np.concatenate([shares, found]), wanted, said)
    if "completeness" in tempered_of:
        shares, wanted, _ = tempered_of["completeness"]
        at = HEADS["completeness"].index("complete")
        unfinished = shares[wanted == HEADS["completeness"].index("incomplete")]
        thresholds["completeness"] = lowest(np.where(unfinished.argmax(1) == at, unfinished[:, at], 0), CUT_OFF_MAX, 0.5, 0.9)
    if "announcement" in tempered_of:
        shares, wanted, _ = tempered_of["announcement"]
        human = HEADS["announcement"].index("human")
        customers = [line._replace(role="line", act="unknown") for line in dev if line.head == "action" and line.label != "machine"]
        others = tempered(model.probabilities(customers)["announcement"], temperatures["announcement"])
        thresholds["announcement"] = max(lowest(1 - found[:, human], FALSE_MACHINE_MAX, 0.5, 0.98) for found in (others, shares[wanted == human]))
    return temperatures, thresholds
