"""Systems of the topic hadamard: Hadamard4, Hadamard4Inverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class Hadamard4Inverse(NativeSystem, entry="Hadamard4Inverse"):
    """Undoes Hadamard4, whose matrix is its own inverse: YUVW4 → Latent4."""

    def __init__(self) -> None:
        super().__init__()


class Hadamard4(NativeSystem, entry="Hadamard4"):
    """Orthonormal Walsh–Hadamard transform over C = 2^k channels: Latent4 → YUVW4, both (C, h, w) float32.

    Sylvester order, H·Hᵀ = I: the factor is 2^(−k/2), ½ for C = 4. Raises ShapeError where C is no power of two.

    Args:
        in_place: Take the latent's memory instead of allocating; the latent component goes away.
    """

    inverse = InverseOf(Hadamard4Inverse)

    def __init__(self, in_place: bool = False) -> None:
        super().__init__(in_place=in_place)
