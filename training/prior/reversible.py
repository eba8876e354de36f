"""The integer transforms of residuals: colour, CDF 5/3 with rounding, quantiser. They mirror src/kernels and
src/systems/color.cpp; values are whole numbers in float32."""

import torch

from training.autoencoder import chain


def colour(rgb):
    """(H,W,3) integers -> (3,H,W): (R + 2G + B) / 4 rounded down, B - G, R - G (JPEG 2000's reversible transform)."""
    r, g, b = rgb.float().unbind(-1)
    return torch.stack([torch.floor((r + 2 * g + b) / 4), b - g, r - g])


def split(x):
    """Along the last axis: (..., n) -> low, high; ISO/IEC 15444-1, annex F."""
    if x.shape[-1] < 2:
        return x, x[..., :0]
    even, odd = x[..., 0::2], x[..., 1::2]
    high = odd - torch.floor((even[..., : odd.shape[-1]] + chain.mirror_right(even, odd)) / 2)
    low = even + torch.floor(chain.update(high, even.shape[-1]) + 0.5)
    return low, high


def wavelet(x, levels):
    """(C,H,W) -> {(level, orientation): (C,h,w)}; columns first, as the codec does."""
    bands = {}
    for level in range(1, levels + 1):
        low, high = chain.along_columns(split, x)
        x, bands[level, "HL"] = split(low)
        bands[level, "LH"], bands[level, "HH"] = split(high)
    bands[levels, "LL"] = x
    return bands


def quantise(y, step):
    """Whole multiples of a whole step: sign(y) floor((|y| + floor(step / 2)) / step)."""
    return torch.sign(y) * torch.floor((y.abs() + step // 2) / step)
