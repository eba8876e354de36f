"""Quantisers: coefficients to symbols and back."""

from ._base import InverseOf, NativeSystem


class Dequantize(NativeSystem, entry="Dequantize"):
    """SymbolsU8 → what the quantiser consumed. Undoes either quantiser."""

    def __init__(self) -> None:
        super().__init__()


class QuantizeU8(NativeSystem, entry="QuantizeU8"):
    """float32 planes or bands → SymbolsU8 and QuantParams: 8 bits, affine.

    `per_band`: a scale and a zero for each channel and band; else one pair for the whole item. Raises NonFinite, which
    names the band.
    """

    inverse = InverseOf(Dequantize)
    dequantize = InverseOf(Dequantize)

    def __init__(self, per_band: bool = True) -> None:
        super().__init__(per_band=per_band)


class Quantize(NativeSystem, entry="Quantize"):
    """The quantiser for rate-distortion work; integers with step = 1 pass unchanged.

    `step` > 0: a uniform step, the same in all subbands (an integer ≥ 1 for integer coefficients). `deadzone` in
    [0.5, 1): |x| below deadzone·step becomes 0; 0.5 is plain rounding. `bits` 2…16: affine over each subband's range
    instead, with 2^bits levels; 0: use `step`. `rdo` 0…10: rate–distortion optimisation, an index goes one nearer to
    zero where that lowers (error/step)² + rdo·bits under the context coder's costs (0.1 is a good start; needs wavelet
    bands of a model with a context prior, and rounds without one).
    """

    inverse = InverseOf(Dequantize)
    dequantize = InverseOf(Dequantize)

    def __init__(self, step: float = 1.0, bits: int = 0, deadzone: float = 0.5, rdo: float = 0.0) -> None:
        super().__init__(step=step, bits=bits, deadzone=deadzone, rdo=rdo)
