"""Systems of the topic wavelet."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class WaveletCDF53Inverse(NativeSystem, entry="WaveletCDF53Inverse"):
    """Undoes WaveletCDF53: WaveletPyr → the planes that it was given.

    Args:
        levels: Must be the stream's; -1 takes them from it. -1 to 32.
    """

    def __init__(self, levels: int = -1) -> None:
        super().__init__(levels=levels)


class WaveletCDF97Inverse(NativeSystem, entry="WaveletCDF97Inverse"):
    """Undoes WaveletCDF97: WaveletPyr → the planes that it was given.

    Args:
        levels: Must be the stream's; -1 takes them from it. -1 to 32.
    """

    def __init__(self, levels: int = -1) -> None:
        super().__init__(levels=levels)


class WaveletHaarInverse(NativeSystem, entry="WaveletHaarInverse"):
    """Undoes WaveletHaar: WaveletPyr → the planes that it was given.

    Args:
        levels: Must be the stream's; -1 takes them from it. -1 to 32.
    """

    def __init__(self, levels: int = -1) -> None:
        super().__init__(levels=levels)


class WaveletCDF53(NativeSystem, entry="WaveletCDF53"):
    """CDF 5/3 wavelet: planes (C, h, w) → WaveletPyr (C, h·w) of the same dtype.

    float32: lifting with scaling √2 and 1/√2 per direction and level, so that coefficients equal PyWavelets' bior2.2
    (signs of high bands aside). int16, int32: the reversible 5/3 of JPEG 2000 (ISO/IEC 15444-1 annex F), bit-exact
    under its inverse. Any size from 1×1; whole-sample symmetric borders. Raises DTypeError for other planes.

    Args:
        levels: Decompositions; clamped, with a note in the trace, where a plane is too small. 0 to 32.
    """

    inverse = InverseOf(WaveletCDF53Inverse)

    def __init__(self, levels: int = 4) -> None:
        super().__init__(levels=levels)


class WaveletCDF97(NativeSystem, entry="WaveletCDF97"):
    """CDF 9/7 wavelet: planes (C, h, w) → WaveletPyr (C, h·w), both float32.

    The lifting steps of JPEG 2000's irreversible transform (ISO/IEC 15444-1 annex F), scaled so that coefficients equal
    PyWavelets' bior4.4 (signs of high bands aside), in one order of operations on all machines. Any size from 1×1;
    whole-sample symmetric borders. Raises DTypeError for other planes.

    Args:
        levels: Decompositions; clamped, with a note in the trace, where a plane is too small. 0 to 32.
    """

    inverse = InverseOf(WaveletCDF97Inverse)

    def __init__(self, levels: int = 4) -> None:
        super().__init__(levels=levels)


class WaveletHaar(NativeSystem, entry="WaveletHaar"):
    """Haar wavelet: planes (C, h, w) → WaveletPyr (C, h·w) of the same dtype.

    float32: orthonormal. int16, int32: the S-transform, bit-exact under its inverse. Else as WaveletCDF53.

    Args:
        levels: Decompositions; clamped, with a note in the trace, where a plane is too small. 0 to 32.
    """

    inverse = InverseOf(WaveletHaarInverse)

    def __init__(self, levels: int = 4) -> None:
        super().__init__(levels=levels)
