"""Blobs, one array each (docs/format_blob.md). Numbers are made with NumPy's float32, whose rounding is IEEE 754's."""

import math
import zlib
from dataclasses import dataclass, field

import numpy as np

from .coders.rans import InterleavedRans
from .coders.spread import reach, spread_table
from .numbers import ByteReader, ChecksumError, FormatError

ROOTS = np.array(
    [1, 1.09050773, 1.18920712, 1.29683955, 1.41421356, 1.54221083, 1.68179283, 1.83400809],
    np.float32,
)
TYPES = ("f32", "f16", "bf16")
# The state after each of the eight, for an even and an odd symbol.
TRELLIS = ((0, 2), (5, 7), (1, 3), (6, 4), (2, 0), (4, 6), (3, 1), (7, 5))
TARGETS = ("lossless", "rmse", "bits", "step", "max_error")


LEAST_BASE, MOST_BASE = 2.0**-100, 2.0**64
MOST_NUMBERS, MOST_CHANNELS, MOST_TABLES, FAR = 1 << 31, 65536, 256, 1 << 40
LARGEST = {"f16": np.float32(65504), "bf16": np.float32(2.0**128 - 2.0**120)}


@dataclass
class Blob:
    """What the header says, and what the words hold."""

    exact: bool
    type: str
    shape: tuple[int, ...]
    channel_axis: int
    target: tuple[str, float]
    rmse: float
    largest_error: float
    haar: bool = False
    trellis: bool = False
    rotated: bool = False
    symbols: list[int] = field(default_factory=list)
    values: np.ndarray | None = None  # f32 of a quantised blob, the bits (u16) of an exact one

    def numbers(self, as_type: str) -> np.ndarray:
        """The numbers of a quantised blob, rounded to f32 or f16, or to bf16 as f32 holds it.

        In the array's own type they are finite.
        """
        values = self.values
        if as_type == self.type and as_type in LARGEST:
            values = np.clip(values, -LARGEST[as_type], LARGEST[as_type])
        if as_type == "bf16":
            bits = values.view(np.uint32)
            return ((bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)).view(np.float32)
        return values.astype(np.float16 if as_type == "f16" else np.float32)


def decode(data: bytes) -> Blob:
    if data[:3] != b"VLB" or len(data) < 16:
        raise FormatError("not a blob")
    if data[3] != 1:
        raise FormatError(f"blob of format {data[3]}")
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise ChecksumError("the blob's checksum does not match")
    reader = ByteReader(data[4:-4], "blob")
    blob = common(reader)
    layout = Layout(blob)
    if blob.exact:
        decode_exact(blob, layout, reader)
    else:
        decode_quantized(blob, layout, reader)
    return blob


def common(reader) -> Blob:
    kind, number, axes, channel_axis = (reader.u8() for _ in range(4))
    if kind > 1 or number > 2 or not 1 <= axes <= 6 or channel_axis >= axes:
        raise FormatError("blob: a kind, type or axis that there is not")
    shape = tuple(reader.varint() for _ in range(axes))
    if not 0 < math.prod(shape) <= MOST_NUMBERS or shape[channel_axis] > MOST_CHANNELS:
        raise FormatError("blob: a shape of no or too many numbers or channels")
    if kind == 1 and TYPES[number] == "f32":
        raise FormatError("blob: f32 numbers kept exactly")
    target = reader.u8()
    if target >= len(TARGETS):
        raise FormatError("blob: unknown target")
    value, rmse, largest = reader.unpack("f"), reader.unpack("f"), reader.unpack("f")
    return Blob(kind == 1, TYPES[number], shape, channel_axis, (TARGETS[target], value), rmse, largest)


