#!/usr/bin/env python3
"""Stage `intent-export`: WORK/intent.pt -> models/intent.onnx, models/intent.tokenizer.json, tests/intent_ids.tsv.

The graph takes the ids of one text and gives 66 calibrated probabilities. Sounds are added into the token table,
the temperature into the last layer. Weights are stored as int8 with a scale a channel; ONNX Runtime folds them
back to float when it loads the model, so nothing is lost in speed.
"""
import argparse
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn

import corpus
from model import Classifier, Encoder, pool
from vocabulary import Sounds

QUANTISED_SIZE_MIN = 4096
IDS_FILE = corpus.ROOT / "tests" / "intent_ids.tsv"  # what the Rust tokenizer must agree with
IDS_OF = ["喂，你好？", "这个一百九十九的套餐5G流量有多少", "幺三八零零零", "我用wifi的 不用流量", "鼍龘𠮷", "Who's calling, please?",
          "I don’t think we'd need it...", "it's $19.99 a month", "Café naïve ＡＢＣ１２", "reconceptualisationism",
          "那 个 、 嗯", "call me at 555-0123 明天三点"]


class OneRun(nn.Module):
    """ids [length] -> logits [actions] divided by the temperature."""

    def __init__(self, model, temperature):
        super().__init__()
        self.encoder, self.head = model.encoder, model.head
        self.register_buffer("table", model.encoder.table().detach())
        self.head.weight.data /= temperature
        self.head.bias.data /= temperature

    def forward(self, ids):
        states = self.encoder.run(self.table[ids].unsqueeze(0), None)
        return self.head(pool(states, None))[0]


class OneText(nn.Module):
    """ids [length] -> probabilities [actions], from the mean of the runs' logits."""

    def __init__(self, runs):
        super().__init__()
        self.runs = nn.ModuleList(runs)

    def forward(self, ids):
        return torch.stack([run(ids) for run in self.runs]).mean(0).softmax(-1)


def quantised(weights):
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
        whole, scale = quantised(weights)
        name = tensor.name
        kept += [numpy_helper.from_array(whole, f"{name}.int8"), numpy_helper.from_array(scale, f"{name}.scale")]
        nodes += [helper.make_node("Cast", [f"{name}.int8"], [f"{name}.whole"], to=TensorProto.FLOAT),
                  helper.make_node("Mul", [f"{name}.whole", f"{name}.scale"], [name])]
    nodes += graph.node
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=corpus.ROOT / "target" / "train" / "intent")
    parser.add_argument("--models", type=Path, default=corpus.ROOT / "models")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(args.work / "tokenizer.json"))
    trained = torch.load(args.work / "intent.pt")
    sounds, runs = Sounds(tokenizer), []
    for weights in trained["runs"]:
        model = Classifier(Encoder(tokenizer.get_vocab_size(), sounds), len(corpus.ACTIONS))
        model.load_state_dict(weights)
        runs.append(OneRun(model, trained["temperature"]))
    one = OneText(runs).eval()
    example = torch.tensor(tokenizer.encode("你好 how much is it").ids)
    program = torch.onnx.export(one, (example,), dynamo=True, dynamic_shapes=({0: torch.export.Dim("length", min=1, max=64)},),
                                input_names=["ids"], output_names=["probabilities"], opset_version=18)
    program.optimize()
    proto = program.model_proto
    shrink(proto.graph)
    for entry in (*proto.graph.node, *proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        del entry.metadata_props[:]
        entry.doc_string = ""
    del proto.metadata_props[:], proto.graph.metadata_props[:]
    helper.set_model_props(proto, {"actions": " ".join(corpus.ACTIONS)})
    onnx.checker.check_model(proto)
    args.models.mkdir(exist_ok=True)
    path = args.models / "intent.onnx"
    onnx.save(proto, path)
    shutil.copy(args.work / "tokenizer.json", args.models / "intent.tokenizer.json")

    IDS_FILE.write_text("".join(f"{text}\t{' '.join(map(str, tokenizer.encode(text).ids))}\n" for text in IDS_OF), "utf-8")

    import onnxruntime  # only now: two runtimes' threads do not mix well while exporting
    session = onnxruntime.InferenceSession(str(path))
    for text in ("你好", "别再给我打电话了", "who is calling please", "啊" * 200):
        ids = torch.tensor(tokenizer.encode(text).ids)
        with torch.no_grad():
            wanted = one(ids).numpy()
        found = session.run(None, {"ids": ids.numpy()})[0]
        print(f"{text[:24]}: {corpus.ACTIONS[found.argmax()]} {found.max():.3f}, int8 changes it by {np.abs(found - wanted).max():.4f}")
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
