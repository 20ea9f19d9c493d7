"""What recognition and speech do to a sentence, done to its token ids: homophones, lost and doubled characters, fillers."""
import random

from vocabulary import CLS, TOKENS_MAX, UNK

FILLERS = {
    "zh": "嗯 呃 啊 那个 就是 这个 就是说 然后 哎 那 我说 不是 你好 喂 对 好 行 嗯嗯 哦 是这样 不好意思 请问 我问一下 我想问下".split(),
    "en": ["um", "uh", "er", "well", "so", "like", "you know", "i mean", "okay", "hi", "hello", "yeah", "right", "look",
           "oh", "listen", "sorry", "actually", "just", "please"],
}
TAILS = {"zh": "啊 呀 哈 哦 嘛 呢 吧 是吧 谢谢 你说 对 知道吗".split(), "en": ["please", "you know", "thanks", "okay", "right", "mate", "then"]}
# short turns that a filler would turn into another action keep their words
BARE = {"greet", "affirm", "deny", "backchannel", "thanks", "goodbye", "hold_on", "repeat", "accept"}
# the wish that binds most wins (domain README, where labels touch)
BINDING = ["obj_stop_calling", "privacy_request", "complain", "request_human"]
# said before nearly anything, without changing what is meant
BEFORE = {"greet", "backchannel", "thanks", "affirm"}


class Augmenter:
    """Draws a changed copy of (ids, action); ids begin with CLS."""

    def __init__(self, tokenizer, confusions, examples, seed):
        self.confusions, self.random = confusions, random.Random(seed)
        self.fillers = {lang: [self.bare(tokenizer, t) for t in texts] for lang, texts in FILLERS.items()}
        self.tails = {lang: [self.bare(tokenizer, t) for t in texts] for lang, texts in TAILS.items()}
        self.by_action = {}
        for lang, ids, action in examples:
            self.by_action.setdefault((lang, action), []).append(ids[1:])

    @staticmethod
    def bare(tokenizer, text):
        return tokenizer.encode(text).ids[1:]

    def draw(self, lang, ids, action):
        body, chance = list(ids[1:]), self.random.random
        if chance() < 0.10:
            body = self.joined(lang, body, action)
        if action not in BARE and chance() < 0.2:
            body = self.random.choice(self.fillers[lang]) + body
        if action not in BARE and chance() < 0.1:
            body = body + self.random.choice(self.tails[lang])
        if len(body) > 4 and chance() < 0.1:
            at = self.random.randrange(1, len(body))
            body[at:at] = self.random.choice(self.fillers[lang][:4])
        if chance() < 0.45:
            body = self.misheard(body, 0.04 + 0.14 * chance())
        return ([CLS] + body)[:TOKENS_MAX]

    def joined(self, lang, body, action):
        if action in BINDING:
            other = self.random.choice([a for l, a in self.by_action if l == lang and a not in BINDING[:BINDING.index(action)]])
            extra = self.random.choice(self.by_action[lang, other])
            return body + extra if self.random.random() < 0.5 else extra + body
        if action in BARE:
            return body
        before = self.random.choice(sorted(BEFORE))
        return self.random.choice(self.by_action[lang, before]) + body

    def misheard(self, body, rate):
        result, chance = [], self.random.random
        for i in body:
            if chance() >= rate:
                result.append(i)
                continue
            kind = chance()
            if i in self.confusions and kind < 0.7:
                same, alike = self.confusions[i]
                ids, cumulative = same if kind < 0.5 else alike
                result.append(self.random.choices(ids, cum_weights=cumulative)[0])
            elif kind < 0.8:
                result.append(UNK)
            elif kind < 0.85:
                result += [i, i]
            # else: lost
        return result or body
