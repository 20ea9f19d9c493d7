"""What people have said when they pause in mid-sentence, for the `completeness` head: lines broken off where the rest is
needed, and numbers, addresses and dates half read out.

A line breaks where what stands before seldom ends a written line or clause, and never inside a word: `end_share` and
`cohesion`, counted over the lines themselves.
"""
import random
import re
from collections import Counter

from corpus import Line
from mishear import FILLERS, PUNCTUATION, TRAILING, joined, units
from tokens import is_hanzi

GRAM_MAX = {"zh": 4, "en": 3}
END_SHARE_MAX = 0.4  # what ends a line more often is no place to break one
BACK_OFF = 3.0  # occurrences that the shorter ending counts for
# what is read out piece by piece: openings, the pieces, how many are whole
DIGITS = {"zh": "零一二三四五六七八九幺", "en": "zero oh one two three four five six seven eight nine".split()}
NUMBER_OPENINGS = {
    "zh": ["", "", "我的电话是", "我电话", "你记一下", "号码是", "打我手机吧", "我微信就是手机号", "我留另外一个号吧", "嗯我的号码是", "那你打这个"],
    "en": ["", "", "my number is", "it's", "my mobile is", "you can ring me on", "the number's", "yeah it's", "try my other one", "okay so it's"],
}
SPELT_OPENINGS = {"zh": ["我邮箱是", "邮箱", "发到", "你发我邮箱吧"], "en": ["my email is", "it's", "the address is", "send it to"]}
SPELT_NAMES = {"zh": ["王小明", "zhang san", "李雷", "l i w e i", "chen 一九八八", "小鱼二零零二", "a b c", "lin da"],
               "en": ["john", "sarah", "dave smith", "k taylor", "j o n e s", "info", "mary ann", "office"]}
AT = {"zh": ["艾特", "at", "圈a"], "en": ["at"]}
HOSTS = {"zh": ["一六三", "qq", "一二六", "gmail", "公司"], "en": ["gmail", "hotmail", "outlook", "yahoo", "work"]}
DOT, TOP = {"zh": "点", "en": "dot"}, {"zh": ["com", "cn", "net"], "en": ["com", "co dot uk", "net", "org"]}


class Unfinished:
    """Draws what is broken off. `lines` are whole ones of the language, `mishearing` draws what recognisers write."""

    def __init__(self, lang, lines, mishearing, seed):
        self.lang, self.mishearing, self.random = lang, mishearing, random.Random(seed)
        self.whole, self.said, self.ends, self.pairs = set(), Counter(), Counter(), Counter()
        self.wholes = [line for line in lines if line.head == "action" and line.role == "customer"]
        for line in lines:
            pieces, stops = self.pieces_of(line.text)
            self.whole.add(tuple(pieces))
            for at in range(1, len(pieces) + 1):
                for n in range(1, min(at, GRAM_MAX[lang]) + 1):
                    gram = tuple(pieces[at - n:at])
                    self.said[gram] += 1
                    self.ends[gram] += at in stops
            self.pairs.update(zip(pieces, pieces[1:]))

    def pieces_of(self, text):
        """(units without punctuation, how many stand before each written stop and the end)."""
        pieces, stops = [], set()
        for clause in PUNCTUATION.split(text.lower()):
            pieces += units(clause, self.lang)
            stops.add(len(pieces))
        return pieces, stops

    def end_share(self, pieces):
        """How often what ends like this is all of a line or clause."""
        share = 0.05
        for n in range(1, min(len(pieces), GRAM_MAX[self.lang]) + 1):
            gram = tuple(pieces[-n:])
            share = (self.ends[gram] + BACK_OFF * share) / (self.said[gram] + BACK_OFF)
        return share

    def cohesion(self, first, then):
        """How surely two characters are of one word: 1 where one hardly occurs without the other."""
        if not (is_hanzi(first) and is_hanzi(then)):
            return 0.0
        return self.pairs[first, then] / max(1, min(self.said[first,], self.said[then,]))

    def breaks(self, text):
        """[(the units before a break, its weight)] of a line."""
        pieces, stops = self.pieces_of(text)
        found = []
        for at in range(1, len(pieces)):
            before = pieces[:at]
            share = self.end_share(before)
            if at not in stops and share < END_SHARE_MAX and tuple(before) not in self.whole:
                found.append((before, ((1 - share) ** 2 * (1 - self.cohesion(pieces[at - 1], pieces[at]))) ** 2))
        return found

    def broken(self, text):
        """The units of a line that is broken off; of one that has no place for it, with a word more must come after."""
        found = self.breaks(text)
        chance = self.random.random()
        if not found or sum(weight for _, weight in found) < 0.1 or chance < 0.1:
            return [*self.pieces_of(text)[0], *units(self.random.choice(TRAILING[self.lang]), self.lang)]
        pieces = self.random.choices(*zip(*found))[0]
        if chance < 0.2:
            return pieces + units(self.random.choice(TRAILING[self.lang] if chance < 0.13 else FILLERS[self.lang][:5]), self.lang)
        return pieces

    def draw(self, line):
        """A copy of a whole line, broken off, as a recogniser writes it."""
        pieces, chance = self.broken(line.text), self.random.random
        if chance() < 0.1:  # after a sentence that is whole
            pieces = self.pieces_of(self.random.choice(self.wholes).text)[0] + pieces
        elif chance() < 0.2:
            pieces = units(self.random.choice(FILLERS[self.lang]), self.lang) + pieces
        if len(pieces) > 3 and chance() < 0.1:
            pieces = pieces[:-1]  # the last sound before a silence is the first to be lost
        if chance() < 0.4:
            pieces = self.mishearing.misheard(pieces, 0.03 + 0.15 * chance())
        act = self.mishearing.act(line.act)
        return Line(self.lang, "customer", act, joined(pieces, self.lang), "completeness", "incomplete", "")

    def draw_read_out(self):
        """A telephone number or an electronic address: as often half as whole."""
        choice, lang = self.random.choice, self.lang
        if self.random.random() < 0.7:
            opening, length = choice(NUMBER_OPENINGS[lang]), 11
            said = ["一" if lang == "zh" else "oh", *(choice(DIGITS[lang]) for _ in range(length - 1))]
            shortest = 3 if not opening else 1
        else:
            opening, shortest = choice(SPELT_OPENINGS[lang]), 1
            said = [choice(SPELT_NAMES[lang]), choice(AT[lang]), choice(HOSTS[lang]), DOT[lang], choice(TOP[lang])]
        label = choice(("complete", "incomplete"))
        if label == "incomplete":
            said = said[:self.random.randrange(shortest, len(said))]
        text = joined(units(" ".join([opening, *said]), lang), lang)
        return Line(lang, "customer", self.mishearing.act("ask"), text, "completeness", label, "")
