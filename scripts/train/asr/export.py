"""Writes the averaged weights as a ggml file that whisper.cpp loads unchanged, and reads one back.

    export.py CHECKPOINT VOCAB OUT.ggml[.zst] [--kind q8_0|f16] [--weights average|model]

The file: magic, 11 header numbers, mel filters, token strings, tensors. Matrices are q8_0 blocks (32 values:
one f16 scale, 32 int8), convolutions f16 (ggml aborts on f32 ones), the rest f32. n_vocab is Whisper's
51,865; the special ids are Whisper's; tokens that training never saw get -30 in the pinned dimension.
"""
import argparse
import subprocess
import struct
from pathlib import Path

import numpy as np
import torch

from features import BANDS, FILTERS
from model import AUDIO_CTX, BANDS as MODEL_BANDS, TEXT_CTX, Whisper
from vocab import SPECIALS, Vocabulary

MAGIC, VOCABULARY = 0x67676D6C, 51_865
SPECIAL_IDS = (50_257, 50_258, 50_259, 50_260, 50_359, 50_363)  # eot sot en zh transcribe notimestamps
UNUSED_LOGIT = -30.0
F32, F16, Q8_0 = 0, 1, 8  # ggml types
FILE_TYPE = {"f16": 1, "q8_0": 2007}  # ggml file type, with the quantisation version 2 in the thousands
BLOCK = 32
assert BANDS == MODEL_BANDS


def q8_0(values):
    """float32 [..., multiple of 32] -> ggml blocks as bytes."""
    blocks = values.reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1) / 127
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    out = np.empty((len(blocks), 2 + BLOCK), np.uint8)
    out[:, :2] = scale.astype(np.float16).view(np.uint8).reshape(-1, 2)
    out[:, 2:] = np.rint(blocks * inverse[:, None]).astype(np.int8).view(np.uint8)
    return out.tobytes()


def from_q8_0(data, shape):
    blocks = np.frombuffer(data, np.uint8).reshape(-1, 2 + BLOCK)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    return (blocks[:, 2:].view(np.int8) * scale).reshape(shape).astype(np.float32)


def tensor_type(name, array, kind):
    if "conv" in name and name.endswith("weight"):
        return F16
    if array.ndim < 2 or "positional" in name or "conv" in name:
        return F32
    return Q8_0 if kind == "q8_0" else F16


def whisper_embedding(compact, counts, strings):
    """Rows of the compact vocabulary at whisper.cpp's places; every other row can never win."""
    table = np.zeros((VOCABULARY, compact.shape[1]), np.float32)
    table[:, 0] = UNUSED_LOGIT
    for row, place in zip(compact, SPECIAL_IDS):
        table[place] = row
    seen = np.flatnonzero(counts[SPECIALS:SPECIALS + strings] > 0)
    table[seen] = compact[SPECIALS + seen]
    return table


def write(path, weights, counts, tokens, kind):
    weights = {name: value.float().numpy() for name, value in weights.items()}
    weights["decoder.token_embedding.weight"] = whisper_embedding(weights["decoder.token_embedding.weight"], np.asarray(counts), len(tokens))
    width = weights["encoder.ln_post.weight"].shape[0]
    layers = {side: 1 + max(int(n.split(".")[2]) for n in weights if n.startswith(side + ".blocks.")) for side in ("encoder", "decoder")}
    heads = width // 64
    with open(path, "wb") as out:
        number = lambda *values: out.write(struct.pack(f"<{len(values)}i", *values))
        number(MAGIC, VOCABULARY, AUDIO_CTX, width, heads, layers["encoder"], TEXT_CTX, width, heads, layers["decoder"], BANDS, FILE_TYPE[kind])
        number(*FILTERS.shape)
        out.write(FILTERS.tobytes())
        number(len(tokens))
        for token in tokens:
            number(len(token.encode()))
            out.write(token.encode())
        for name, array in weights.items():
            if name.endswith(("conv1.bias", "conv2.bias")):
                array = array.reshape(-1, 1)
            form = tensor_type(name, array, kind)
            number(array.ndim, len(name), form)
            number(*array.shape[::-1])
            out.write(name.encode())
            array = np.ascontiguousarray(array)
            out.write(q8_0(array) if form == Q8_0 else array.astype("<f2" if form == F16 else "<f4").tobytes())


def read(path):
    """(Whisper with the file's weights dequantised, its token strings); the vocabulary is compact again."""
    data = Path(path).read_bytes()
    if str(path).endswith(".zst"):
        data = subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    header = struct.unpack_from("<14i", data)
    at = 14 * 4 + 4 * header[12] * header[13]
    count, = struct.unpack_from("<i", data, at)
    at += 4
    tokens, weights = [], {}
    for _ in range(count):
        size, = struct.unpack_from("<i", data, at)
        tokens.append(data[at + 4:at + 4 + size].decode())
        at += 4 + size
    while at < len(data):
        dims, name_size, form = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{dims}i", data, at + 12)[::-1]
        at += 12 + 4 * dims
        name = data[at:at + name_size].decode()
        at += name_size
        size = int(np.prod(shape)) * {F32: 4, F16: 2, Q8_0: 34 / BLOCK}[form]
        raw = data[at:at + int(size)]
        at += int(size)
        array = from_q8_0(raw, shape) if form == Q8_0 else np.frombuffer(raw, "<f2" if form == F16 else "<f4").astype(np.float32).reshape(shape)
        weights[name] = torch.from_numpy(array.reshape(-1) if name.endswith(("conv1.bias", "conv2.bias")) else array)
    table = weights["decoder.token_embedding.weight"]
    weights["decoder.token_embedding.weight"] = torch.cat([table[list(SPECIAL_IDS)], table[:count]])
    model = Whisper(SPECIALS + count, header[3], header[5], header[9])
    model.load_state_dict(weights)
    return model.eval(), tokens


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("vocab", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kind", choices=FILE_TYPE, default="q8_0")
    parser.add_argument("--weights", choices=("average", "model"), default="average")
    args = parser.parse_args()
    stored = torch.load(args.checkpoint)
    plain = args.out.with_suffix("") if args.out.suffix == ".zst" else args.out
    write(plain, stored[args.weights], stored["counts"], Vocabulary(args.vocab).tokens, args.kind)
    if plain != args.out:
        subprocess.run(["zstd", "-19", "-q", "-f", "--rm", str(plain), "-o", str(args.out)], check=True)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB, step {stored['step']}, {stored['seen']} utterances")


if __name__ == "__main__":
    main()
