"""Systems of the topic residual: AddResidual, Residual, ReversibleColor, ReversibleColorInverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from typing import Literal

from ._base import InverseOf, NativeSystem
from ._keys import Key, key_of


class ReversibleColorInverse(NativeSystem, entry="ReversibleColorInverse"):
    """Undoes ReversibleColor: planes (3, H, W) int16 → Residual (H, W, 3)."""

    def __init__(self) -> None:
        super().__init__()


class AddResidual(NativeSystem, entry="AddResidual"):
    """recon + residual, clamped to 0…255 → ReconRGB; exact for a residual of the same pair.

    Give `out` to keep both pictures. Raises ShapeError where picture and residual differ in shape.

    Args:
        recon: The reconstruction.
        residual: The residual.
    """

    def __init__(self, recon: Key = "ReconRGB", residual: Key = "Residual") -> None:
        super().__init__(recon=key_of(recon), residual=key_of(residual))


class Residual(NativeSystem, entry="Residual"):
    """What a reconstruction lacks: src − recon → Residual (H, W, 3) int16. Exact.

    Raises ShapeError where the pictures differ in shape.

    Args:
        src: The source picture.
        recon: Its reconstruction.
        dtype: Element type; i16 holds every difference of two 8-bit pictures. I16.
    """

    def __init__(self, src: Key = "RGB", recon: Key = "ReconRGB", dtype: Literal["i16"] = "i16") -> None:
        super().__init__(src=key_of(src), recon=key_of(recon), dtype=dtype)


class ReversibleColor(NativeSystem, entry="ReversibleColor"):
    """JPEG 2000's reversible colour transform: Residual (H, W, 3) int16 → planes (3, H, W) int16.

    Y = ⌊(R + 2G + B)/4⌋, U = B − G, V = R − G (ISO/IEC 15444-1 annex G.2).
    """

    inverse = InverseOf(ReversibleColorInverse)

    def __init__(self) -> None:
        super().__init__()
