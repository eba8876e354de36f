"""Symbols back to coefficients: docs/format.md, "Quantisers", and quantize_bands of docs/format_bands.md."""

import math

from ..arithmetic import Float32, Numbers
from ..bands.band_tiles import tiles_of
from ..bands.dependent import quantizers
from ..bands.step_map import StepMap, scaled
from ..container import Step
from ..numbers import ByteReader
from .subbands import Subband

QUANTIZE_U8, QUANTIZE, QUANTIZE_BANDS = 9, 10, 43
MOST_OFFSET = 1 << 30
STEP, BITS, PER_BAND, CHROMA, VISUAL, DEPENDENT, TILE = 1, 2, 1, 2, 3, 4, 5  # parameters


def symbol_range(step: Step) -> int:
    """The largest symbol that there can be."""
    if step.system == QUANTIZE_U8:
        return 255
    if step.system == QUANTIZE_BANDS:
        return 65535 if step.side_info[:1] == b"\x01" else 255
    bits = step.parameter(BITS, 0)
    wide = bits > 8 if bits > 0 else step.side_info[:1] == b"\x01"
    return 65535 if wide else 255


def undo(symbols: list[int], step: Step, subbands: list[Subband], numbers: Numbers) -> list:
    if step.system == QUANTIZE_BANDS:
        return undo_bands(symbols, step, subbands)
    reader = ByteReader(step.side_info, "quantiser's side information")
    if step.system == QUANTIZE and step.parameter(BITS, 0) == 0:
        return undo_step(symbols, reader, step.parameter(STEP, 1.0), numbers)
    if numbers.exact:
        reader.fail("scales and zeros are for f32")
    per_subband = step.system == QUANTIZE or step.parameter(PER_BAND, True)
    return undo_affine(symbols, reader, subbands, per_subband)


# What a step is divided by in a band, along one dimension: low and high, by level; binary32.
BASIS_LENGTHS = [
    Float32.store(pair)
    for pair in (
        (1.0, 1.0),
        (0.99144018, 1.02001757),
        (1.01518588, 0.983471241),
        (1.02571584, 1.01962132),
        (1.0288213, 1.03688001),
        (1.02963774, 1.04203641),
        (1.02984495, 1.04339706),
        (1.02989695, 1.04374271),
        (1.02990994, 1.04382951),
    )
]


def band_step(step: Step, subband: Subband) -> float:
    lengths = BASIS_LENGTHS[min(subband.level, 8)]
    reach = lengths[subband.orientation & 1] * lengths[subband.orientation >> 1]
    size = step.parameter(STEP, 10.0) * (step.parameter(CHROMA, 1.0) if subband.channel else 1)
    return Float32.store([size * (1.15 if step.parameter(DEPENDENT, False) else 1) / reach])[0]


def undo_bands(symbols: list[int], step: Step, subbands: list[Subband]) -> list[float]:
    reader = ByteReader(step.side_info, "quantize_bands side information")
    if reader.u8() > 1:
        reader.fail("unknown flags")
    dependent = step.parameter(DEPENDENT, False)
    kinds = 1 if subbands[-1].channel == 0 else 2  # luma, and chroma where there is any
    centers = [[signed(reader.u8()) if dependent else reader.u8() for _ in range(3)] for _ in range(kinds)]
    steps = StepMap(reader, subbands) if step.parameter(VISUAL, False) else None
    reader.expect_end()
    chosen = quantizers_of(symbols, subbands, step.parameter(TILE, 0)) if dependent else [0] * len(symbols)
    out: list[float] = []
    for subband in subbands:
        size = band_step(step, subband)
        sizes = [scaled(size, e) for e in steps.exponents(subband)] if steps else [size] * subband.size
        less = [0, 0, 0] if subband.orientation == 0 else centers[subband.channel > 0]
        own = zip(symbols[subband.places], chosen[subband.places], strict=True)
        values = [restored(symbol, quantizer, less) for symbol, quantizer in own]
        scales = Float32.store(s / 256 for s in sizes)
        out += Float32.store(value * scale for value, scale in zip(values, scales, strict=True))
    return out


def quantizers_of(symbols: list[int], subbands: list[Subband], side: int) -> list[int]:
    """The states of dependent indices run along each tile's own bands."""
    out = [0] * len(symbols)
    for tile in tiles_of(subbands, side):
        for own, places in tile:
            if own.orientation:
                for place, z in zip(places, quantizers([(symbols[i] + 1) // 2 for i in places]), strict=True):
                    out[place] = z
    return out


def signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def restored(symbol: int, quantizer: int, less: list[int]) -> int:
    """In 1/256 of a step."""
    magnitude = (symbol + 1) // 2
    v = 256 * magnitude - 128 * quantizer - less[min(magnitude, 3) - 1] if magnitude else 0
    return -v if symbol % 2 else v


def undo_step(symbols: list[int], reader: ByteReader, step: float, numbers: Numbers) -> list:
    if reader.u8() > 1:
        reader.fail("unknown flags")
    if abs(offset := reader.svarint()) > MOST_OFFSET:
        reader.fail("an offset beyond 2^30")
    reader.expect_end()
    size = Float32.store([step])[0]
    whole = [symbol + offset for symbol in symbols]
    if not numbers.exact:
        products = Float32.store(size * q for q in Float32.store(whole))
        return Float32.store(0.0 + product for product in products)
    if size != int(size) or not 1 <= size <= 65536:
        reader.fail("a step of whole numbers that is none itself")
    return numbers.store(int(size) * q for q in whole)


def undo_affine(symbols: list[int], reader: ByteReader, subbands: list[Subband], per_subband: bool) -> list[float]:
    out = []
    for i, subband in enumerate(subbands):
        if i == 0 or per_subband:
            scale, zero = reader.unpack("f"), reader.unpack("f")
        if not (math.isfinite(scale) and math.isfinite(zero)):
            reader.fail("a scale or zero is not finite")
        products = Float32.store(scale * symbol for symbol in symbols[subband.places])
        out += Float32.store(zero + product for product in products)
    reader.expect_end()
    return out
