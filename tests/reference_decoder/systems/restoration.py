"""The restoration step, in integers: docs/format_bands.md, "restore". Weights are those built into the library."""

import math
import re
import struct
from functools import cache
from itertools import pairwise
from pathlib import Path

from ..arithmetic import Float32
from ..bands.step_map import scaled
from ..container import Step

WEIGHTS = Path(__file__).resolve().parents[3] / "src" / "kernels" / "restoration" / "restoration_weights.inc"
STRENGTH, VISUAL = 1, 2  # parameters
OCTAVE, OCTAVES = 16, 6
CHANNELS = (12, 24, 24, 24, 12)
SHIFTS = (8, 11, 11, 11)
LIMIT = 8191

Grid = list[list[int]]  # a channel: rows of places
Layer = tuple[list[int], list[int]]  # weights [output][channel][3][3], and biases [octave][output]


@cache
def trained() -> list[list[Layer]]:
    """The layers of both sets."""
    numbers = re.findall(r"\d+", re.sub(r"//.*", "", WEIGHTS.read_text()))
    values = iter(v for (v,) in struct.iter_unpack("<h", bytes(map(int, numbers))))
    take = lambda n: [next(values) for _ in range(n)]  # noqa: E731
    return [[(take(9 * a * b), take(OCTAVES * b)) for a, b in pairwise(CHANNELS)] for _ in range(2)]


def biases_at(biases: list[int], strength: int) -> list[int]:
    """In sixteenths of 1/1024."""
    outputs = len(biases) // OCTAVES
    octave = min(strength // OCTAVE, OCTAVES - 2)
    part = strength - OCTAVE * octave
    here, next_ = (biases[outputs * k :][:outputs] for k in (octave, octave + 1))
    return [a * (OCTAVE - part) + b * part for a, b in zip(here, next_, strict=True)]


def convolved(channels: list[Grid], layer: Layer, strength: int, shift: int) -> list[Grid]:
    """Sums, shifted; two rows and two columns fewer."""
    weights, biases = layer
    height, width = len(channels[0]) - 2, len(channels[0][0]) - 2
    out = []
    for output, bias in enumerate(biases_at(biases, strength)):
        start = (bias << shift - 4) + (1 << shift - 1)
        grid = [[start] * width for _ in range(height)]
        for at, channel in enumerate(channels):
            own = weights[9 * (output * len(channels) + at) :][:9]
            add_products(grid, channel, own)
        out.append([[v >> shift for v in row] for row in grid])
    return out


def add_products(grid: Grid, channel: Grid, weights: list[int]) -> None:
    for y, row in enumerate(grid):
        above, middle, below = channel[y : y + 3]
        taps = [*(above[i:] for i in range(3)), *(middle[i:] for i in range(3)), *(below[i:] for i in range(3))]
        for x, values in zip(range(len(row)), zip(*taps, strict=False), strict=False):
            row[x] += sum(w * v for w, v in zip(weights, values, strict=True))


def activation(v: int) -> int:
    return max(-LIMIT, min(LIMIT, max(v, v >> 3)))


def whole(v: float) -> int:
    """A sample in 1/128 of a step, which it has been divided by, to the nearest, halves up, by a sum in binary32."""
    if math.isnan(v):
        return 0
    return int(Float32.store([max(-LIMIT, min(LIMIT, v)) + (LIMIT + 1.5)])[0]) - (LIMIT + 1)


def folded(plane: list[float], height: int, width: int, scale: float) -> list[Grid]:
    """The four channels of a plane at half its resolution, with four places more on each side."""
    border, layers = 2 * len(SHIFTS), []
    samples = [whole(v) for v in Float32.store(v * scale for v in plane)]
    rows = [samples[y * width :][:width] for y in range(height)]
    places = lambda n, odd: [min(max(2 * i + odd - border, 0), n - 1) for i in range((n + 1) // 2 + border)]  # noqa: E731
    for down in (0, 1):
        for across in (0, 1):
            columns = places(width, across)
            layers.append([[rows[y][x] for x in columns] for y in places(height, down)])
    return layers


def undo_restore(values: list[float], shape: tuple[int, int, int], step: Step) -> list[float]:
    strength, visual = step.parameter(STRENGTH, 32), step.parameter(VISUAL, False)
    if strength == 0:
        return values
    planes, height, width = shape
    size = scaled(4.0, strength)
    scale = Float32.store([128 / size])[0]
    own = [values[c * height * width :][: height * width] for c in range(planes)]
    channels = [grid for plane in own for grid in folded(plane, height, width, scale)]
    empty = [[0] * len(row) for row in channels[0]]
    channels += [empty] * (CHANNELS[0] - len(channels))
    for i, layer in enumerate(trained()[visual]):
        channels = convolved(channels, layer, strength, SHIFTS[i])
        if i + 1 < len(SHIFTS):
            channels = [[[activation(v) for v in row] for row in grid] for grid in channels]
    gain = size / 1024
    out: list[float] = []
    for c, plane in enumerate(own):
        added = (
            channels[4 * c + y % 2 * 2 + x % 2][y // 2][x // 2] * gain for y in range(height) for x in range(width)
        )
        out += Float32.store(a + b for a, b in zip(plane, Float32.store(added), strict=True))
    return out
