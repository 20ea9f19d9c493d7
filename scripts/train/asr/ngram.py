"""The recogniser's language model: what is said, in order, over its own tokens; an ARPA file a language.

    ngram.py WORK_DIR DATA_DIR OUT_DIR [--fold N]

Interpolated Kneser-Ney of order 3 over labelled lines (counted twice), general dialogue and random numerals: the texts
that the recogniser is trained on, so no held-out line is in it (heldout.py). Pruned to TRIGRAMS_MAX and BIGRAMS_MAX by
what a gram adds, and written as OUT_DIR/asr.{zh,en}.arpa.zst. zh: characters; en: pieces, a leading space as ▁.
--fold N leaves every tenth labelled line, from the Nth on, out and prints the perplexity of those lines; writes nothing.
"""
import argparse
import json
import math
import random
import subprocess
from collections import defaultdict
from pathlib import Path

import numerals
import text as texts
from vocab import SPECIALS, Vocabulary

ORDER = 3
DISCOUNT = 0.75
LABELLED_WEIGHT = 2
NUMERALS = 30_000
TRIGRAMS_MAX = {"zh": 190_000, "en": 130_000}
BIGRAMS_MAX = {"zh": 90_000, "en": 50_000}
BEGIN, END = "<s>", "</s>"
UNIFORM_SHARE = 0.02  # of the probability of single tokens, so that none is impossible
SEED = 11


class KneserNey:
    """Interpolated Kneser-Ney over (tokens, weight) lines: `probability[n][history][token]`, `count` alike, n = len(history)."""

    def __init__(self, lines, alphabet):
        self.count = [defaultdict(lambda: defaultdict(float)) for _ in range(ORDER)]
        for tokens, weight in lines:
            whole = [BEGIN, *tokens, END]
            for i in range(1, len(whole)):
                history = tuple(whole[max(0, i - ORDER + 1):i])
                self.count[len(history)][history][whole[i]] += weight
        for n in range(ORDER - 2, -1, -1):  # a shorter history counts in how many longer ones its token was seen
            for history, nexts in self.count[n + 1].items():
                for token in nexts:
                    self.count[n][history[1:]][token] += 1
        self.probability = []
        for n, table in enumerate(self.count):
            level = {}
            for history, nexts in table.items():
                total = sum(nexts.values())
                if n == 0:
                    share = UNIFORM_SHARE / len(alphabet)
                    level[()] = {t: share + (1 - UNIFORM_SHARE) * nexts.get(t, 0) / total for t in alphabet}
                    continue
                spare, lower = DISCOUNT * len(nexts) / total, self.probability[n - 1][history[1:]]
                level[history] = {t: (c - DISCOUNT) / total + spare * lower[t] for t, c in nexts.items()}
            self.probability.append(level)


