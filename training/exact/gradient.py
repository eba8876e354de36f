#!/usr/bin/env python3
"""The gradient graph of a decoder: what one more ONNX file lets an encoder improve latents by, without PyTorch.

    python -m training.exact.gradient models/photo-f8c64   # writes gradient.onnx and its entry in model.json

The graph is the vector-Jacobian product of the decoder beside it: of a latent z and a cotangent dL/dx, the slope of
some loss L by the decoder's output x, it makes dL/dz. Roundings pass it as if they were not there (straight through:
Bengio, Leonard, Courville 2013, arXiv 1308.3432), clippings pass that of values which they leave alone. One input holds
both, so that it runs as any other network does: (n, channels + 3 factor^2, h, w), the latent as the decoder takes it
and behind it dL/dx with the pixels of each latent sample as channels, the order of DepthToSpace in mode CRD. The output
is (n, channels, h, w). The weights are those in the decoder's file, where ONNX finds them as external data.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import onnx
from onnx import TensorProto, helper, numpy_helper
from training.exact.card import sha256

INPUT, OUTPUT = "latent_and_cotangent", "latent_cotangent"
FILE, DECODER = "gradient.onnx", "decoder.onnx"
BESIDE = 1024  # bytes from which on a weight is left in the decoder's file
EVERYTHING = np.iinfo(np.int32).max  # an end beyond every axis


class Gradient:
    """Walks a decoder's nodes backwards and appends theirs. `cotangents`: tensor -> the names of parts that add up."""

    def __init__(self, graph, factor):
        self.graph, self.factor = graph, factor
        self.channels = graph.input[0].type.tensor_type.shape.dim[1].dim_value
        self.nodes, self.constants, self.cotangents = [], {}, {}
        self.dependent = {graph.input[0].name}
        for node in graph.node:
            if self.dependent & set(node.input):
                self.dependent |= set(node.output)

    def build(self):
        """-> (nodes, constants as initializers) of the whole graph, from INPUT to OUTPUT."""
        z, x = self.graph.input[0].name, self.graph.output[0].name
        self.part(INPUT, 0, self.channels, z)
        self.part(INPUT, self.channels, EVERYTHING, "cotangent.folded")
        self.nodes.extend(self.graph.node)
        cotangent = self.add("DepthToSpace", ["cotangent.folded"], blocksize=self.factor, mode="CRD")
        self.cotangents[x] = [cotangent]
        for node in reversed(self.graph.node):
            if self.dependent & set(node.output):
                getattr(self, f"op_{node.op_type.lower()}", self.unknown)(node, self.sum(node.output[0]))
        self.nodes.append(helper.make_node("Identity", [self.sum(z)], [OUTPUT]))
        return self.nodes, [numpy_helper.from_array(v, k) for k, v in self.constants.items()]

    def unknown(self, node, _):
        raise NotImplementedError(f"{node.name or node.output[0]}: no cotangent of {node.op_type} is known here")

    def add(self, op, inputs, **attributes):
        """Appends a node with one output and returns that."""
        name = f"cotangent.{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], **attributes))
        return name

    def constant(self, value, dtype=np.float32):
        array = np.asarray(value, dtype)
        name = f"cotangent.constant.{array.dtype}.{array.tolist()}"
        self.constants[name] = array
        return name

    def part(self, name, begin, end, into):
        """Channels [begin, end) of a tensor."""
        bounds = [self.constant([value], np.int64) for value in (begin, end, 1)]
        self.nodes.append(helper.make_node("Slice", [name, *bounds], [into]))

    def sum(self, name):
        """The cotangent of a tensor, of all that reads it."""
        total, *rest = self.cotangents[name]
        for other in rest:
            total = self.add("Add", [total, other])
        return total

    def give(self, name, cotangent):
        if name in self.dependent:
            self.cotangents.setdefault(name, []).append(cotangent)

    def where(self, mask, cotangent):
        return self.add("Where", [mask, cotangent, self.constant(0.0)])

    def op_floor(self, node, cotangent):
        self.give(node.input[0], cotangent)

    op_identity = op_floor

    def op_clip(self, node, cotangent):
        self.give(node.input[0], self.where(self.add("Equal", [node.input[0], node.output[0]]), cotangent))

    def op_min(self, node, cotangent):
        for name in node.input:
            self.give(name, self.where(self.add("Equal", [name, node.output[0]]), cotangent))

    op_max = op_min

    def op_leakyrelu(self, node, cotangent):
        alpha = {a.name: a.f for a in node.attribute}.get("alpha", 0.01)
        positive = self.add("Greater", [node.input[0], self.constant(0.0)])
        less = self.add("Mul", [cotangent, self.constant(alpha)])
        self.give(node.input[0], self.add("Where", [positive, cotangent, less]))

    def op_relu(self, node, cotangent):
        self.give(node.input[0], self.where(self.add("Greater", [node.input[0], self.constant(0.0)]), cotangent))

    def op_add(self, node, cotangent):
        for name in node.input:
            self.give(name, cotangent)

    def op_sub(self, node, cotangent):
        self.give(node.input[0], cotangent)
        if node.input[1] in self.dependent:
            self.give(node.input[1], self.add("Neg", [cotangent]))

    def op_mul(self, node, cotangent):
        a, b = node.input
        if {a, b} <= self.dependent:
            self.unknown(node, cotangent)
        for name, other in ((a, b), (b, a)):
            if name in self.dependent:
                self.give(name, self.add("Mul", [cotangent, other]))

    def op_conv(self, node, cotangent):
        """A convolution with the kernels turned round and inputs and outputs exchanged."""
        about = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        kernel, pads = about["kernel_shape"], about.get("pads", [0] * 4)
        plain = about.get("group", 1) == 1 and {*about.get("strides", [1]), *about.get("dilations", [1])} == {1}
        if not plain or any(2 * pad + 1 != kernel[i % 2] for i, pad in enumerate(pads)):
            self.unknown(node, cotangent)
        turned = self.add("Transpose", [node.input[1]], perm=[1, 0, 2, 3])
        if max(kernel) > 1:
            last, first = self.constant([-1, -1], np.int64), self.constant([-EVERYTHING, -EVERYTHING], np.int64)
            turned = self.add("Slice", [turned, last, first, self.constant([2, 3], np.int64), last])
        self.give(node.input[0], self.add("Conv", [cotangent, turned], kernel_shape=kernel, pads=pads))

    def op_depthtospace(self, node, cotangent):
        about = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        size = about["blocksize"]
        depth = self.add("SpaceToDepth", [cotangent], blocksize=size)
        if about.get("mode", b"DCR") == b"CRD":  # SpaceToDepth puts the blocks' places before the channels
            depth = self.add("Gather", [depth, self.channels_last(node, size)], axis=1)
        self.give(node.input[0], depth)

    def channels_last(self, node, size):
        """The order of CRD's channels among those of SpaceToDepth."""
        channels = self.depth_of(node.input[0]) // size**2
        order = np.arange(channels * size**2).reshape(size**2, channels).T.flatten()
        name = f"cotangent.order.{channels}.{size}"
        self.constants[name] = order.astype(np.int64)
        return name

    def depth_of(self, name):
        """The channels of a tensor: those of the convolution that it comes from."""
        made_by = {n.output[0]: n for n in self.graph.node}
        while made_by[name].op_type != "Conv":
            name = next(i for i in made_by[name].input if i in self.dependent)
        weight = made_by[name].input[1]
        weight = made_by[weight].input[0] if weight in made_by else weight
        return next(t.dims[0] for t in self.graph.initializer if t.name == weight)


