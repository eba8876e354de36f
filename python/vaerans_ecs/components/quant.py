"""Quantised coefficients and the numbers that turn them back."""

import numpy as np

from ._base import Component


class SymbolsU8(Component):
    """(C, n) symbols, uint8, or uint16 where a subband needs more than 256 of them."""

    __slots__ = ()
    key = "SymbolsU8"
    kind = "symbols"

    @property
    def q(self) -> np.ndarray:
        """The symbols: (C, n), read-only, no copy."""
        return self.array

    @property
    def qp(self) -> "QuantParams":
        """The parameters that the quantiser used. Raises MissingComponent where it left none (whole numbers)."""
        return self.world.get(self.entity, QuantParams.key)


Symbols = SymbolsU8  # the specification's other word


class QuantParams(Component):
    """(subbands, 3) float32, a row for each subband: scale, bias, offset; value = bias + scale · (symbol + offset).

    `scale` and `zero` are the same as arrays (channels, bands): value = scale · (symbol − zero).
    """

    __slots__ = ()
    key = "QuantParams"
    kind = "parameters"

    @property
    def scale(self) -> np.ndarray:
        """Step between neighbouring values, for each channel and band."""
        return self._by_channel(self.array[:, 0])

    @property
    def zero(self) -> np.ndarray:
        """The symbol that stands for 0, not rounded, for each channel and band; 0 where all values are equal."""
        scale, bias, offset = np.asarray(self.array, np.float64).T
        shift = np.divide(bias, scale, out=np.zeros_like(bias), where=scale != 0)
        return self._by_channel(np.where(scale != 0, -shift - offset, 0).astype(np.float32))

    def _by_channel(self, column: np.ndarray) -> np.ndarray:
        """Rows follow the subbands, channel by channel."""
        if not self.world.has(self.entity, SymbolsU8.key):
            return column
        channels = self.world.get(self.entity, SymbolsU8.key).shape[0]
        return column.reshape(channels, -1) if len(column) % channels == 0 else column
