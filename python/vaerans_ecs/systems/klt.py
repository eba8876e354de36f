"""Systems of the topic klt: KLT, KLTInverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class KLTInverse(NativeSystem, entry="KLTInverse"):
    """Undoes the very rotations of KLT that the side information holds: YUVW4 → Latent4."""

    def __init__(self) -> None:
        super().__init__()


class KLT(NativeSystem, entry="KLT"):
    """Rotation that decorrelates the channels, chosen for each picture: Latent4 → YUVW4, both (C, h, w) float32.

    A Karhunen-Loève transform: an orthonormal rotation computed from the latent's own covariance, by plane rotations of
    Jacobi's method, the most useful first, as long as one saves more bits than it takes in the file. C ≤ 64. Raises
    ShapeError, DTypeError.

    Args:
        noise: Share of the channels' root mean square deviation; deviations well below it vanish in the quantiser's
            noise, so that no rotation is spent on them. 0 to 1.
    """

    inverse = InverseOf(KLTInverse)

    def __init__(self, noise: float = 0.2) -> None:
        super().__init__(noise=noise)
