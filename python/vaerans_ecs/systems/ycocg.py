"""Systems of the topic ycocg: YCoCg, YCoCgInverse."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from ._base import InverseOf, NativeSystem


class YCoCgInverse(NativeSystem, entry="YCoCgInverse"):
    """Undoes YCoCg: planes (C, H, W) float32 → ReconRGB (H, W, C)."""

    def __init__(self) -> None:
        super().__init__()


class YCoCg(NativeSystem, entry="YCoCg"):
    """Luma and chroma: RGB (H, W, C), C = 3 or 1 (grey), uint8 or uint16 → YCoCg (C, H, W) float32.

    Y = (R + 2G + B)/4 − 128, Cg = (2G − R − B)/4, Co = (R − B)/2, each times √3, so that an error of 1 in a plane is an
    error of length 1 in RGB. Quantised with one step, the planes then share the error as is best for PSNR. Grey is the
    Y of three equal channels; samples of 16 bits are divided by 257 first, so that steps mean the same. Malvar and
    Sullivan 2003.
    """

    inverse = InverseOf(YCoCgInverse)

    def __init__(self) -> None:
        super().__init__()
