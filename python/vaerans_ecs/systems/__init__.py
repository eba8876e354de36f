"""The systems of the library, one module per topic, and the means to add your own (System, Param, register)."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from .._vaerans import SystemEntry, all_systems, find_system, make_system, unregister
from ._base import NativeSystem, Param, System, adopt, register
from .ans import ANSDecode, ANSEncode
from .blur import GaussianBlur
from .hadamard import Hadamard4, Hadamard4Inverse
from .klt import KLT, KLTInverse
from .metrics import MetricMSSSIM, MetricPSNR, MetricSSIM, MetricSSIMULACRA2
from .predict import Predict, PredictInverse
from .quantize import Dequantize, DequantizeBands, Quantize, QuantizeBands, QuantizeU8
from .residual import AddResidual, Residual, ReversibleColor, ReversibleColorInverse
from .restore import Restore, RestoreInverse
from .vae import OnnxVAEDecode, OnnxVAEEncode
from .wavelet import (
    WaveletCDF53,
    WaveletCDF53Inverse,
    WaveletCDF97,
    WaveletCDF97Inverse,
    WaveletHaar,
    WaveletHaarInverse,
)
from .ycocg import YCoCg, YCoCgInverse

__all__ = [
    "KLT",
    "ANSDecode",
    "ANSEncode",
    "AddResidual",
    "Dequantize",
    "DequantizeBands",
    "GaussianBlur",
    "Hadamard4",
    "Hadamard4Inverse",
    "KLTInverse",
    "MetricMSSSIM",
    "MetricPSNR",
    "MetricSSIM",
    "MetricSSIMULACRA2",
    "NativeSystem",
    "OnnxVAEDecode",
    "OnnxVAEEncode",
    "Param",
    "Predict",
    "PredictInverse",
    "Quantize",
    "QuantizeBands",
    "QuantizeU8",
    "Residual",
    "Restore",
    "RestoreInverse",
    "ReversibleColor",
    "ReversibleColorInverse",
    "System",
    "SystemEntry",
    "WaveletCDF53",
    "WaveletCDF53Inverse",
    "WaveletCDF97",
    "WaveletCDF97Inverse",
    "WaveletHaar",
    "WaveletHaarInverse",
    "YCoCg",
    "YCoCgInverse",
    "adopt",
    "all_systems",
    "find_system",
    "make_system",
    "register",
    "unregister",
]