class Layout:
    """Rows, planes and bands."""

    def __init__(self, blob: Blob):
        axis, shape = blob.channel_axis, blob.shape
        self.count = int(np.prod(shape))
        self.channels = shape[axis]
        self.columns = axis == len(shape) - 1 and len(shape) > 1
        before = int(np.prod(shape[:axis]))
        self.rows = before if self.columns else before * self.channels
        self.row_size = self.count // self.rows
        self.planes, self.height, self.width = 1, 1, self.row_size
        self.bands = [self.row_size]
        self.can_split = len(shape) >= axis + 3 and min(shape[-2:]) >= 2

    def split(self, blob: Blob):
        if not self.can_split:
            raise FormatError("blob: bands of an array without planes")
        self.height, self.width = h, w = blob.shape[-2:]
        self.planes = self.row_size // (h * w)
        high, wide = (h + 1) // 2, (w + 1) // 2
        self.bands = [high * wide, high * (w // 2), (h // 2) * wide, (h // 2) * (w // 2)]

    def sections(self, together: int):
        """(first row, rows, band) of each section."""
        for row in range(0, self.rows, together):
            for band in range(len(self.bands)):
                yield row, min(together, self.rows - row), band


def section_bytes(reader, layout: Layout):
    together, log2_lanes = reader.varint(), reader.u8()
    if not 1 <= together <= layout.rows or log2_lanes > 6:
        raise FormatError("blob: sections or lanes that there are not")
    sections = list(layout.sections(together))
    return sections, [reader.u8() for _ in sections], 1 << log2_lanes


def words(reader) -> bytes:
    while reader.at % 4:
        if reader.u8() != 0:
            raise FormatError("blob: padding that is not zero")
    return reader.rest()


def cumulative(first: int, freq: list[int]) -> list[int]:
    scale = (1 << 16) // sum(freq)
    return [0] * first + [int(c) * scale for c in np.cumsum([0, *freq])]


def take_symbols(blob: Blob, layout: Layout, sections, tables, coder) -> list[list[int]]:
    out = []
    for (_, rows, band), table in zip(sections, tables, strict=True):
        out.append([coder.symbol(table) for _ in range(rows * layout.planes * layout.bands[band])])
    coder.finish()
    blob.symbols = [s for section in out for s in section]
    return out


def decode_exact(blob: Blob, layout: Layout, reader):
    tables: list[list[int]] = []
    if not 1 <= (count := reader.varint()) <= MOST_TABLES:
        raise FormatError("blob: no tables, or too many")
    for _ in range(count):
        precision, first, length = reader.u8(), reader.varint(), reader.varint()
        if first + length > 256:
            raise FormatError("blob: a table of symbols beyond a byte")
        freq = [reader.varint() for _ in range(length)]
        if not 1 <= precision <= 16 or sum(freq) != 1 << precision:
            raise FormatError("blob: a table whose frequencies do not sum up")
        tables.append(cumulative(first, freq))
    sections, chosen, lanes = section_bytes(reader, layout)
    if max(chosen) >= len(tables):
        raise FormatError("blob: a section whose table there is not")
    raw = np.frombuffer(reader.take(layout.count), np.uint8).astype(np.uint16)
    coder = InterleavedRans(words(reader), lanes, layout.count)
    take_symbols(blob, layout, sections, [tables[c] for c in chosen], coder)
    symbols = np.array(blob.symbols, np.uint16)
    blob.values = ((raw & 0x80) << 8 | symbols << 7 | raw & 0x7F).reshape(blob.shape)


def decode_quantized(blob: Blob, layout: Layout, reader):
    flags = reader.u8()
    if flags > 31:
        raise FormatError("blob: an unknown flag")
    blob.haar, blob.trellis, blob.rotated = bool(flags & 1), bool(flags & 8), bool(flags & 16)
    if blob.haar:
        layout.split(blob)
    steps, centers = channels(reader, layout.channels, flags & 2)
    rotation = rotation_of(reader, layout) if blob.rotated else None
    sections, spreads, lanes = section_bytes(reader, layout)
    beyond = exceptions(reader, layout.count)
    precision, zero, last = (15, 4096, 8191) if flags & 4 else (13, 128, 255)
    coder = InterleavedRans(words(reader), lanes, layout.count)
    tables = [cumulative(*spread_of(s, precision, zero, last)) for s in spreads]
    parts = take_symbols(blob, layout, sections, tables, coder)
    integers = np.array(blob.symbols, np.int64) - zero
    if blob.trellis:
        integers = follow_trellis(integers)
    for position, more in beyond:
        integers[position] += more
    ends = np.cumsum([len(part) for part in parts])[:-1]
    blob.values = numbers(blob, layout, sections, np.split(integers, ends), (steps, centers), rotation)


def rotation_of(reader, layout: Layout) -> np.ndarray:
    if layout.columns or not 2 <= layout.channels <= 64:
        raise FormatError("blob: a rotation of channels that cannot be rotated")
    factors = np.frombuffer(reader.take(layout.channels**2), np.int8)
    return factors.reshape(layout.channels, layout.channels).astype(np.int64)


def follow_trellis(indices: np.ndarray) -> np.ndarray:
    """The integer that each index stands for in the state of its lane."""
    out, states = np.zeros_like(indices), [0] * 64
    for i, index in enumerate(indices):
        state = states[i % 64]
        out[i] = 2 * index - np.sign(index) * (state % 2)
        states[i % 64] = TRELLIS[state][index % 2]
    return out


def spread_of(byte: int, precision: int, zero: int, last: int):
    if byte >= 192:
        raise FormatError("blob: a spread that there is not")
    wide = reach(byte // 4, byte % 4, precision)
    first, freq = spread_table(byte // 4, byte % 4, precision, zero, wide, last)
    return first, freq


def channels(reader, n: int, has_scales: int):
    """(steps, centers) as f32."""
    base = np.float32(reader.unpack("f"))
    if not LEAST_BASE <= base <= MOST_BASE:
        raise FormatError("blob: a base that is too small, too large or no number")
    scales = [reader.u8() for _ in range(n)] if has_scales else [128] * n
    steps, centers = np.zeros(n, np.float32), np.zeros(n, np.float32)
    for c, scale in enumerate(scales):
        if scale == 0:
            centers[c] = reader.unpack("f")
            if not np.isfinite(centers[c]):
                raise FormatError("blob: a constant channel that is no number")
            continue
        steps[c] = np.ldexp(base * ROOTS[scale % 8], scale // 8 - 16)
        if abs(center := reader.svarint()) >= FAR:
            raise FormatError("blob: a center beyond 2^40 steps")
        centers[c] = np.float32(center * float(steps[c]))
    return steps, centers


def exceptions(reader, count: int) -> list[tuple[int, int]]:
    out, following = [], 0
    for _ in range(reader.varint()):
        position, beyond = following + reader.varint(), reader.svarint()
        if position >= count or not 0 < abs(beyond) < FAR:
            raise FormatError("blob: an exception outside the array, or of an impossible distance")
        out.append((position, beyond))
        following = position + 1
    return out


def numbers(blob: Blob, layout: Layout, sections, parts, affine, rotation) -> np.ndarray:
    steps, centers = affine
    if layout.columns:
        integers = np.concatenate(parts).reshape(-1, layout.channels)
        return (integers.astype(np.float32) * steps + centers).reshape(blob.shape)
    bands = [np.zeros((layout.rows, layout.planes, size), np.int64) for size in layout.bands]
    for (row, rows, band), part in zip(sections, parts, strict=True):
        bands[band][row : row + rows] = part.reshape(rows, layout.planes, -1)
    if rotation is not None:
        bands = [rotated(band, rotation) for band in bands]
        steps = steps * np.float32(1 / 128)
    sums = undo_haar(layout, bands) if blob.haar else bands[0]
    of_row = np.arange(layout.rows) % layout.channels
    step = (steps * np.float32(0.5) if blob.haar else steps)[of_row].reshape(-1, *[1] * (sums.ndim - 1))
    return (sums.astype(np.float32) * step + centers[of_row].reshape(step.shape)).reshape(blob.shape)


def rotated(band: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """(rows, planes, size) of integers: all channels of a place at once."""
    together = band.reshape(-1, len(rotation), *band.shape[1:])
    return np.einsum("ck,bkps->bcps", rotation, together).reshape(band.shape)


def undo_haar(layout: Layout, bands) -> np.ndarray:
    h, w = layout.height, layout.width
    high, wide = (h + 1) // 2, (w + 1) // 2
    sides = ((high, wide), (high, w // 2), (h // 2, wide), (h // 2, w // 2))
    full = np.zeros((4, layout.rows, layout.planes, high, wide), np.int64)
    for i, (band, (rows, columns)) in enumerate(zip(bands, sides, strict=True)):
        full[i, :, :, :rows, :columns] = band.reshape(layout.rows, layout.planes, rows, columns)
    low, across, down, both = full
    out = np.zeros((layout.rows, layout.planes, 2 * high, 2 * wide), np.int64)
    out[..., 0::2, 0::2] = low + across + down + both
    out[..., 0::2, 1::2] = low - across + down - both
    out[..., 1::2, 0::2] = low + across - down - both
    out[..., 1::2, 1::2] = low - across - down + both
    return out[..., :h, :w]
