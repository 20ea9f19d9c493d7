#!/usr/bin/env python3
"""Stage `text-export`: runs of WORK/LANG -> models/text.LANG.onnx, models/text.LANG.tokenizer.json, tests/text_ids.tsv.

The graph takes the ids of one text and gives the probabilities of every head's classes, side by side. A run's sounds are
added into its token table. Each head has its temperature and the thresholds have their place: both are chosen on dev
(`calibrate.py`) with the very graph that is committed, before that with neutral ones. Products are int8 in ONNX Runtime;
the tables are stored as int8 with a scale a row and folded back to float when the model is loaded.
"""
import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn

import corpus
import tokens
from calibrate import NEUTRAL, calibrated
from corpus import HEADS
from network import English, Mandarin, SLICES, TextModel, pooled

QUANTISED_SIZE_MIN = 4096
IDS_FILE = corpus.ROOT / "tests" / "text_ids.tsv"  # what the Rust tokenizer must agree with
IDS_OF = ["喂，你好？", "这个一百九十九的套餐5G流量有多少", "幺三八零零零", "我用wifi的 不用流量", "鼍龘𠮷", "Who's calling, please?",
          "I don’t think we'd need it...", "it's $19.99 a month", "Café naïve ＡＢＣ１２", "reconceptualisationism",
          "那 个 、 嗯", "call me at 555-0123 明天三点"]


class OneText(nn.Module):
    """ids [length] -> probabilities [OUTPUTS]; `temperatures` divide the logits of each head."""

    def __init__(self, model, temperatures):
        super().__init__()
        self.encoder, self.head = model.encoder, model.head
        with torch.no_grad():
            self.register_buffer("table", model.encoder.embedded(torch.arange(model.encoder.token.num_embeddings)).detach())
            for head, part in SLICES.items():
                self.head.weight[part] /= temperatures[head]
                self.head.bias[part] /= temperatures[head]

    def forward(self, ids):
        states = self.encoder.run(self.table[ids].unsqueeze(0), None)
        logits = self.head(pooled(states, None))[0]
        return torch.cat([logits[part].softmax(-1) for part in SLICES.values()])


def stored(weights):
    """(int8, scale) with the channel axis that loses least."""
    found = []
    for axis in range(weights.ndim):
        others = tuple(i for i in range(weights.ndim) if i != axis)
        scale = np.maximum(np.abs(weights).max(others, keepdims=True), 1e-8) / 127
        whole = np.round(weights / scale).astype(np.int8)
        found.append((np.square(whole * scale - weights).sum(), whole, scale.astype(np.float32)))
    return min(found, key=lambda item: item[0])[1:]


def shrink(graph):
    """Replaces the large float tensors of a graph by int8 tensors, a cast and a multiplication."""
    nodes, kept = [], []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype != np.float32 or weights.ndim < 2 or weights.size < QUANTISED_SIZE_MIN:
            kept.append(tensor)
            continue
        whole, scale = stored(weights)
        name = tensor.name
        kept += [numpy_helper.from_array(whole, f"{name}.int8"), numpy_helper.from_array(scale, f"{name}.scale")]
        nodes += [helper.make_node("Cast", [f"{name}.int8"], [f"{name}.whole"], to=TensorProto.FLOAT),
                  helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [name])]
    nodes += graph.node
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def graph_of(one, products):
    """The ONNX model of a OneText; `products` in "int8" or "float"."""
    program = torch.onnx.export(one, (torch.arange(12),), dynamo=True, dynamic_shapes=({0: torch.export.Dim("length", min=2, max=66)},),
                                input_names=["ids"], output_names=["probabilities"], opset_version=20)
    program.optimize()
    proto = program.model_proto
    if products == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic
        del proto.graph.value_info[:]
        with tempfile.TemporaryDirectory() as folder:
            onnx.save(proto, f"{folder}/float.onnx")
            quantize_dynamic(f"{folder}/float.onnx", f"{folder}/int8.onnx", op_types_to_quantize=["MatMul"], per_channel=True,
                             weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True})
            proto = onnx.load(f"{folder}/int8.onnx")
    shrink(proto.graph)
    for entry in (*proto.graph.node, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        del entry.metadata_props[:]
        entry.doc_string = ""
    del proto.metadata_props[:], proto.graph.metadata_props[:]
    return proto


def write(proto, thresholds, path):
    helper.set_model_props(proto, {"heads": json.dumps(HEADS), "thresholds": json.dumps(thresholds)})
    onnx.checker.check_model(proto)
    onnx.save(proto, path)


def load(lang, work, name, tokenizer):
    encoder = Mandarin(tokens.Sounds(tokenizer)) if lang == "zh" else English(tokenizer.get_vocab_size())
    weights = torch.load(work / f"{name}.pt")
    layers = 1 + max(int(key.split(".")[2]) for key in weights if key.startswith("encoder.blocks."))
    encoder.blocks = encoder.blocks[:layers]
    model = TextModel(encoder)
    model.load_state_dict(weights)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lang", choices=corpus.LANGS)
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "text")
    parser.add_argument("--models", type=Path, default=corpus.ROOT / "models")
    parser.add_argument("--run", default="final")
    parser.add_argument("--products", choices=("int8", "float"), default="int8")
    args = parser.parse_args()
    torch.set_num_threads(1)
    work, path = args.work / args.lang, args.models / f"text.{args.lang}.onnx"
    args.models.mkdir(exist_ok=True)
    tokenizer_path = args.models / f"text.{args.lang}.tokenizer.json"
    shutil.copy(work / "tokenizer.json", tokenizer_path)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    neutral = {head: 1.0 for head in HEADS}
    write(graph_of(OneText(load(args.lang, work, args.run, tokenizer), neutral), args.products), NEUTRAL, path)
    temperatures, thresholds = calibrated(args.lang, args.models)
    write(graph_of(OneText(load(args.lang, work, args.run, tokenizer), temperatures), args.products), thresholds, path)
    rows = [line for line in IDS_FILE.read_text("utf-8").splitlines() if not line.startswith(args.lang)] if IDS_FILE.exists() else []
    for text in IDS_OF:
        ids = tokens.sequence(tokenizer.encode(text), "customer", "confirm")
        rows.append(f"{args.lang}\t{text}\t{' '.join(map(str, ids))}")
    if args.models == corpus.ROOT / "models":
        IDS_FILE.write_text("".join(f"{row}\n" for row in sorted(rows)), "utf-8")
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB, temperatures {temperatures}, thresholds {thresholds}")


if __name__ == "__main__":
    main()
