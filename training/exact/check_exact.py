#!/usr/bin/env python3
"""Proves from an ONNX file alone that its results do not depend on the order of floating-point sums.

    python -m training.exact.check_exact models/photo-f8c32/decoder.onnx

Every tensor is followed through the graph as whole multiples of a power of two with a largest magnitude, channel by
channel (interval arithmetic on |weights|). A sum whose terms and partial sums stay below 2^24 of their common unit is a
float32 without rounding in whatever order it is done. Tensors in front of the first Floor are not whole yet: there only
operations on single values are allowed, which IEEE 754 rounds in one way. Behind the last Clip likewise, and between a
sum with a constant that rounds and the Floor behind it.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import onnx
from onnx import helper, numpy_helper

EXACT = float(1 << 24)


@dataclass
class Whole:
    """Multiples of 2^-shift (per channel, or one for all), at most `largest` in magnitude (per channel)."""

    shift: np.ndarray
    largest: np.ndarray
    above: np.ndarray | None = None  # the limits of a Min or a Max, until the other one is there, too
    below: np.ndarray | None = None


class NotExact(ValueError):
    """The graph, or a tensor of it, gives no guarantee; the text says where."""


def unit_shift(values):
    """Per output channel (axis 0): the smallest s such that all values are multiples of 2^-s."""
    flat = np.abs(values.reshape(len(values), -1).astype(np.float64))
    mantissa, exponent = np.frexp(flat)
    digits = (mantissa * 2.0**53).astype(np.int64)
    trailing = np.where(digits == 0, 0, np.log2((digits & -digits).clip(1)).astype(np.int64))
    lowest = np.where(digits == 0, -(1 << 20), 53 - exponent - trailing)
    return lowest.max(1).astype(np.float64)


def never_rounds(largest, shift):
    """Whether float32 holds all multiples of 2^-shift up to `largest`."""
    return (largest * 2.0**shift < EXACT).all()


class Prover:
    """Walks the nodes in order. `tensors` holds Whole values, `constants` arrays; absent: floats of any kind."""

    def __init__(self, graph):
        self.graph = graph
        self.constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.tensors = {}
        self.convolutions = 0

    def prove(self):
        """-> number of convolutions proved. Throws NotExact."""
        for node in self.graph.node:
            getattr(self, f"op_{node.op_type.lower()}", self.unknown)(node)
        return self.convolutions

    def unknown(self, node):
        raise NotExact(f"{node.name}: {node.op_type} is not an operation that this proof knows")

    def whole(self, node, i=0):
        if node.input[i] not in self.tensors:
            raise NotExact(f"{node.name}: {node.op_type} works on {node.input[i]}, which is not made of whole numbers")
        return self.tensors[node.input[i]]

    def op_constant(self, node):
        self.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)

    def op_cast(self, node):
        self.constants[node.output[0]] = self.constants[node.input[0]].astype(np.float32)

    def op_identity(self, node):
        source, target = node.input[0], node.output[0]
        if source in self.constants:
            self.constants[target] = self.constants[source]
        else:
            self.tensors[target] = self.whole(node)

    def op_conv(self, node):
        x, weight, bias = self.whole(node), self.constants[node.input[1]], self.constants[node.input[2]]
        weights, offsets = weight.astype(np.float64), bias.astype(np.float64)
        shifted = weights * 2.0 ** -np.broadcast_to(x.shift, weights.shape[1])[None, :, None, None]
        shift = np.maximum(unit_shift(shifted), unit_shift(offsets[:, None]))
        largest = (np.abs(weights).sum((2, 3)) * x.largest).sum(1) + np.abs(offsets)
        self._require(node, largest, shift)
        self.convolutions += 1
        self.tensors[node.output[0]] = Whole(shift, largest)

    @staticmethod
    def _require(node, largest, shift):
        reach = largest * 2.0**shift
        if not never_rounds(largest, shift):
            raise NotExact(f"{node.name}: {node.op_type} reaches {reach.max():.0f} units, 2^24 is the limit")

    def op_floor(self, node):
        x = self.tensors.get(node.input[0])
        largest = np.array(np.inf) if x is None else np.ceil(x.largest)
        self.tensors[node.output[0]] = Whole(np.zeros_like(largest), largest)

    def op_relu(self, node):
        self.tensors[node.output[0]] = self.whole(node)

    def op_leakyrelu(self, node):
        """A slope that is a power of two only moves the point of negative numbers."""
        slope = helper.get_attribute_value(node.attribute[0])
        if np.frexp(slope)[0] != 0.5:
            raise NotExact(f"{node.name}: the slope {slope} is no power of two")
        x = self.whole(node)
        self.tensors[node.output[0]] = Whole(x.shift - np.log2(slope), x.largest)

    def op_clip(self, node):
        x, bounds = self.whole(node), np.array([float(self.constants[name]) for name in node.input[1:3]])
        shift = np.maximum(x.shift, unit_shift(bounds).max())
        self.tensors[node.output[0]] = Whole(shift, np.minimum(x.largest, np.abs(bounds).max()))

    def op_min(self, node):
        self._one_sided(node, "above")

    def op_max(self, node):
        self._one_sided(node, "below")

    def _one_sided(self, node, side):
        """Min or Max with a constant per channel; both together bound the magnitude."""
        limit = next(self.constants[name] for name in node.input if name in self.constants).flatten()
        x = self.whole(node, 1 if node.input[0] in self.constants else 0)
        x = replace(x, shift=np.maximum(x.shift, unit_shift(limit)), **{side: limit.astype(np.float64)})
        if x.above is not None and x.below is not None:
            x = Whole(x.shift, np.maximum(np.abs(x.above), np.abs(x.below)))
        self.tensors[node.output[0]] = x

    def op_add(self, node):
        if node.input[1] in self.constants or node.input[0] in self.constants:
            self._with_constant(node)
            return
        a, b = self.whole(node, 0), self.whole(node, 1)
        shift, largest = np.maximum(a.shift, b.shift), a.largest + b.largest
        self._require(node, largest, shift)
        self.tensors[node.output[0]] = Whole(shift, largest)

    def op_sub(self, node):
        self._with_constant(node)

    def op_mul(self, node):
        """With one constant: a power of two keeps whole numbers; anything else ends them."""
        value = next(float(self.constants[n].flatten()[0]) for n in node.input if n in self.constants)
        x = next((self.tensors[n] for n in node.input if n in self.tensors), None)
        if x is not None and np.frexp(value)[0] == 0.5:
            self.tensors[node.output[0]] = Whole(x.shift - np.log2(value), x.largest * value)

    def _with_constant(self, node):
        """A sum or difference with one number for all channels: one operation on single values, so where it rounds, it
        rounds in one way, and the result only has to be made whole again."""
        value = next(float(self.constants[n].flatten()[0]) for n in node.input if n in self.constants)
        x = next((self.tensors[n] for n in node.input if n in self.tensors), None)
        if x is None:
            return
        shift = np.maximum(x.shift, unit_shift(np.array([value])))
        largest = x.largest + abs(value)
        if never_rounds(largest, shift):
            self.tensors[node.output[0]] = Whole(shift, largest)

    def op_depthtospace(self, node):
        """Channels (C r^2) -> C; mode CRD keeps those of one output channel together, DCR strides them."""
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        x, area = self.whole(node), attributes["blocksize"] ** 2
        order = (-1, area) if attributes.get("mode", b"DCR") == b"CRD" else (area, -1)
        axis = 1 if order[0] == -1 else 0

        def merged(values):
            return values.reshape(order).max(axis) if values.ndim else values

        self.tensors[node.output[0]] = Whole(merged(x.shift), merged(x.largest))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("graph", type=Path)
    args = p.parse_args()
    count = Prover(onnx.load(args.graph).graph).prove()
    print(f"{args.graph}: exact, {count} convolutions stay below 2^24")


if __name__ == "__main__":
    main()
