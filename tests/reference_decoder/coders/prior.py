"""Priors: the trained numbers behind coder=context (docs/format.md, "Priors")."""

import re
import zlib
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from ..numbers import ByteReader, FormatError
from ..systems.subbands import LL

CLASSES, PHASES, VALUES, SLOTS = 112, 3, 81, 1 << 14
EXPECTATIONS, PARENTS = 16, 3
SPREAD_WEIGHTS, MEAN_WEIGHTS = 29, 34


@dataclass
class Weights:
    """The weights of one row (LL, or a level's HL, LH or HH) and channel."""

    spread: list[int]
    mean: list[int]
    biases: list[int]  # one for each operating point


@dataclass
class Prior:
    channels: int
    levels: int
    points: int
    distributions: list[list[int]]  # [class * 3 + phase]: cumulative, of 81 values and the escape
    zero: list[list[int]]  # [expectation][parent]: slots of "all zero"
    weights: list[list[Weights]]  # [row][channel]

    def distribution(self, spread_class: int, phase: int) -> list[int]:
        return self.distributions[spread_class * PHASES + phase]

    def weights_of(self, channel: int, level: int, orientation: int) -> Weights:
        row = 0 if orientation == LL else 3 * (self.levels - level) + orientation
        return self.weights[row][channel]


def read_prior(data: bytes) -> Prior:
    reader = ByteReader(data, "prior")
    if reader.take(4) != b"VPRI" or reader.u8() != 2:
        reader.fail("it is no prior of version 2")
    channels, levels, points = reader.u8() + 1, reader.u8(), reader.u8()
    distributions = [read_distribution(reader) for _ in range(CLASSES * PHASES)]
    zero = [[reader.varint() for _ in range(PARENTS)] for _ in range(EXPECTATIONS)]
    weights = [[read_weights(reader, points) for _ in range(channels)] for _ in range(1 + 3 * levels)]
    reader.expect_end()
    return Prior(channels, levels, points, distributions, zero, weights)


def read_distribution(reader: ByteReader) -> list[int]:
    n = reader.u8()
    if n > VALUES:
        reader.fail("a distribution has too many values")
    freq = [reader.varint() for _ in range(n)] + [0] * (VALUES - n)
    if sum(freq) >= SLOTS:
        reader.fail("nothing is left for the escape")
    return [*accumulate(freq, initial=0), SLOTS]


def read_weights(reader: ByteReader, points: int) -> Weights:
    return Weights(*([reader.svarint() for _ in range(n)] for n in (SPREAD_WEIGHTS, MEAN_WEIGHTS, points)))


class Priors:
    """Priors by the CRC-32 of their files, which is what streams name them by."""

    def __init__(self, files: list[bytes]):
        self.files = {zlib.crc32(data): data for data in files}
        self.known: dict[int, Prior] = {}  # those that were asked for

    @classmethod
    def of_checkout(cls, root: Path) -> "Priors":
        """Those of the models that the project ships, and the one for residuals."""
        places = [*sorted(root.glob("models/*/prior.bin")), *sorted(root.glob("models/released/*/prior.bin"))]
        files = [path.read_bytes() for path in places]
        source = (root / "src/coding/context/residual_prior.inc").read_text()
        numbers = re.findall(r"\d+", re.sub(r"//.*", "", source))
        return cls([*files, bytes(map(int, numbers))])

    def find(self, crc: int) -> Prior:
        if crc not in self.files:
            raise FormatError(f"the stream needs the prior whose CRC-32 is {crc:08x}")
        if crc not in self.known:
            self.known[crc] = read_prior(self.files[crc])
        return self.known[crc]
