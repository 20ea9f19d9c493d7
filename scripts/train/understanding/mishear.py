"""What recognition and speech do to a sentence, done to its words (en) or characters (zh): sound-alikes, lost and doubled
pieces, fillers, and two wishes joined by the rule that the binding one wins."""
import random
import re
import subprocess
from collections import Counter, defaultdict


from tokens import is_hanzi, sounds_of

FILLERS = {
    "zh": "嗯 呃 啊 那个 就是 这个 就是说 然后 哎 那 我说 不是 你好 喂 对 好 行 嗯嗯 哦 是这样 不好意思 请问 我问一下 我想问下 你听我说 怎么说呢 说实话 其实".split(),
    "en": ["um", "uh", "er", "well", "so", "like", "you know", "i mean", "okay", "hi", "hello", "yeah", "right", "look",
           "oh", "listen", "sorry", "actually", "just", "please", "to be honest", "how do i put it", "see"],
}
TAILS = {"zh": "啊 呀 哈 哦 嘛 呢 吧 是吧 谢谢 你说 对 知道吗".split(), "en": ["please", "you know", "thanks", "okay", "right", "mate", "then"]}
TRAILING = {"zh": "因为 那个 就是 但是 然后 如果 还有 所以 我想 我觉得 比如说 关于 我们 就是说 要是 我还 不过 或者 主要是 呃 和 跟 把 这个 其实".split(),
            "en": ["because", "and", "but", "so", "the", "if", "um", "uh", "i think", "my", "with", "to", "that", "or", "i mean",
                   "like", "when", "and then", "it's just", "about", "for", "a", "which", "i was going to"]}
# before an agent's words, innocent or not
ADDRESSES = {"zh": "您好 哥 姐 先生 女士 大姐 叔叔 老板 是这样的 我跟您说 您听我说 您放心 说实话 跟您说句实在话 那个 呃 嗯 好的 行 明白 没关系 不好意思".split(),
             "en": ["hi there", "sir", "ma'am", "madam", "mate", "so", "well", "um", "look", "listen", "trust me", "honestly", "to be honest", "okay", "right",
                    "i understand", "no worries", "sorry", "don't worry", "the thing is", "let me tell you"]}
TURN_UNITS_MAX = 50  # two sentences of one turn: what is longer the tokenizer may cut
# short turns that a filler would turn into another action keep their words
BARE = {"greet", "affirm", "deny", "backchannel", "thanks", "goodbye", "hold_on", "repeat", "accept"}
# the wish that binds most wins (domain README, where labels touch)
BINDING = ["obj_stop_calling", "privacy_request", "complain", "request_human"]
# said before nearly anything, without changing what is meant
BEFORE = ["greet", "backchannel", "thanks", "affirm"]
PUNCTUATION = re.compile(r"[，。！？、；：,.!?;:…]+")


def units(text, lang):
    """What is misheard at once: characters (Latin words whole) or words."""
    return re.findall(r"[A-Za-z0-9']+|\S", text) if lang == "zh" else text.split()


def joined(pieces, lang):
    return re.sub(r"(?<=[A-Za-z0-9'])\x00(?=[A-Za-z0-9'])", " ", "\x00".join(pieces)).replace("\x00", "") if lang == "zh" else " ".join(pieces)


