"""Wavelet transforms: CDF 5/3 and Haar, float and reversible."""

from ._base import InverseOf, NativeSystem


class WaveletCDF53Inverse(NativeSystem, entry="WaveletCDF53Inverse"):
    """WaveletPyr → what the forward step consumed. levels = −1: as the stream says."""

    def __init__(self, levels: int = -1) -> None:
        super().__init__(levels=levels)


class WaveletCDF53(NativeSystem, entry="WaveletCDF53"):
    """(C, h, w) → WaveletPyr (C, h·w) of the same dtype; any size ≥ 1×1, whole-sample symmetric borders.

    float32: lifting with scaling √2 and 1/√2, so that coefficients equal PyWavelets' bior2.2 (signs of high bands
    aside). int16, int32: the reversible 5/3 of JPEG 2000 (ISO/IEC 15444-1 annex F), bit-exact under its inverse.
    `levels`, 0…32, is clamped with a note in the trace where a plane is too small.
    """

    inverse = InverseOf(WaveletCDF53Inverse)

    def __init__(self, levels: int = 4) -> None:
        super().__init__(levels=levels)


class WaveletHaarInverse(NativeSystem, entry="WaveletHaarInverse"):
    """WaveletPyr → what the forward step consumed. levels = −1: as the stream says."""

    def __init__(self, levels: int = -1) -> None:
        super().__init__(levels=levels)


class WaveletHaar(NativeSystem, entry="WaveletHaar"):
    """As WaveletCDF53 with the Haar wavelet (float32: orthonormal; integers: the S-transform)."""

    inverse = InverseOf(WaveletHaarInverse)

    def __init__(self, levels: int = 4) -> None:
        super().__init__(levels=levels)
