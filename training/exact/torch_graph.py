"""An exact decoder's ONNX file run by PyTorch, node by node: a second runtime, and one that has a GPU."""

import torch
from torch.nn import functional as F

import onnx
from onnx import helper, numpy_helper


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def clip(x, low, high):
    return torch.minimum(torch.maximum(x, low), high)


def depth_to_space(x, blocksize, mode=b"DCR"):
    """PyTorch's pixel shuffle keeps the samples of one output channel together, which ONNX calls CRD."""
    if mode != b"CRD":
        raise NotImplementedError(f"DepthToSpace in mode {mode.decode()}")
    return F.pixel_shuffle(x, blocksize)


def conv(x, weight, bias, pads, strides, dilations, group, kernel_shape):
    if len(set(pads)) != 1 or {*strides, *dilations, group} != {1}:
        raise NotImplementedError(f"Conv with pads {pads}, strides {strides}, dilations {dilations}, group {group}")
    return F.conv2d(x, weight, bias, padding=pads[0])


OPERATIONS = {
    "Add": torch.add,
    "Cast": lambda x, to: x.float(),
    "Clip": clip,
    "Conv": conv,
    "DepthToSpace": depth_to_space,
    "Floor": lambda x: x + (torch.floor(x) - x).detach(),  # exact for what float32 holds to a part of 1
    "Identity": lambda x: x,
    "LeakyRelu": lambda x, alpha: F.leaky_relu(x, alpha),
    "Max": torch.maximum,
    "Min": torch.minimum,
    "Mul": torch.mul,
    "Sub": torch.sub,
}


class TorchGraph:
    """A graph with one input and one output, on a device. Slopes pass its roundings as if these were not there."""

    def __init__(self, path, device="cpu"):
        self.graph, self.device = onnx.load(path).graph, torch.device(device)
        self.constants = {t.name: self._tensor(t) for t in self.graph.initializer}
        for node in self.graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = self._tensor(node.attribute[0].t)
            elif node.op_type not in OPERATIONS:
                raise NotImplementedError(f"{path}: {node.op_type} is not an operation of exact decoders")

    @property
    def channels(self):
        """How many channels the input (N,C,h,w) has."""
        return self.graph.input[0].type.tensor_type.shape.dim[1].dim_value

    def _tensor(self, proto):
        return torch.from_numpy(numpy_helper.to_array(proto).copy()).to(self.device)

    @torch.no_grad()
    def __call__(self, x):
        """The output for an input tensor, both on any device."""
        return self.run(x).cpu()

    def run(self, x):
        """The same on the graph's device, with slopes where the input wants them."""
        values = self.constants | {self.graph.input[0].name: x.to(self.device)}
        for node in self.graph.node:
            if node.op_type != "Constant":
                inputs = (values[name] for name in node.input)
                values[node.output[0]] = OPERATIONS[node.op_type](*inputs, **attributes(node))
        return values[self.graph.output[0].name]
