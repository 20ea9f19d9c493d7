#!/usr/bin/env python3
"""Makes eval/turns.jsonl from turns.txt: turns.py > eval/turns.jsonl. The same file every time. `turns.py turns_dev.txt` makes
the development cases, for a file of their own.

A line of the text gives a case "end" (said whole) and, for each of its pauses, a case "mid" (said up to the pause), or
"clause" where the words before the pause could be a whole utterance.
Pauses in mid-utterance are log-normal with a median of 500 ms and a sigma of 0.6, clipped to 200 to 1,500 ms: of them
7% are of 200 ms and 3% of 1,500. Standard library only.
"""
import json
import math
import random
import re
import sys
from pathlib import Path

MEDIAN_MS, SIGMA, LEAST_MS, MOST_MS = 500, 0.6, 200, 1500
random.seed(20261120)


def pause_ms():
    return round(min(max(random.lognormvariate(math.log(MEDIAN_MS), SIGMA), LEAST_MS), MOST_MS) / 10) * 10


def case(lang, text, cut, said, pause):
    print(json.dumps({"lang": lang, "text": text, "cut": cut, "said": said, "pause_ms": pause}, ensure_ascii=False))


lang = None
for line in (Path(__file__).parent / (sys.argv[1:] or ["turns.txt"])[0]).read_text(encoding="utf-8").splitlines():
    if line.startswith("["):
        lang = line.strip("[]").split()[0]
    elif line and not line.startswith("#"):
        pieces = re.split("[|/]", line.strip("~…"))
        pauses = re.findall("[|/]", line)
        join = ("" if lang == "zh" else " ").join
        text = join(pieces)
        for n, pause in enumerate(pauses, 1):
            case(lang, text, {"|": "mid", "/": "clause"}[pause], join(pieces[:n]), pause_ms())
        case(lang, text, "end", text, 0)
