"""Whisper's architecture in PyTorch with a compact vocabulary, and the auxiliary heads of training.

Shapes: mel [B, 80, T] (10 ms frames), encoder states [B, T/2, D] (20 ms), tokens [B, L] of compact ids.
Compact ids: 0 … 5 the special tokens, then the strings of vocab.json. whisper.cpp's ids: export.py.

Dimension 0 of the decoder's last state is pinned to 1 (LayerNorm weight 0, bias 1), so column 0 of the
tied embedding is a bias of the output: export.py gives every unused token -30 there.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn

EOT, SOT, EN, ZH, TRANSCRIBE, NO_TIMESTAMPS = range(6)
LANGUAGE = {"zh": ZH, "en": EN}
AUDIO_CTX, TEXT_CTX, BANDS = 500, 128, 80
PHONES_MAX, SYLLABLES_MAX = 192, 2304  # classes of the auxiliary heads


def gelu(x):
    return F.gelu(x, approximate="tanh")  # what ggml computes


def sinusoids(length, channels):
    """Whisper's fixed positions [length, channels]."""
    rates = torch.exp(-math.log(10_000) / (channels // 2 - 1) * torch.arange(channels // 2))
    angles = torch.arange(length)[:, None] * rates[None, :]
    return torch.cat([angles.sin(), angles.cos()], 1)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def _split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x, source=None, causal=False, weights_wanted=False):
        """x [B, L, D], source [B, S, D] or None for self-attention -> ([B, L, D], weights [B, H, L, S] or None)"""
        source = x if source is None else source
        query, key, value = self._split(self.query(x)), self._split(self.key(source)), self._split(self.value(source))
        weights = None
        if weights_wanted or not causal:  # plain products: twice as fast as the fused kernel in bfloat16 on a CPU
            weights = ((query / math.sqrt(query.shape[-1])) @ key.transpose(2, 3)).softmax(-1, dtype=query.dtype)
            mixed = weights @ value
        else:
            mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2)), weights


class Block(nn.Module):
    def __init__(self, width, heads, cross):
        super().__init__()
        self.attn, self.attn_ln = Attention(width, heads), nn.LayerNorm(width)
        if cross:
            self.cross_attn, self.cross_attn_ln = Attention(width, heads), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))
        self.mlp_ln = nn.LayerNorm(width)

    def forward(self, x, source=None, causal=False, weights_wanted=False):
        weights = None
        x = x + self.attn(self.attn_ln(x), causal=causal)[0]
        if source is not None:
            mixed, weights = self.cross_attn(self.cross_attn_ln(x), source, weights_wanted=weights_wanted)
            x = x + mixed
        return x + self.mlp(self.mlp_ln(x)), weights


class Encoder(nn.Module):
    def __init__(self, width, heads, layers):
        super().__init__()
        self.conv1 = nn.Conv1d(BANDS, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.register_buffer("positional_embedding", sinusoids(AUDIO_CTX, width))
        self.blocks = nn.ModuleList(Block(width, heads, False) for _ in range(layers))
        self.ln_post = nn.LayerNorm(width)

    def forward(self, mel):
        """mel [B, 80, T] -> (states [B, T/2, D], states of the middle layer)"""
        x = gelu(self.conv2(gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positional_embedding[:x.shape[1]]
        for i, block in enumerate(self.blocks):
            x, _ = block(x)
            if i == len(self.blocks) // 2 - 1:
                middle = x
        return self.ln_post(x), middle


class Decoder(nn.Module):
    def __init__(self, tokens, width, heads, layers):
        super().__init__()
        self.token_embedding = nn.Embedding(tokens, width)
        self.positional_embedding = nn.Parameter(torch.randn(TEXT_CTX, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads, True) for _ in range(layers))
        self.ln = nn.LayerNorm(width)
        nn.init.normal_(self.token_embedding.weight, std=width ** -0.5)
        free = torch.ones(width)
        free[0] = 0.0
        with torch.no_grad():
            self.ln.weight[0], self.ln.bias[0] = 0.0, 1.0
            self.token_embedding.weight[:, 0] = 0.0
        self.ln.weight.register_hook(lambda grad: grad * free)
        self.ln.bias.register_hook(lambda grad: grad * free)

    def forward(self, tokens, states, weights_wanted=False):
        """tokens [B, L] -> (logits [B, L, V], cross-attention [layers] of [B, H, L, S])"""
        x = self.token_embedding(tokens) + self.positional_embedding[:tokens.shape[1]]
        crossed = []
        for block in self.blocks:
            x, weights = block(x, states, causal=True, weights_wanted=weights_wanted)
            crossed.append(weights)
        return self.ln(x) @ self.token_embedding.weight.T, crossed


class Whisper(nn.Module):
    def __init__(self, tokens, width=192, encoder_layers=4, decoder_layers=2):
        super().__init__()
        heads = width // 64
        self.encoder = Encoder(width, heads, encoder_layers)
        self.decoder = Decoder(tokens, width, heads, decoder_layers)

    @torch.no_grad()
    def greedy(self, mel, languages, tokens_max=60):
        """mel [B, 80, T], languages [B] of EN/ZH -> [(ids, mean log-probability with the end token)] per row."""
        states, _ = self.encoder(mel)
        tokens = torch.tensor([[SOT, language, TRANSCRIBE, NO_TIMESTAMPS] for language in languages])
        ended = torch.zeros(len(languages), dtype=torch.bool)
        found, scores = [[] for _ in languages], [[] for _ in languages]
        for _ in range(tokens_max):
            logits, _ = self.decoder(tokens, states)
            logits = logits[:, -1]
            logits[:, 1:6] = -1e9
            best = logits.log_softmax(-1).max(-1)
            for i, (score, token) in enumerate(zip(best.values.tolist(), best.indices.tolist())):
                if not ended[i]:
                    scores[i].append(score)
                    if token == EOT:
                        ended[i] = True
                    else:
                        found[i].append(token)
            if ended.all():
                break
            tokens = torch.cat([tokens, best.indices[:, None]], 1)
        return [(ids, sum(s) / max(1, len(s))) for ids, s in zip(found, scores)]


class AuxiliaryHeads(nn.Module):
    """Classes of each 20 ms frame, used in training only: espeak's phonemes (middle and last layer), and
    the syllable (zh: pinyin with tone) or frequent word (en) that sounds (last layer)."""

    def __init__(self, width):
        super().__init__()
        self.phones_middle = nn.Linear(width, PHONES_MAX)
        self.phones_last = nn.Linear(width, PHONES_MAX)
        self.syllables = nn.Linear(width, SYLLABLES_MAX)