def phonemes(words):
    """The English pronunciations of words, by espeak-ng; none without it."""
    try:
        said = subprocess.run(["espeak-ng", "-q", "-x", "--sep=_", "-v", "en-gb"], input="\n".join(f"{w}." for w in words), text=True,
                              capture_output=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {}
    said = [line.strip() for line in said if line.strip()]
    return dict(zip(words, said)) if len(said) == len(words) else {}


def alike_words(counts):
    """word -> [(word that sounds the same or nearly, chance)] among the words of the corpus."""
    words = sorted(word for word in counts if re.fullmatch(r"[a-z']{2,12}", word))
    sounds = {word: tuple(p for p in re.sub(r"[',:;]", "", said).split("_") if p) for word, said in phonemes(words).items()}
    same, near = defaultdict(set), defaultdict(set)
    for word, sound in sounds.items():
        same[sound].add(word)
        if len(sound) >= 3:
            for at in range(len(sound)):  # one phoneme off: they share the rest
                near[sound[:at], sound[at + 1:]].add(word)
    found = {}
    for word, sound in sounds.items():
        close = {other for at in range(len(sound)) for other in near[sound[:at], sound[at + 1:]]} if len(sound) >= 3 else set()
        weights = {other: 3 * counts[other] ** 0.5 for other in same[sound]} | {}
        for other in close - set(weights):
            weights[other] = counts[other] ** 0.5
        weights.pop(word, None)
        if weights:
            found[word] = (list(weights), list(weights.values()))
    return found


def alike_characters(counts):
    """hanzi -> (hanzi that sound the same or nearly, weights): the same three times as often."""
    by_same, by_alike, sounds = defaultdict(list), defaultdict(list), {}
    for character in sorted(counts):
        if is_hanzi(character):
            sounds[character] = sounds_of(character)
            by_same[sounds[character][0]].append(character)
            by_alike[sounds[character][1]].append(character)
    found = {}
    for character, (whole, folded) in sounds.items():
        weights = {other: counts[other] ** 0.5 for other in by_alike[folded]}
        weights |= {other: 3 * counts[other] ** 0.5 for other in by_same[whole]}
        weights.pop(character)
        if weights:
            found[character] = (list(weights), list(weights.values()))
    return found


class Mishearing:
    """Draws changed copies of lines."""

    def __init__(self, lang, lines, seed):
        self.lang, self.random = lang, random.Random(seed)
        counts = Counter(piece for line in lines for piece in units(line.text.lower(), lang))
        self.alike = alike_characters(counts) if lang == "zh" else alike_words(counts)
        self.by_action = defaultdict(list)
        for line in lines:
            if line.head == "action":
                self.by_action[line.label].append(line.text)
        self.innocent = [line.text for line in lines if line.head == "violation" and line.label == "none"]

    def draw(self, line):
        """A changed copy of a labelled line."""
        chance, text = self.random.random, line.text
        free = line.head == "emotion" or line.head == "action" and line.label not in BARE
        if line.head == "action" and chance() < 0.10:
            text = self.joined_wishes(text, line.label)
        if line.role == "agent":
            text = self.addressed(text)
        if free and chance() < 0.2:
            text = self.glued(self.random.choice(FILLERS[self.lang]), text)
        if free and chance() < 0.1:
            text = self.glued(text, self.random.choice(TAILS[self.lang]))
        pieces = units(PUNCTUATION.sub(" ", text), self.lang)
        if free and len(pieces) > 4 and chance() < 0.1:
            at = self.random.randrange(1, len(pieces))
            pieces[at:at] = [self.random.choice(FILLERS[self.lang][:4])]
        if chance() < 0.4:
            pieces = self.misheard(pieces, 0.03 + 0.15 * chance())
        return line._replace(text=joined(pieces, self.lang), act=self.act(line.act))

    def act(self, act):
        """The act is optional, and often known only as a question."""
        chance = self.random.random()
        if chance < 0.4:
            return "unknown"
        return "ask" if act in ("ask_yesno", "ask_open") and chance < 0.55 else act

    def glued(self, first, then):
        return first + then if self.lang == "zh" else f"{first} {then}"

    def addressed(self, text):
        """An agent's words with an address before them, or in a turn with an innocent sentence before or after: offending stays
        offending."""
        kind = self.random.random()
        if kind < 0.15:
            return self.glued(self.random.choice(ADDRESSES[self.lang]), text)
        if kind < 0.35 and self.innocent:
            other = self.random.choice(self.innocent)
            if len(units(text, self.lang)) + len(units(other, self.lang)) <= TURN_UNITS_MAX:
                return self.glued(other, text) if self.random.random() < 0.5 else self.glued(text, other)
        return text

    def joined_wishes(self, text, action):
        if action in BINDING:
            weaker = [other for other in self.by_action if other not in BINDING[:BINDING.index(action) + 1]]
            extra = self.random.choice(self.by_action[self.random.choice(weaker)])
            return self.glued(text, extra) if self.random.random() < 0.5 else self.glued(extra, text)
        if action in BARE:
            return text
        return self.glued(self.random.choice(self.by_action[self.random.choice(BEFORE)]), text)

    def misheard(self, pieces, rate):
        result, chance = [], self.random.random
        for piece in pieces:
            if chance() >= rate:
                result.append(piece)
                continue
            kind, alike = chance(), self.alike.get(piece.lower())
            if alike and kind < 0.75:
                result += self.random.choices(*alike)
            elif kind < 0.82:
                result += [piece, piece]
            elif alike and kind < 0.9:
                result.append(piece)
            # else: lost
        return result or pieces