def left_beside(tensor, decoder):
    """A weight as a reference to its bytes in the decoder's file."""
    raw = numpy_helper.to_array(tensor).tobytes()
    at = decoder.find(raw)
    if len(raw) < BESIDE or at < 0:
        return tensor
    out = TensorProto(name=tensor.name, dims=tensor.dims, data_type=tensor.data_type)
    out.data_location = TensorProto.EXTERNAL
    for key, value in (("location", DECODER), ("offset", at), ("length", len(raw))):
        out.external_data.add(key=key, value=str(value))
    return out


def gradient_of(decoder, factor):
    """The model (ONNX) of the gradient of a decoder, given that file's bytes."""
    model = onnx.load_model_from_string(decoder)
    nodes, constants = Gradient(model.graph, factor).build()
    channels = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
    axes = lambda count: ["n", count, "h", "w"]  # noqa: E731
    graph = helper.make_graph(
        nodes,
        "gradient",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, axes(channels + 3 * factor**2))],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, axes(channels))],
        [left_beside(t, decoder) for t in model.graph.initializer] + constants,
    )
    out = helper.make_model(graph, opset_imports=model.opset_import, producer_name="vaerans training.exact.gradient")
    out.ir_version = model.ir_version
    return out


def entry(folder):
    """What the card says of the gradient."""
    hashes = {"sha256": sha256(folder / FILE), "external": {DECODER: sha256(folder / DECODER)}}
    return {"file": FILE, **hashes, "input": INPUT, "output": OUTPUT}


def write_gradient(folder, factor):
    """Writes the file into a model's folder, and returns the card's entry."""
    model = gradient_of((folder / DECODER).read_bytes(), factor)
    (folder / FILE).write_bytes(model.SerializeToString(deterministic=True))
    onnx.checker.check_model(folder / FILE, full_check=True)
    return entry(folder)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path, nargs="+", help="a model's, with decoder.onnx and model.json")
    for folder in p.parse_args().folder:
        card = json.loads((folder / "model.json").read_text())
        written = write_gradient(folder, card["factor"])
        around = list(card.items())
        at = 1 + [name for name, _ in around].index("decoder")
        rest = [item for item in around[at:] if item[0] != "gradient"]
        card = dict([*around[:at], ("gradient", written), *rest])
        (folder / "model.json").write_text(json.dumps(card, indent=2) + "\n")
        print(f"{folder / FILE}: {(folder / FILE).stat().st_size} bytes")


if __name__ == "__main__":
    main()
