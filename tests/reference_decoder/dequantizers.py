"""Symbols back to coefficients: quantize and quantize_u8 (docs/format.md, "Quantisers")."""

import math

from .arithmetic import Float32, Numbers
from .container import Step
from .numbers import ByteReader
from .subbands import Subband

QUANTIZE_U8, QUANTIZE = 9, 10
STEP, BITS, PER_BAND = 1, 2, 1  # parameters


def symbol_range(step: Step) -> int:
    """The largest symbol that there can be."""
    if step.system == QUANTIZE_U8:
        return 255
    bits = step.parameters.get(BITS, 0)
    wide = bits > 8 if bits > 0 else step.side_info[:1] == b"\x01"
    return 65535 if wide else 255


def undo(symbols: list[int], step: Step, subbands: list[Subband], numbers: Numbers) -> list:
    reader = ByteReader(step.side_info, "quantiser's side information")
    if step.system == QUANTIZE and step.parameters.get(BITS, 0) == 0:
        return undo_step(symbols, reader, step.parameters.get(STEP, 1.0), numbers)
    per_subband = step.system == QUANTIZE or step.parameters.get(PER_BAND, True)
    return undo_affine(symbols, reader, subbands, per_subband)


def undo_step(symbols: list[int], reader: ByteReader, step: float, numbers: Numbers) -> list:
    if reader.u8() > 1:
        reader.fail("unknown flags")
    offset = reader.svarint()
    reader.expect_end()
    size = int(step) if numbers.exact else Float32.store([step])[0]
    return numbers.store(size * (symbol + offset) for symbol in symbols)


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
