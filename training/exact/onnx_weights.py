"""The weights of a shipped model, back from its ONNX files into PyTorch's networks."""

import numpy as np
import torch

import onnx
from onnx import numpy_helper
from training.exact.integer import float_twin

HALF = ".f16"  # what export.py appends to the names of weights that it stores as float16


def read_weights(path):
    """{parameter name: float32 array} of a file written by export.py; of an exact decoder those of its float twin."""
    graph = onnx.load(path).graph
    weights = graph_weights(graph)
    return float_twin(weights) if any(node.op_type == "Floor" for node in graph.node) else weights


def graph_weights(graph):
    weights = {t.name.removesuffix(HALF): numpy_helper.to_array(t).astype(np.float32) for t in graph.initializer}
    for node in graph.node:  # the exporter keeps one copy of equal tensors
        if node.op_type == "Identity" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    return weights


def read_folder(model, folder):
    """Fills both networks from a model's folder; names and shapes must be those of the design."""
    for name in ("encoder", "decoder"):
        weights = read_weights(folder / f"{name}.onnx")
        network = getattr(model, name)
        network.load_state_dict({k: torch.from_numpy(weights[k].copy()) for k in network.state_dict()})
