"""Karhunen-Loève transform of the channels."""

from ._base import InverseOf, NativeSystem


class KLTInverse(NativeSystem, entry="KLTInverse"):
    """YUVW4 → Latent4: undoes the rotations that the side information holds."""

    def __init__(self) -> None:
        super().__init__()


class KLT(NativeSystem, entry="KLT"):
    """Latent4 → YUVW4, both (C, h, w) float32, C ≤ 64: decorrelates the channels of each latent.

    An orthonormal rotation computed from the latent's own covariance: plane rotations of Jacobi's method, the most
    useful first, as long as one saves more bits than it takes in the file. `noise`, 0…1, is a share of the channels'
    root mean square deviation: deviations well below it vanish in the quantiser's noise, so that nothing is gained
    there. It only decides which rotations are worth their bytes. Raises ShapeError, DTypeError, BadParameter.
    """

    inverse = InverseOf(KLTInverse)

    def __init__(self, noise: float = 0.2) -> None:
        super().__init__(noise=noise)
