"""The vocabulary: Chinese characters one by one, English in byte-pair pieces, fixed before training.

A token is a plain string as whisper.cpp prints it; a leading space belongs to an English piece.
Compact ids (training): 0 … 5 the special tokens of model.py, then the strings in file order; whisper.cpp's
id of a string is its place in the list. `vocab.json` holds the strings and the tokenizer of the pieces.
"""
import json
import random
import sys
from pathlib import Path

import numerals
import text as texts

SPECIALS = 6  # compact ids before the first string
PIECES_MAX = 1500
SEED = 7


def build(data_dir, path):
    """Writes vocab.json; an existing one is kept, for the weights depend on it."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    if Path(path).exists():
        return
    rng = random.Random(SEED)
    english = texts.general_lines(data_dir, "en") + texts.labelled("en") * 8
    english += [numerals.en_slot(rng) for _ in range(4000)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    alphabet = list("abcdefghijklmnopqrstuvwxyz'▁")
    tokenizer.train_from_iterator(english, trainers.BpeTrainer(vocab_size=PIECES_MAX, initial_alphabet=alphabet, show_progress=False))
    pieces = [piece.replace("▁", " ") for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    tokens = [" "] + [p for p in pieces if p != " "] + texts.characters_of_vocabulary(data_dir)
    assert len(tokens) == len(set(tokens))
    Path(path).write_text(json.dumps({"tokens": tokens, "pieces": json.loads(tokenizer.to_str())}, ensure_ascii=False), "utf-8")


class Vocabulary:
    """Text to compact ids and back."""

    def __init__(self, path):
        from tokenizers import Tokenizer
        stored = json.loads(Path(path).read_text("utf-8"))
        self.tokens = stored["tokens"]
        self.ids = {token: SPECIALS + i for i, token in enumerate(self.tokens)}
        self.pieces = Tokenizer.from_str(json.dumps(stored["pieces"]))
        self.characters = [token for token in self.tokens if "一" <= token[-1] <= "鿿"]

    def __len__(self):
        return SPECIALS + len(self.tokens)

    def encode(self, line, lang):
        """Compact ids and, for each, the index of its unit (character, word)."""
        if lang == "zh":
            return [self.ids[c] for c in line], list(range(len(line)))
        ids, owners = [], []
        for k, word in enumerate(line.split()):
            pieces = [self.ids[p.replace("▁", " ")] for p in self.pieces.encode(word).tokens]
            ids += pieces
            owners += [k] * len(pieces)
        return ids, owners

    def decode(self, ids):
        return "".join(self.tokens[i - SPECIALS] for i in ids).strip()


if __name__ == "__main__":
    build(sys.argv[1], sys.argv[2])
    vocabulary = Vocabulary(sys.argv[2])
    print(f"{len(vocabulary)} ids, {len(vocabulary.characters)} characters")
