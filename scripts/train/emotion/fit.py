#!/usr/bin/env python3
"""Stage `emotion`, second half: WORK/turns.jsonl -> models/emotion.onnx, and what it is worth.

    fit.py WORK [--figures]           --figures prints the means and deviations of src/hearing/baseline.rs and stops

The voice: a small network over the manner of a turn, but for its level: EmoDB's recordings are levelled, so that its anger is not
loud. Words and voice: the logarithms of both probabilities, each weighed, and
a bias a class. The words are dev lines of the text model, which it was not trained on, by models/text.*.onnx as they are: half of them fit, the
other half judges. A turn gets a line of its own emotion, or (one in five) any line: then half the time the words are right,
half the time the voice. Every actor is judged by a model of the others; intervals are of a bootstrap over actors and lines.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "understanding"))
import corpus  # noqa: E402
from calibrate import Model  # noqa: E402
from corpus import EMOTIONS  # noqa: E402
from evaluate import calibration_error  # noqa: E402

IS = {"neutral": "calm", "boredom": "calm", "impatient": "impatient", "anger": "angry", "happiness": "interested", "confused": "confused"}
SHARE = np.array([0.5, 0.125, 0.125, 0.125, 0.125])  # of customers' turns: assumed
HIDDEN, NETWORKS, STEPS, DECAY = 12, 5, 60, 3e-2
UNHEARD = ("level",)
DISAGREE = 0.2
RESAMPLED = 1000


def read(work):
    rows = [json.loads(line) for line in (work / "turns.jsonl").read_text("utf-8").splitlines()]
    names = list(rows[0]["manner"])
    return rows, names, np.array([[row["manner"][name] for name in names] for row in rows], np.float32)


def softmax(logits):
    powered = np.exp(logits - logits.max(-1, keepdims=True))
    return powered / powered.sum(-1, keepdims=True)


def balanced(wanted):
    """A weight a turn, so that the emotions have their assumed shares."""
    return (SHARE / np.maximum(np.bincount(wanted, minlength=5), 1))[wanted].astype(np.float32)


def network(x, wanted, heard):
    """Of the values that are `heard`: (first layer, its bias, second layer, its bias) of several small networks side by side, their logits averaged."""
    parts = []
    for seed in range(NETWORKS):
        torch.manual_seed(seed)
        net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 5))
        optimiser = torch.optim.AdamW(net.parameters(), lr=0.02, weight_decay=DECAY)
        inputs, labels, weights = torch.tensor(x * heard), torch.tensor(wanted), torch.tensor(balanced(wanted))
        for _ in range(STEPS):
            optimiser.zero_grad()
            noisy = inputs + 0.2 * torch.randn_like(inputs) * torch.tensor(heard)
            loss = (torch.nn.functional.cross_entropy(net(noisy), labels, reduction="none") * weights).sum() / weights.sum()
            loss.backward()
            optimiser.step()
        parts.append([p.detach().numpy() for p in net.parameters()])
    first, bias, second, last = zip(*parts)
    return np.concatenate(first).T * heard[:, None], np.concatenate(bias), np.concatenate(second, 1).T / NETWORKS, np.mean(last, 0)


def logits_of(net, x):
    first, bias, second, last = net
    return np.tanh(x @ first + bias) @ second + last


def fitted(loss, start):
    """Parameters at the least loss."""
    values = torch.tensor(np.array(start, np.float32), requires_grad=True)
    optimiser = torch.optim.LBFGS([values], max_iter=200, line_search_fn="strong_wolfe")

    def step():
        optimiser.zero_grad()
        found = loss(values)
        found.backward()
        return found
    optimiser.step(step)
    return values.detach().numpy()


def words():
    """[(probabilities, emotion)] of lines that the text models were not trained on: those that fit, those that judge."""
    halves = ([], [])
    for lang in corpus.LANGS:
        lines = [line for line in corpus.split(lang)[1] if line.head == "emotion"]
        for n, row in enumerate(zip(Model(lang, corpus.ROOT / "models").probabilities(lines)["emotion"], lines)):
            halves[n % 2].append((row[0], EMOTIONS.index(row[1].label)))
    return halves


def joined(wanted, lines, rng):
    """For each turn a line and the emotion that both together are: (index of the line, emotion)."""
    labels = np.array([label for _, label in lines])
    drawn, truth = np.zeros(len(wanted), int), wanted.copy()
    for i, emotion in enumerate(wanted):
        apart = rng.random() < DISAGREE
        drawn[i] = rng.choice(len(lines) if apart else np.flatnonzero(labels == emotion))
        if apart and rng.random() < 0.5:
            truth[i] = labels[drawn[i]]
    return drawn, truth


def log(probabilities):
    return np.log(np.maximum(probabilities, 1e-4)).astype(np.float32)


def fusion(voice, wanted, lines, rng):
    """(weight of the words, weight of the voice, bias of each emotion)"""
    x, v, truth, weights = [], [], [], []
    for _ in range(4):
        drawn, both = joined(wanted, lines, rng)
        x.append(log(np.array([lines[i][0] for i in drawn])))
        v.append(log(voice))
        truth.append(both)
        weights.append(balanced(wanted))
    x, v, truth, weights = (torch.tensor(np.concatenate(part)) for part in (x, v, truth, weights))

    def loss(p):
        return (torch.nn.functional.cross_entropy(p[0] * x + p[1] * v + p[2:], truth, reduction="none") * weights).sum() / weights.sum() \
            + 0.003 * (p[2:] ** 2).sum()
    return fitted(loss, [1, 1, 0, 0, 0, 0, 0])


def together(p, spoken, voice):
    return softmax(p[0] * log(spoken) + p[1] * log(voice) + p[2:])


def judged(rows, voice, wanted, lines, p, rng):
    """Prints what words, voice and both find where they agree, and what the agent would act on."""
    labels = np.array([label for _, label in lines])
    spoken = np.array([probabilities for probabilities, _ in lines])
    names, speakers = np.unique([row["speaker"] for row in rows], return_inverse=True)
    line = np.array([rng.choice(np.flatnonzero(labels == emotion)) for emotion in wanted])
    guesses = {"words": spoken[line], "voice": voice, "both": together(p, spoken[line], voice)}
    right = {name: found.argmax(1) == wanted for name, found in guesses.items()}

    def recalls(correct, weights):
        return [np.average(correct[wanted == e], weights=weights[wanted == e]) for e in range(5)]

    def interval(name, of):
        found = []
        for _ in range(RESAMPLED):
            actors = np.bincount(rng.choice(len(names), len(names)), minlength=len(names))
            chosen = np.bincount(rng.choice(len(lines), len(lines)), minlength=len(lines))
            found.append(of(recalls(right[name], actors[speakers] * (1 if name == "voice" else chosen[line]) + 1e-9)))
        return "[{:.1%}, {:.1%}]".format(*np.percentile(found, (2.5, 97.5)))

    even = np.ones(len(wanted))
    print(f"{len(wanted)} turns, {len(lines)} lines; recall: " + ", ".join(EMOTIONS))
    for name in guesses:
        each = recalls(right[name], even)
        print(f"{name:6} " + " ".join(f"{r:6.1%}" for r in each) + f"; mean {np.mean(each):.1%} {interval(name, np.mean)}, "
              f"as shared {np.dot(SHARE, each):.1%} {interval(name, lambda r: np.dot(SHARE, r))}")
    human = [e for e in (0, 2, 3)]
    for name in guesses:
        print(f"{name:6} human emotions only (calm, angry, interested): mean {np.mean(np.array(recalls(right[name], even))[human]):.1%} "
              f"{interval(name, lambda r: np.mean(np.array(r)[human]))}")
    draw = rng.choice(len(wanted), 20_000, p=balanced(wanted) / balanced(wanted).sum())
    for name, found in guesses.items():
        print(f"{name:6} calibration error {calibration_error(found[draw].max(1), right[name][draw]):.3f}")
    said = spoken[line].argmax(1)
    acted = (said == voice.argmax(1)) & (said != 0)
    for e in range(5):
        mine = wanted == e
        print(f"acted on in one turn, words and voice both {EMOTIONS[e]}: as it {np.mean(acted[mine] & (said[mine] == e)):.1%}, "
              f"as another {np.mean(acted[mine] & (said[mine] != e)):.1%} of {mine.sum()}")
    confusion = np.array([[np.mean(voice[wanted == w].argmax(1) == g) for g in range(5)] for w in range(5)])
    print("voice, meant -> taken for\n" + "\n".join(f"  {EMOTIONS[w]:10} " + " ".join(f"{c:5.0%}" for c in confusion[w]) for w in range(5)))


def graph(net, heat, p, names):
    first, bias, second, last = net
    tensors = {"first": first, "first_bias": bias, "second": second / heat, "second_bias": last / heat,
               "least": np.float32(1e-4), "words_weight": p[0], "voice_weight": p[1], "bias": p[2:]}
    node = helper.make_node
    nodes = [node("MatMul", ["manner", "first"], ["a"]), node("Add", ["a", "first_bias"], ["b"]), node("Tanh", ["b"], ["c"]),
             node("MatMul", ["c", "second"], ["d"]), node("Add", ["d", "second_bias"], ["e"]), node("Softmax", ["e"], ["voice"]),
             node("Max", ["words", "least"], ["f"]), node("Log", ["f"], ["g"]), node("Mul", ["g", "words_weight"], ["h"]),
             node("Max", ["voice", "least"], ["i"]), node("Log", ["i"], ["j"]), node("Mul", ["j", "voice_weight"], ["k"]),
             node("Sum", ["h", "k", "bias"], ["l"]), node("Softmax", ["l"], ["both"])]

    def floats(name, length):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [length])
    proto = helper.make_model(helper.make_graph(
        nodes, "emotion", [floats("words", 5), floats("manner", len(names))], [floats("voice", 5), floats("both", 5)],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in tensors.items()]),
        opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(proto, {"emotions": json.dumps(EMOTIONS), "manner": json.dumps(names)})
    onnx.checker.check_model(proto)
    return proto


def figures(rows):
    """Of calm turns: mean, deviation among speakers, deviation within one."""
    calm = [row for row in rows if IS.get(row["emotion"]) == "calm"]
    speakers = sorted({row["speaker"] for row in calm})
    of = {"pitch": lambda p: p["pitch_st"], "pitch_range": lambda p: p["pitch_range_st"], "pitch_slope": lambda p: p["pitch_slope_st_per_s"],
          "pitch_end": lambda p: p["ending"]["pitch_st"], "level": lambda p: p["level_dbov"], "level_spread": lambda p: p["level_spread_db"],
          "attack": lambda p: p["attack_db"], "brightness": lambda p: p["bright_db"], "voiced": lambda p: p["voiced"], "pauses": lambda p: p["pauses"],
          "rate": lambda p: p["syllables_per_s"] / (1 - p["pauses"]), "lengthening": lambda p: p["ending"]["lengthening"]}
    for name, value in of.items():
        calls = {}
        for row in calm:
            calls.setdefault((row["speaker"], row["call"]), []).append(value(row["prosody"]))
        means = [np.mean([np.mean(v) for (s, _), v in calls.items() if s == speaker]) for speaker in speakers]
        lines = np.std([np.mean(v) for v in calls.values() if len(v) > 1])
        within = np.sqrt(np.mean([np.var(v, ddof=1) for v in calls.values() if len(v) > 1]))
        print(f"{name:13} mean {np.mean(means):7.3f}  among {max(np.std(means), lines):6.3f}  within {within:6.3f}")


def main(work, *options):
    rows, names, x = read(Path(work))
    if "--figures" in options:
        return figures(rows)
    rng = np.random.default_rng(4)
    heard = np.array([name not in UNHEARD for name in names], np.float32)
    taught = np.array([row["emotion"] in IS for row in rows])
    others = [row["emotion"] for row in rows if row["emotion"] not in IS]
    strange, mine = x[~taught], [row for row in rows if row["emotion"] in IS]
    x = x[taught]
    wanted = np.array([EMOTIONS.index(IS[row["emotion"]]) for row in mine])
    speakers = np.array([row["speaker"] for row in mine])
    logits = np.zeros((len(mine), 5), np.float32)
    for speaker in np.unique(speakers):
        out = speakers == speaker
        logits[out] = logits_of(network(x[~out], wanted[~out], heard), x[out])
    labels, weights, cold = torch.tensor(wanted), torch.tensor(balanced(wanted)), torch.tensor(logits)
    heat = float(fitted(lambda t: (torch.nn.functional.cross_entropy(cold / t, labels, reduction="none") * weights).sum() / weights.sum(), [1.0])[0])
    voice = softmax(logits / heat)
    fit, judge = words()
    p = fusion(voice, wanted, fit, rng)
    print(f"temperature {heat:.2f}, words {p[0]:.2f}, voice {p[1]:.2f}, bias {np.round(p[2:], 2)}")
    judged(mine, voice, wanted, judge, p, rng)
    net = network(x, wanted, heard)
    for known in (0, 1):
        row = (x[:, -1] > 0) == known
        print(f"baseline {'known' if known else 'of people'}: mean recall of the voice {np.mean([np.mean(voice[row & (wanted == e)].argmax(1) == e) for e in range(5)]):.1%}")
    boredom = np.array([row["emotion"] == "boredom" for row in mine])
    print(f"calm by voice: neutral {np.mean(voice[(wanted == 0) & ~boredom].argmax(1) == 0):.1%}, boredom {np.mean(voice[boredom].argmax(1) == 0):.1%}")
    taken = logits_of(net, strange).argmax(1)
    for other in sorted(set(others)):
        here = taken[np.array(others) == other]
        print(f"{other} is taken for " + ", ".join(f"{EMOTIONS[e]} {np.mean(here == e):.0%}" for e in range(5)) + f" of {len(here)}")
    onnx.save(graph(net, heat, p, names), corpus.ROOT / "models" / "emotion.onnx")


if __name__ == "__main__":
    main(*sys.argv[1:])
