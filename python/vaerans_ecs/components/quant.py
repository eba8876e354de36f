"""Quantised coefficients and the numbers that turn them back."""

from ._base import Component


class SymbolsU8(Component):
    """(C, n) symbols, uint8, or uint16 where a subband needs more than 256 of them."""

    key = "SymbolsU8"
    kind = "symbols"


class QuantParams(Component):
    """(subbands, 3) float32, a row for each subband: scale, bias, offset; value = bias + scale · (symbol + offset)."""

    key = "QuantParams"
    kind = "parameters"
