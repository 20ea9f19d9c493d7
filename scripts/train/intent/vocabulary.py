"""The tokenizer (models/intent.tokenizer.json) and what is known of each of its ids.

Mandarin is one token a character, English is WordPiece, digits stand alone. The vocabulary holds all of GB2312
level 1, so that a character never seen in training still has its sound: see `Sounds`.
"""
from collections import Counter, defaultdict

import numpy as np
from pypinyin import Style, pinyin
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

import corpus

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[MASK]"]
PAD, UNK, CLS, MASK = range(4)
ENGLISH_PIECES = 2000
TOKENS_MAX = 64
# what southern speakers and small recognisers do not tell apart
INITIALS_ALIKE = {"zh": "z", "ch": "c", "sh": "s", "l": "n", "r": "n", "h": "f"}
FINALS_ALIKE = {"ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan", "ong": "eng", "ueng": "en"}


def is_hanzi(token):
    return len(token) == 1 and "一" <= token <= "鿿"


def gb2312_level_1():
    return [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
            if not (row == 0xD7 and cell > 0xF9)]


def build(lines):
    """A tokenizer for (lang, text) lines."""
    def bare(model):
        tokenizer = Tokenizer(model)
        tokenizer.normalizer = normalizers.Sequence([
            normalizers.NFKC(),
            normalizers.Replace("’", "'"),
            normalizers.Replace(Regex(r"[^\p{L}\p{N}'\s]"), " "),
            normalizers.BertNormalizer(),  # spaces around hanzi, lower case, no accents
        ])
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True)])
        return tokenizer

    english = bare(models.WordPiece(unk_token="[UNK]"))
    trainer = trainers.WordPieceTrainer(vocab_size=ENGLISH_PIECES, special_tokens=SPECIALS, show_progress=False,
                                        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz0123456789'"))
    english.train_from_iterator((text for lang, text in lines if lang == "en"), trainer)
    vocabulary = {token: i for token, i in english.get_vocab().items() if not is_hanzi(token.removeprefix("##"))}
    hanzi = {c for lang, text in lines if lang == "zh" for c in text if is_hanzi(c)} | set(gb2312_level_1())
    ordered = SPECIALS + sorted(set(vocabulary) - set(SPECIALS)) + sorted(hanzi)
    tokenizer = bare(models.WordPiece({token: i for i, token in enumerate(ordered)}, unk_token="[UNK]"))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", CLS)])
    tokenizer.enable_truncation(TOKENS_MAX)
    return tokenizer


class Sounds:
    """The pinyin of each id, without tones. Ids that are no hanzi have syllable 0."""

    def __init__(self, tokenizer):
        size = tokenizer.get_vocab_size()
        self.syllable, self.alike = np.zeros(size, np.int64), np.zeros(size, np.int64)
        syllables, alikes = {"": 0}, {"": 0}
        for token, i in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]):
            if not is_hanzi(token):
                continue
            initial = pinyin(token, style=Style.INITIALS, strict=False)[0][0]
            whole = pinyin(token, style=Style.NORMAL)[0][0]
            final = whole.removeprefix(initial)
            folded = INITIALS_ALIKE.get(initial, initial) + FINALS_ALIKE.get(final, final)
            self.syllable[i] = syllables.setdefault(whole, len(syllables))
            self.alike[i] = alikes.setdefault(folded, len(alikes))
        self.syllables, self.alikes = len(syllables), len(alikes)

    def confusions(self, sequences):
        """For each hanzi id: (ids that sound the same, ids that sound alike, their weights), the usual ones first in chance."""
        counts = Counter(i for ids in sequences for i in ids)
        same, alike = defaultdict(list), defaultdict(list)
        for i in np.flatnonzero(self.syllable).tolist():
            same[self.syllable[i]].append(i)
            alike[self.alike[i]].append(i)

        def chances(ids):
            weights = np.sqrt(np.array([counts[i] for i in ids]) + 0.05)
            return ids, (np.cumsum(weights)).tolist()
        same = {key: chances(ids) for key, ids in same.items()}
        alike = {key: chances(ids) for key, ids in alike.items()}
        return {i: (same[self.syllable[i]], alike[self.alike[i]]) for i in np.flatnonzero(self.syllable).tolist()}
