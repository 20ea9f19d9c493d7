"""Texts to ids. Mandarin: a token a character, with WordPiece for the Latin words among them. English: MiniLM's WordPiece,
pruned to the pieces that speech needs. Both drop punctuation but apostrophes, since recognisers write none, and lower
the case. A sequence is [CLS], who speaks, the agent's act before it, the text; English ends with [SEP], as MiniLM
learned. Speakers and acts are plain entries of the vocabulary that no text can be cut into.
"""
import json
from collections import Counter

import numpy as np
from pypinyin import Style, pinyin
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from corpus import ACTS, ROLES

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)
PREFIXES = [f"[{role}]" for role in ROLES] + [f"[act={act}]" for act in ACTS]
FIRST_TEXT_ID = len(SPECIALS) + len(PREFIXES)  # ids below it are no text
TOKENS_MAX = 64  # of a text, without speaker and act
LATIN_PIECES = 700  # in the Mandarin vocabulary
ENGLISH_PIECES = 9000
# what southern speakers and small recognisers do not tell apart
INITIALS_ALIKE = {"zh": "z", "ch": "c", "sh": "s", "l": "n", "r": "n", "h": "f"}
FINALS_ALIKE = {"ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan", "ong": "eng", "ueng": "en"}


def is_hanzi(token):
    return len(token) == 1 and "一" <= token <= "鿿"


def gb2312_level_1():
    return [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
            if not (row == 0xD7 and cell > 0xF9)]


def bare(model):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Replace("’", "'"),
        normalizers.Replace(Regex(r"[^\p{L}\p{N}'\s]"), " "),
        normalizers.BertNormalizer(),  # spaces around hanzi, lower case, no accents
    ])
    return tokenizer


def finished(pieces, pre_tokenizer, template):
    """A tokenizer over these pieces, after the specials and prefixes."""
    ordered = SPECIALS + PREFIXES + pieces
    tokenizer = bare(models.WordPiece({token: i for i, token in enumerate(ordered)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)])
    tokenizer.enable_truncation(TOKENS_MAX)
    return tokenizer


def mandarin(texts):
    """A tokenizer of all hanzi of GB2312 level 1 and of `texts`, so that one never seen in training still has its sound."""
    cut = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True)])
    latin = bare(models.WordPiece(unk_token="[UNK]"))
    latin.pre_tokenizer = cut
    trainer = trainers.WordPieceTrainer(vocab_size=LATIN_PIECES, special_tokens=SPECIALS, show_progress=False,
                                        initial_alphabet=list("abcdefghijklmnopqrstuvwxyz0123456789'"))
    latin.train_from_iterator(("".join(" " if is_hanzi(c) else c for c in text) for text in texts), trainer)
    pieces = sorted(token for token in latin.get_vocab() if token not in SPECIALS and not is_hanzi(token.removeprefix("##")))
    hanzi = {c for text in texts for c in text if is_hanzi(c)} | set(gb2312_level_1())
    return finished(pieces + sorted(hanzi), cut, "[CLS] $A")


def english(texts, whole):
    """MiniLM's tokenizer pruned to ENGLISH_PIECES, and the row of each of its ids in MiniLM's table (-1: new).

    Kept are single characters, the pieces of `texts`, and the most usual whole words (the table is about in the order
    of their frequency). `whole` is the parsed tokenizer.json."""
    row_of = whole["model"]["vocab"]
    cut = pre_tokenizers.BertPreTokenizer()
    uncut = bare(models.WordPiece(row_of, unk_token="[UNK]"))
    uncut.pre_tokenizer = cut
    counts = Counter(piece for encoding in uncut.encode_batch(texts) for piece in encoding.tokens)
    ascii_only = [piece for piece in sorted(row_of, key=row_of.get) if piece.isascii() and not piece.startswith("[")]
    alone = [piece for piece in ascii_only if len(piece.removeprefix("##")) == 1 and (piece.removeprefix("##").isalnum() or piece == "'")]
    used = [piece for piece, _ in counts.most_common() if piece in row_of and not piece.startswith("[") and piece.isascii()]
    usual = [piece for piece in ascii_only if piece.isalpha()]
    kept = list(dict.fromkeys([*alone, *used, *usual]))[:ENGLISH_PIECES]
    tokenizer = finished(kept, cut, "[CLS] $A [SEP]")
    rows = [row_of[special] for special in SPECIALS] + [-1] * len(PREFIXES) + [row_of[piece] for piece in kept]
    return tokenizer, np.array(rows)


def rows_kept(tokenizer, whole):
    """The row of each id of an English tokenizer in MiniLM's table; -1 where it has none."""
    row_of = whole["model"]["vocab"]
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return np.array([row_of.get(piece, -1) for piece, _ in pieces])


def sequence(encoding, role, act):
    """The ids of an encoded text with its speaker and the agent's act before it."""
    ids = encoding.ids
    return [ids[0], len(SPECIALS) + ROLES.index(role), len(SPECIALS) + len(ROLES) + ACTS.index(act), *ids[1:]]


def sounds_of(character):
    """(syllable without tone, the same with what is often confused folded together)."""
    initial = pinyin(character, style=Style.INITIALS, strict=False)[0][0]
    whole = pinyin(character, style=Style.NORMAL)[0][0]
    final = whole.removeprefix(initial)
    return whole, INITIALS_ALIKE.get(initial, initial) + FINALS_ALIKE.get(final, final)


class Sounds:
    """The sounds of each id of the Mandarin tokenizer. Ids that are no hanzi have syllable 0."""

    def __init__(self, tokenizer):
        size = tokenizer.get_vocab_size()
        self.syllable, self.alike = np.zeros(size, np.int64), np.zeros(size, np.int64)
        syllables, alikes = {"": 0}, {"": 0}
        for token, i in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]):
            if is_hanzi(token):
                whole, folded = sounds_of(token)
                self.syllable[i] = syllables.setdefault(whole, len(syllables))
                self.alike[i] = alikes.setdefault(folded, len(alikes))
        self.syllables, self.alikes = len(syllables), len(alikes)


def minilm(folder):
    """(parsed tokenizer.json, weights by name) of an unpacked all-MiniLM-L6-v2; its safetensors are read by hand."""
    import torch
    whole = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    data = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    weights = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            weights[name] = torch.from_numpy(np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"]).copy())
    return whole, weights
