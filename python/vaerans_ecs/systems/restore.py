"""Systems of the topic restore: Restore, RestoreInverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class RestoreInverse(NativeSystem, entry="RestoreInverse"):
    """Undoes Restore: decoded planes (C, H, W) float32 → restored planes."""

    def __init__(self) -> None:
        super().__init__()


class Restore(NativeSystem, entry="Restore"):
    """Restoration of wavelet pictures: planes (C, H, W) float32 of YCoCg, C = 3 or 1 → the same planes.

    Coding is not changed; the inverse adds to decoded planes what a small network of four 3 × 3 convolutions at half
    the resolution, in integers, expects the quantiser to have taken away. Its weights were trained on photos and are
    part of the format. Used between YCoCg and WaveletCDF97. Every machine restores the same samples. After the loop
    filters of video codecs, with learned weights (Dai, Liu, Wu 2017).

    Args:
        strength: 16 log2(step / 4) of the quantiser's step, rounded; 0: planes stay as they are. 0 to 80.
        visual: Weights for looks (SSIMULACRA2), not for the least error.
    """

    inverse = InverseOf(RestoreInverse)

    def __init__(self, strength: int = 32, visual: bool = False) -> None:
        super().__init__(strength=strength, visual=visual)
