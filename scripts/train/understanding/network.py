"""The networks: an encoder a language, and a linear head for each question asked of a text.

Mandarin: a character's vector is its own plus its sounds'; one convolution, pre-norm layers. English: MiniLM, post-norm.
Both: mean and maximum over the tokens, then the heads side by side as one linear layer.
"""
import torch
from torch import nn
from torch.nn import functional as F

from corpus import HEADS
from tokens import FIRST_TEXT_ID, PAD, TOKENS_MAX

POSITIONS = TOKENS_MAX + 2  # speaker and act are not counted by the tokenizer
OUTPUTS = sum(map(len, HEADS.values()))
SLICES, _start = {}, 0
for _head, _classes in HEADS.items():
    SLICES[_head] = slice(_start, _start + len(_classes))
    _start += len(_classes)


class Dropout(nn.Module):
    """Dropout of whole channels of a sequence [batch, length, width]: the same mask for every token, cheap to draw."""

    def __init__(self, share):
        super().__init__()
        self.share = share

    def forward(self, x):
        if not self.training or self.share == 0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1 - self.share)).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, bias):
        batch, length, width = x.shape
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in self.qkv(x).chunk(3, -1))
        scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
        mixed = (scores if bias is None else scores + bias).softmax(-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


class PreNorm(nn.Module):
    def __init__(self, width, heads, hidden, dropout):
        super().__init__()
        self.norm_a, self.norm_f = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.drop = Attention(width, heads), Dropout(dropout)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x, bias):
        x = x + self.drop(self.attention(self.norm_a(x), bias))
        return x + self.drop(self.down(F.gelu(self.up(self.norm_f(x)))))


class PostNorm(PreNorm):
    def forward(self, x, bias):
        x = self.norm_a(x + self.drop(self.attention(x, bias)))
        return self.norm_f(x + self.drop(self.down(F.gelu(self.up(x)))))


class Mandarin(nn.Module):
    """ids [batch, length] -> states [batch, length, width]."""

    width, layers, heads, hidden = 256, 4, 4, 768

    def __init__(self, sounds, dropout=0.15):
        super().__init__()
        self.token = nn.Embedding(len(sounds.syllable), self.width)
        self.syllable, self.alike = nn.Embedding(sounds.syllables, self.width), nn.Embedding(sounds.alikes, self.width)
        self.position = nn.Embedding(POSITIONS, self.width)
        for table in (self.token, self.syllable, self.alike, self.position):
            nn.init.normal_(table.weight, std=0.05)
        self.register_buffer("syllable_of", torch.from_numpy(sounds.syllable))
        self.register_buffer("alike_of", torch.from_numpy(sounds.alike))
        self.neighbours = nn.Conv1d(self.width, self.width, 3, padding=1)
        self.norm_in, self.norm_out = nn.LayerNorm(self.width), nn.LayerNorm(self.width)
        self.blocks = nn.ModuleList(PreNorm(self.width, self.heads, self.hidden, dropout) for _ in range(self.layers))
        self.drop = Dropout(dropout)

    def embedded(self, ids):
        has_sound = (self.syllable_of[ids] > 0).unsqueeze(-1)
        return self.token(ids) + has_sound * (self.syllable(self.syllable_of[ids]) + self.alike(self.alike_of[ids]))

    def run(self, x, real):
        """`real` marks what is not padding; None when there is none."""
        x = self.norm_in(x + self.position.weight[:x.shape[1]])
        if real is not None:
            x = x * real.unsqueeze(-1)
        x = self.drop(x)
        x = x + F.gelu(self.neighbours(x.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            x = block(x, bias_of(real))
        return self.norm_out(x)


class English(nn.Module):
    """ids [batch, length] -> states [batch, length, width]: MiniLM's layers over a pruned table."""

    width, heads, hidden = 384, 12, 1536

    def __init__(self, vocabulary, layers=6, dropout=0.1):
        super().__init__()
        self.token, self.position = nn.Embedding(vocabulary, self.width), nn.Embedding(POSITIONS, self.width)
        self.norm_in, self.drop = nn.LayerNorm(self.width, eps=1e-12), Dropout(dropout)
        self.blocks = nn.ModuleList(PostNorm(self.width, self.heads, self.hidden, dropout) for _ in range(layers))
        for block in self.blocks:
            block.norm_a.eps = block.norm_f.eps = 1e-12

    def fill(self, weights, rows):
        """Takes MiniLM's weights; `rows` are those of each id in its table, -1 for ids it lacks."""
        table, rows = weights["embeddings.word_embeddings.weight"], torch.from_numpy(rows)
        with torch.no_grad():
            self.token.weight.copy_(table[rows.clamp(min=0)])
            self.token.weight[rows < 0] = table.mean(0) + torch.randn(int((rows < 0).sum()), self.width) * 0.02
            kinds = weights["embeddings.token_type_embeddings.weight"][0]
            self.position.weight.copy_(weights["embeddings.position_embeddings.weight"][:POSITIONS] + kinds)

            def take(module, name):
                module.weight.copy_(weights[f"{name}.weight"])
                module.bias.copy_(weights[f"{name}.bias"])
            take(self.norm_in, "embeddings.LayerNorm")
            for at, block in enumerate(self.blocks):
                layer = f"encoder.layer.{at}"
                parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
                block.attention.qkv.weight.copy_(torch.cat([weights[f"{part}.weight"] for part in parts]))
                block.attention.qkv.bias.copy_(torch.cat([weights[f"{part}.bias"] for part in parts]))
                take(block.attention.out, f"{layer}.attention.output.dense")
                take(block.norm_a, f"{layer}.attention.output.LayerNorm")
                take(block.up, f"{layer}.intermediate.dense")
                take(block.down, f"{layer}.output.dense")
                take(block.norm_f, f"{layer}.output.LayerNorm")

    def embedded(self, ids):
        return self.token(ids)

    def run(self, x, real):
        x = self.drop(self.norm_in(x + self.position.weight[:x.shape[1]]))
        for block in self.blocks:
            x = block(x, bias_of(real))
        return x


def bias_of(real):
    return None if real is None else (~real)[:, None, None, :].float() * -1e4


def pooled(states, real):
    """Mean and maximum over the tokens: [batch, 2 * width]."""
    if real is None:
        return torch.cat([states.mean(1), states.amax(1)], -1)
    weights = real.unsqueeze(-1).to(states.dtype)
    mean = (states * weights).sum(1) / weights.sum(1)
    return torch.cat([mean, (states - (1 - weights) * 1e4).amax(1)], -1)


class TextModel(nn.Module):
    """ids [batch, length] -> logits [batch, OUTPUTS], cut by SLICES."""

    def __init__(self, encoder, outputs=OUTPUTS, dropout=0.3):
        super().__init__()
        self.encoder, self.head, self.drop = encoder, nn.Linear(2 * encoder.width, outputs), nn.Dropout(dropout)

    def forward(self, ids):
        real = ids != PAD
        return self.head(self.drop(pooled(self.encoder.run(self.encoder.embedded(ids), real), real)))


def text_positions(ids):
    """Where a batch of ids has text."""
    return ids >= FIRST_TEXT_ID
