"""Picture quality: numbers into the entity's metadata (World.metadata) and the trace."""

from ..components import RGB, ReconRGB
from ._base import NativeSystem
from ._keys import Key, key_of


class MetricPSNR(NativeSystem, entry="MetricPSNR"):
    """'psnr' in dB over all 8-bit samples; infinity for equal pictures."""

    def __init__(self, ref: Key = RGB.key, test: Key = ReconRGB.key) -> None:
        super().__init__(ref=key_of(ref), test=key_of(test))


class MetricSSIM(NativeSystem, entry="MetricSSIM"):
    """'ssim', mean over R, G, B; equal to scikit-image's structural_similarity with the same options.

    `gaussian`: 11×11 Gaussian window, σ = 1.5 (Wang 2004); else a uniform 7×7 window with sample covariance.
    """

    def __init__(self, ref: Key = RGB.key, test: Key = ReconRGB.key, gaussian: bool = True) -> None:
        super().__init__(ref=key_of(ref), test=key_of(test), gaussian=gaussian)


class MetricMSSSIM(NativeSystem, entry="MetricMSSSIM"):
    """'ms_ssim' after Wang, Simoncelli, Bovik 2003: five scales; fewer, with a note, below 176 pixels.

    `channels`: 'luma' (BT.601, 8 bit) or 'rgb' (mean of three).
    """

    def __init__(self, ref: Key = RGB.key, test: Key = ReconRGB.key, channels: str = "luma") -> None:
        super().__init__(ref=key_of(ref), test=key_of(test), channels=channels)
