"""Systems of the topic metrics: MetricMSSSIM, MetricPSNR, MetricSSIM, MetricSSIMULACRA2."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from typing import Literal

from ._base import NativeSystem
from ._keys import Key, key_of


class MetricMSSSIM(NativeSystem, entry="MetricMSSSIM"):
    """Multi-scale structural similarity (Wang, Simoncelli, Bovik 2003): 'ms_ssim', or 'ms_ssim_rgb' with channels=rgb.

    Five scales; fewer, with renormalised weights and a note in the trace, below 176 pixels: 'ms_ssim_scales' says how
    many. Raises ShapeError below 11 pixels.

    Args:
        ref: The reference picture.
        test: The picture under test.
        channels: Luma: BT.601, 8 bit; rgb: mean of the three. Luma or rgb.
    """

    def __init__(self, ref: Key = "RGB", test: Key = "ReconRGB", channels: Literal["luma", "rgb"] = "luma") -> None:
        super().__init__(ref=key_of(ref), test=key_of(test), channels=channels)


class MetricPSNR(NativeSystem, entry="MetricPSNR"):
    """Peak signal-to-noise ratio: 'psnr', in dB over all 8-bit samples.

    Infinity for equal pictures.

    Args:
        ref: The reference picture.
        test: The picture under test.
    """

    def __init__(self, ref: Key = "RGB", test: Key = "ReconRGB") -> None:
        super().__init__(ref=key_of(ref), test=key_of(test))


class MetricSSIM(NativeSystem, entry="MetricSSIM"):
    """Structural similarity (Wang 2004): 'ssim', mean over R, G, B.

    Equal to scikit-image's structural_similarity with the same options. Raises ShapeError for pictures smaller than the
    window.

    Args:
        ref: The reference picture.
        test: The picture under test.
        gaussian: 11×11 Gaussian window, σ = 1.5; else a uniform 7×7 window with sample covariance.
    """

    def __init__(self, ref: Key = "RGB", test: Key = "ReconRGB", gaussian: bool = True) -> None:
        super().__init__(ref=key_of(ref), test=key_of(test), gaussian=gaussian)


class MetricSSIMULACRA2(NativeSystem, entry="MetricSSIMULACRA2"):
    """Visible loss by SSIMULACRA 2.1 (Sneyers, Cloudinary 2023): 'ssimulacra2'.

    100 for equal pictures; 90: no difference seen side by side, 70: high quality, 50: medium, 30: low; no lower end.
    Equal to the Python package ssimulacra2 within 0.1. Six scales; fewer below 225 pixels, with a note in the trace,
    where numbers are not comparable. Raises ShapeError below 8 pixels.

    Args:
        ref: The reference picture.
        test: The picture under test.
    """

    def __init__(self, ref: Key = "RGB", test: Key = "ReconRGB") -> None:
        super().__init__(ref=key_of(ref), test=key_of(test))
