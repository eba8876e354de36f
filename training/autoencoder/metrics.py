"""PSNR on 8-bit RGB and MS-SSIM (Wang, Simoncelli, Bovik 2003) on BT.601 luma, as all of the project reports them."""

from functools import lru_cache

import torch
from torch.nn import functional as F

MSSSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
LUMA = (0.299, 0.587, 0.114)
WINDOW, SIGMA = 11, 1.5
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def to_8bit(x):
    """[-1,1] -> the nearest of 0..255, still float32."""
    return ((x.clamp(-1, 1) + 1) * 127.5).round()


def psnr_8bit(x, y):
    """Per-image PSNR in dB, (N,), after rounding both to 8 bits."""
    error = ((to_8bit(x) - to_8bit(y)) ** 2).mean((1, 2, 3))
    return 10 * torch.log10(255**2 / error.clamp_min(1e-10))


def luma(x):
    """(N,3,H,W) in [-1,1] -> (N,1,H,W) in 0..255."""
    red, green, blue = ((x[:, c : c + 1] + 1) * (127.5 * weight) for c, weight in enumerate(LUMA))
    return red + green + blue


def rgb(x):
    """(N,3,H,W) in [-1,1] -> the same in 0..255."""
    return (x + 1) * 127.5


def gaussian(dtype, device):
    """(WINDOW,): the taps of the blur that SSIM and its kin compare under; they add up to 1."""
    t = torch.arange(WINDOW, dtype=dtype, device=device) - WINDOW // 2
    g = torch.exp(-(t**2) / (2 * SIGMA**2))
    return g / g.sum()


@lru_cache(maxsize=32)
def _window(n, dtype, device):
    """(n - WINDOW + 1, n): a matrix whose rows are the Gaussian at every place where it fits."""
    rows = torch.arange(n - WINDOW + 1, device=device)[:, None]
    band = torch.zeros(n - WINDOW + 1, n, dtype=dtype, device=device)
    return band.scatter_(1, rows + torch.arange(WINDOW, device=device), gaussian(dtype, device).expand(len(rows), -1))


def _blur(x):
    """Separable 11-tap Gaussian, interior only. As products of matrices, which stay float32 on GPUs that round the
    operands of convolutions to TF32: the variances below are small differences of such sums."""
    down, across = (_window(n, x.dtype, x.device) for n in x.shape[-2:])
    return down @ x @ across.T


def _ssim_parts(x, y):
    """Mean SSIM and mean contrast-structure of one scale, each (N,)."""
    mx, my = _blur(x), _blur(y)
    vx, vy, cov = _blur(x * x) - mx * mx, _blur(y * y) - my * my, _blur(x * y) - mx * my
    contrast = (2 * cov + C2) / (vx + vy + C2)
    ssim = (2 * mx * my + C1) / (mx * mx + my * my + C1) * contrast
    return ssim.mean((1, 2, 3)), contrast.mean((1, 2, 3))


def ms_ssim(x, y, planes=luma):
    """Five scales, (N,), of pictures in [-1,1]; sides of at least 176 pixels. `planes` turns pictures into what is
    compared, of which the mean over all planes counts at each scale."""
    if min(x.shape[-2:]) < WINDOW * 16:
        raise ValueError(f"MS-SSIM needs sides of at least {WINDOW * 16} pixels, got {tuple(x.shape[-2:])}")
    x, y = planes(x), planes(y)
    result = 1.0
    for scale, weight in enumerate(MSSSIM_WEIGHTS):
        ssim, contrast = _ssim_parts(x, y)
        last = scale == len(MSSSIM_WEIGHTS) - 1
        result = result * (ssim if last else contrast).clamp_min(1e-6) ** weight
        x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
    return result