class Backoff:
    """What an ARPA file holds: kept probabilities and the weight of backing off from each history."""

    def __init__(self, model, limits):
        self.kept = [model.probability[0]] + [{} for _ in range(ORDER - 1)]
        for n in range(ORDER - 1, 0, -1):
            longer = {history for history in self.kept[n + 1]} if n + 1 < ORDER else set()
            gains = []
            for history, nexts in model.probability[n].items():
                lower = model.probability[n - 1][history[1:]]
                spare = self._spare(nexts, lower)
                for token, p in nexts.items():
                    gain = math.inf if (*history, token) in longer else model.count[n][history][token] * math.log(p / (spare * lower[token]))
                    gains.append((gain, history, token))
            gains.sort(key=lambda gain: -gain[0])
            for gain, history, token in gains[:max(limits[n], sum(math.isinf(g[0]) for g in gains))]:
                self.kept[n].setdefault(history, {})[token] = model.probability[n][history][token]
        self.weight = {}
        for n in range(1, ORDER):
            for history, nexts in self.kept[n].items():
                self.weight[history] = self._spare(nexts, {t: self.next(history[1:], t) for t in nexts})

    @staticmethod
    def _spare(nexts, lower):
        """The factor of the shorter history's probabilities for tokens that are not in `nexts`."""
        return max(1e-4, 1 - sum(nexts.values())) / max(1e-4, 1 - sum(lower[t] for t in nexts))

    def next(self, history, token):
        p = self.kept[len(history)].get(history, {}).get(token)
        return p if p is not None else self.weight.get(history, 1.0) * self.next(history[1:], token)

    def perplexity(self, lines):
        bits, count = 0.0, 0
        for tokens in lines:
            whole = [BEGIN, *tokens, END]
            for i in range(1, len(whole)):
                bits -= math.log(self.next(tuple(whole[max(0, i - ORDER + 1):i]), whole[i]))
                count += 1
        return math.exp(bits / count)

    def arpa(self):
        """The file's lines. A history without longer grams needs no weight."""
        rows = [[] for _ in range(ORDER)]
        for n in range(ORDER):
            grams = [(history + (token,), math.log10(p)) for history, nexts in self.kept[n].items() for token, p in nexts.items()]
            if n == 0:
                grams += [((BEGIN,), -99.0)]
            for gram, p in sorted(grams):
                weight = f"\t{math.log10(self.weight[gram]):.2f}" if gram in self.weight else ""
                rows[n].append(f"{p:.2f}\t{' '.join(gram)}{weight}")
        yield "\\data\\"
        yield from (f"ngram {n + 1}={len(part)}" for n, part in enumerate(rows))
        for n, part in enumerate(rows):
            yield from ("", f"\\{n + 1}-grams:", *part)
        yield from ("", "\\end\\")


def tokenised(vocabulary, text, lang):
    """The tokens of a text as the file writes them, or None if the vocabulary lacks one."""
    try:
        ids, _ = vocabulary.encode(text, lang)
    except KeyError:
        return None
    return [vocabulary.tokens[i - SPECIALS].replace(" ", "▁") for i in ids] or None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fold", type=int)
    args = parser.parse_args()
    vocabulary = Vocabulary(args.work / "vocab.json")
    sampler = texts.TextSampler(args.data, vocabulary.characters)
    rng = random.Random(SEED)
    for lang in ("zh", "en"):
        numeral = numerals.zh_slot if lang == "zh" else numerals.en_slot
        labelled = sorted(set(sampler.labelled[lang]))
        rng.shuffle(labelled)
        aside = [] if args.fold is None else labelled[args.fold::10]
        left_out = set(aside)
        weighted = [(line, LABELLED_WEIGHT) for line in labelled if line not in left_out]
        weighted += [(line, 1) for line in sampler.general[lang] if line not in left_out]
        weighted += [(numeral(rng), 1) for _ in range(NUMERALS)]
        lines = [(tokens, weight) for line, weight in weighted if (tokens := tokenised(vocabulary, line, lang))]
        if lang == "zh":
            alphabet = [*vocabulary.characters, END]
        else:
            alphabet = [t.replace(" ", "▁") for t in vocabulary.tokens if not "一" <= t[-1] <= "鿿"] + [END]
        model = KneserNey(lines, alphabet)
        backoff = Backoff(model, {1: BIGRAMS_MAX[lang], 2: TRIGRAMS_MAX[lang]})
        sizes = [(sum(map(len, level.values())), sum(map(len, whole.values()))) for level, whole in zip(backoff.kept, model.probability)]
        print(f"{lang}: {len(lines)} lines, grams kept " + ", ".join(f"{kept} of {whole}" for kept, whole in sizes), flush=True)
        if args.fold is not None:
            aside = [tokens for line in aside if (tokens := tokenised(vocabulary, line, lang))]
            print(f"{lang}: perplexity {backoff.perplexity(aside):.1f} a token over {len(aside)} lines left out", flush=True)
            continue
        out = args.out / f"asr.{lang}.arpa.zst"
        text = "\n".join(backoff.arpa()) + "\n"
        subprocess.run(["zstd", "-19", "-q", "-f", "-o", out], input=text.encode(), check=True)
        print(f"{out}: {len(text.encode())} bytes, {out.stat().st_size} packed")


if __name__ == "__main__":
    main()
