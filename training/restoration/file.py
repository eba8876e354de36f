"""The trained numbers as the library has them built in: src/kernels/restoration/restoration_weights.inc.

Of each set and layer the weights, 16 bits, [output][channel][row][column] in 1/2048, then the biases in 1/1024,
[octave][output] (docs/format_bands.md, "restore").
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from training.restoration.network import CHANNELS, OCTAVES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kernels" / "restoration" / "restoration_weights.inc"
WEIGHT_PARTS, ACTIVATION_PARTS = 2048, 1024
MOST_ACTIVATION = 8191  # what goes into a layer at most; sums of products must stay below 2^31
BYTES_A_LINE = 24
HEADER = (
    "// Made by `python -m training.restoration.train --write`; other numbers restore old files to other pictures.\n"
)


def whole(values, parts):
    """Numbers as 16-bit integers, in so many parts of one."""
    numbers = np.rint(np.asarray(values, np.float64) * parts)
    if np.abs(numbers).max() > 32767:
        raise ValueError(f"a number of {np.abs(values).max()} does not fit into 16 bits of 1/{parts}")
    return numbers.astype("<i2")


def checked(weights, biases):
    """The layer's numbers, once no sum of it can leave 32 bits."""
    most = np.abs(weights.astype(np.int64)).sum((1, 2, 3)) * MOST_ACTIVATION
    most += np.abs(biases.astype(np.int64)).max(0) * WEIGHT_PARTS + WEIGHT_PARTS
    if most.max() >= 2**31:
        raise ValueError("sums of a layer may leave 32 bits; train with smaller weights")
    return weights.tobytes() + biases.tobytes()


def read_source():
    """Both sets as states of training.restoration.network.Network: to go on from, or to compare with."""
    lines = SOURCE.read_text().splitlines()[1:]
    data = bytes(int(number) for line in lines for number in line.split(",") if number)
    return [read_set(each) for each in np.split(np.frombuffer(data, "<i2").astype(np.float32), 2)]


def read_set(numbers):
    state, at = {}, 0
    for i, (inputs, outputs) in enumerate(pairwise(CHANNELS)):
        weights, biases = (outputs, inputs, 3, 3), (OCTAVES, outputs)
        for name, shape, parts in (
            (f"convs.{i}.weight", weights, WEIGHT_PARTS),
            (f"bias.{i}", biases, ACTIVATION_PARTS),
        ):
            size = int(np.prod(shape))
            state[name] = torch.from_numpy(numbers[at : at + size].reshape(shape) / parts)
            at += size
    return state


def content(network):
    """A set as bytes; `network` is a state of training.restoration.network.Network."""
    layers = sum(name.startswith("convs.") for name in network)
    numbers = lambda name: network[name].detach().numpy()  # noqa: E731
    return b"".join(
        checked(whole(numbers(f"convs.{i}.weight"), WEIGHT_PARTS), whole(numbers(f"bias.{i}"), ACTIVATION_PARTS))
        for i in range(layers)
    )


def write_source(sets):
    data = b"".join(content(each) for each in sets)
    lines = (data[at : at + BYTES_A_LINE] for at in range(0, len(data), BYTES_A_LINE))
    SOURCE.write_text(HEADER + "".join(",".join(map(str, line)) + ",\n" for line in lines))
