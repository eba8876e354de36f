"""Hadamard transform of the channels."""

from ._base import InverseOf, NativeSystem


class Hadamard4Inverse(NativeSystem, entry="Hadamard4Inverse"):
    """YUVW4 → Latent4: the same matrix, which is its own inverse."""

    def __init__(self) -> None:
        super().__init__()


class Hadamard4(NativeSystem, entry="Hadamard4"):
    """Latent4 → YUVW4, both (C, h, w) float32: orthonormal Walsh-Hadamard transform over C = 2ᵏ channels.

    Sylvester order, H·Hᵀ = I: the factor is 2^(−k/2), ½ for C = 4. `in_place` overwrites the latent's memory; the
    latent component goes away. Raises ShapeError where C is no power of two.
    """

    inverse = InverseOf(Hadamard4Inverse)

    def __init__(self, in_place: bool = False) -> None:
        super().__init__(in_place=in_place)
