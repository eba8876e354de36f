"""The residual layer: what the reconstruction lacks, its colour transform, and adding it back."""

from ..components import RGB, ReconRGB
from ..components import Residual as _ResidualImage
from ._base import InverseOf, NativeSystem
from ._keys import Key, key_of


class AddResidual(NativeSystem, entry="AddResidual"):
    """recon + residual, clamped to 0…255 → ReconRGB (`out` keeps both). Exact for a residual of the same pair."""

    def __init__(self, recon: Key = ReconRGB.key, residual: Key = _ResidualImage.key) -> None:
        super().__init__(recon=key_of(recon), residual=key_of(residual))


class Residual(NativeSystem, entry="Residual"):
    """(H, W, 3) int16: src − recon → Residual. Exact.

    `dtype` is that of the difference; 'i16' holds every difference of two 8-bit pictures.
    """

    def __init__(self, src: Key = RGB.key, recon: Key = ReconRGB.key, dtype: str = "i16") -> None:
        super().__init__(src=key_of(src), recon=key_of(recon), dtype=dtype)


class ReversibleColorInverse(NativeSystem, entry="ReversibleColorInverse"):
    """Planes (3, H, W) int16 → Residual (H, W, 3)."""

    def __init__(self) -> None:
        super().__init__()


class ReversibleColor(NativeSystem, entry="ReversibleColor"):
    """Residual (H, W, 3) int16 → planes (3, H, W) int16.

    The reversible colour transform of JPEG 2000 (ISO/IEC 15444-1 annex G.2):
    Y = ⌊(R + 2G + B)/4⌋, U = B − G, V = R − G.
    """

    inverse = InverseOf(ReversibleColorInverse)

    def __init__(self) -> None:
        super().__init__()
