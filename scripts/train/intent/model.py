"""The network: characters and their sounds, one convolution, a few transformer layers, one linear classifier."""
import torch
from torch import nn
from torch.nn import functional as F

from vocabulary import PAD, TOKENS_MAX

WIDTH, LAYERS, HEADS, HIDDEN = 192, 3, 4, 512
DROPOUT = 0.15


class Layer(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self):
        super().__init__()
        self.norm_a, self.norm_f = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x, bias):
        batch, length, _ = x.shape
        q, k, v = (t.view(batch, length, HEADS, -1).transpose(1, 2) for t in self.qkv(self.norm_a(x)).chunk(3, -1))
        scores = q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        mixed = (scores if bias is None else scores + bias).softmax(-1) @ v
        x = x + self.drop(self.out(mixed.transpose(1, 2).reshape(batch, length, WIDTH)))
        return x + self.drop(self.down(F.gelu(self.up(self.norm_f(x)))))


class Encoder(nn.Module):
    """ids [batch, length] -> states [batch, length, WIDTH]; a token's embedding is its own plus its sounds'."""

    def __init__(self, vocabulary_size, sounds):
        super().__init__()
        self.token = nn.Embedding(vocabulary_size, WIDTH)
        self.syllable = nn.Embedding(sounds.syllables, WIDTH)
        self.alike = nn.Embedding(sounds.alikes, WIDTH)
        self.position = nn.Embedding(TOKENS_MAX, WIDTH)
        for table in (self.token, self.syllable, self.alike, self.position):
            nn.init.normal_(table.weight, std=0.05)
        self.register_buffer("syllable_of", torch.from_numpy(sounds.syllable))
        self.register_buffer("alike_of", torch.from_numpy(sounds.alike))
        self.neighbours = nn.Conv1d(WIDTH, WIDTH, 3, padding=1)
        self.norm_in, self.norm_out = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.drop = nn.Dropout(DROPOUT)

    def table(self):
        """All token embeddings with their sounds: what the exported graph holds."""
        has_sound = (self.syllable_of > 0).unsqueeze(1)
        return self.token.weight + has_sound * (self.syllable(self.syllable_of) + self.alike(self.alike_of))

    def forward(self, ids):
        has_sound = (self.syllable_of[ids] > 0).unsqueeze(-1)
        x = self.token(ids) + has_sound * (self.syllable(self.syllable_of[ids]) + self.alike(self.alike_of[ids]))
        return self.run(x, ids != PAD)

    def run(self, x, real):
        """`real` marks what is not padding; None when there is none."""
        x = self.norm_in(x + self.position.weight[:x.shape[1]])
        if real is not None:
            x = x * real.unsqueeze(-1)
        x = self.drop(x)
        x = x + F.gelu(self.neighbours(x.transpose(1, 2)).transpose(1, 2))
        bias = None if real is None else (~real)[:, None, None, :].float() * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return self.norm_out(x)


def pool(states, real):
    """Mean and maximum over the tokens: [batch, 2 * WIDTH]."""
    if real is None:
        return torch.cat([states.mean(1), states.amax(1)], -1)
    weights = real.unsqueeze(-1).float()
    mean = (states * weights).sum(1) / weights.sum(1)
    return torch.cat([mean, (states - (1 - weights) * 1e4).amax(1)], -1)


class Classifier(nn.Module):
    """ids [batch, length] -> logits [batch, classes]."""

    def __init__(self, encoder, classes, dropout=0.3):
        super().__init__()
        self.encoder, self.head, self.drop = encoder, nn.Linear(2 * WIDTH, classes), nn.Dropout(dropout)

    def forward(self, ids):
        return self.head(self.drop(pool(self.encoder(ids), ids != PAD)))
