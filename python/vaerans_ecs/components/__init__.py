"""Components: what an entity can have. A type stands for its key: `pipe.out(ReconRGB)` is `pipe.out('ReconRGB')`."""

from .._vaerans import Component as _Native
from .._vaerans import Spec, Subband
from ._base import Component
from .entropy import ANSBitstream, Bitstream
from .image import RGB, BlurRGB, ReconRGB
from .latent import YUVW4, Latent4
from .quant import QuantParams, Symbols, SymbolsU8
from .residual import Residual, ResidualImage
from .wavelet import WaveletPyr

_BY_KEY: dict[str, type[Component]] = {
    cls.key: cls
    for cls in (RGB, ReconRGB, BlurRGB, Latent4, YUVW4, WaveletPyr, SymbolsU8, QuantParams, ANSBitstream, Residual)
}
_BY_KIND: dict[str, type[Component]] = {"bitstream": Bitstream}


def wrap(native: _Native) -> Component:
    """The component object of a native one; called by the native module."""
    return _BY_KEY.get(native.key, _BY_KIND.get(native.kind, Component))(native)


__all__ = [
    "RGB",
    "YUVW4",
    "ANSBitstream",
    "Bitstream",
    "BlurRGB",
    "Component",
    "Latent4",
    "QuantParams",
    "ReconRGB",
    "Residual",
    "ResidualImage",
    "Spec",
    "Subband",
    "Symbols",
    "SymbolsU8",
    "WaveletPyr",
]
