"""SSIMULACRA 2.1 as something to differentiate: the same numbers as the codec's metric (src/kernels/ssimulacra2).

Source: Jon Sneyers, Cloudinary, 2023. Three planes of XYB, six scales halved in linear light, Gaussian windows; of lost
similarity, added edges and lost edges a mean and a 4-norm each, weighed and added up.
"""

import re
from functools import lru_cache
from pathlib import Path

import torch
from torch.nn import functional as F

from training.autoencoder.metrics import WINDOW, gaussian

SCALES, LEAST_SIDE = 6, 8
FLAT = 0.0009  # keeps the similarity of flat windows from being decided by rounding
CONES = ((0.30, 0.622, 0.078), (0.23, 0.692, 0.078), (0.24342268924547819, 0.20476744424496821, 0.5518098665095536))
CONE_BIAS = 0.0037930732552754493
SCALE_X, SHIFT_X, SHIFT_Y, SHIFT_B = 14, 0.42, 0.01, 0.55
TINY = 1e-24  # under fourth roots, whose slope at 0 is infinite
WEIGHTS_FILE = Path(__file__).resolve().parents[2] / "src" / "kernels" / "ssimulacra2" / "ssimulacra2.cpp"


@lru_cache(maxsize=4)
def weights(device):
    """(3 planes, 6 scales, 6 norms): the fitted weights, which stand once, in the codec's own source."""
    table = re.search(r"kWeights\{([^}]*)\}", WEIGHTS_FILE.read_text()).group(1)
    return torch.tensor([float(w) for w in table.split(",")], device=device).reshape(3, SCALES, 6)


@lru_cache(maxsize=64)
def _window(n, mirrored, device):
    """(n,n): a matrix of the Gaussian at every place; beyond the edges stand zeros, or the mirrored signal."""
    at = torch.arange(n, device=device)[:, None] + torch.arange(WINDOW, device=device) - WINDOW // 2
    inside = (at >= 0) & (at < n)
    if mirrored:
        at = torch.where(at < 0, -1 - at, torch.where(at >= n, 2 * n - 1 - at, at))
        inside = torch.ones_like(inside)
    matrix = torch.zeros(n, n, device=device)
    return matrix.scatter_add_(1, at.clamp(0, n - 1), gaussian(torch.float32, device) * inside)


def _blur(x):
    down, across = (_window(n, mirrored, x.device) for n, mirrored in zip(x.shape[-2:], (True, False), strict=True))
    return down @ x @ across.T


def light(x):
    """Pictures in [-1,1] -> linear light in [0,1]."""
    v = (x.clamp(-1, 1) + 1) / 2
    return torch.where(v <= 0.04045, v / 12.92, ((v.clamp_min(0.04045) + 0.055) / 1.055) ** 2.4)


def xyb(linear):
    """(N,3,H,W) linear light -> X, Y and B - Y, all of them about 0 to 1."""
    red, green, blue = linear.unbind(1)
    cones = ((r * red + g * green + b * blue + CONE_BIAS) ** (1 / 3) - CONE_BIAS ** (1 / 3) for r, g, b in CONES)
    long, middle, short = cones
    luma = (long + middle) / 2
    return torch.stack([(long - middle) / 2 * SCALE_X + SHIFT_X, luma + SHIFT_Y, short - luma + SHIFT_B], 1)


def _norms(v):
    """Mean and 4-norm of maps (N,3,H,W): two tensors (N,3)."""
    return v.mean((2, 3)), (v**4).mean((2, 3)).add(TINY) ** 0.25


def _scale_norms(a, b):
    """(N,3,6) of two pictures in XYB."""
    ma, mb = _blur(a), _blur(b)
    variances = _blur(a * a + b * b) - ma * ma - mb * mb
    shared = (1 - (ma - mb) ** 2) * (2 * (_blur(a * b) - ma * mb) + FLAT)
    lost = (1 - shared / (variances + FLAT)).clamp_min(0)
    edges = (1 + (b - mb).abs()) / (1 + (a - ma).abs()) - 1
    means, fourths = zip(*(_norms(v) for v in (lost, edges.clamp_min(0), (-edges).clamp_min(0))), strict=True)
    return torch.stack([*means, *fourths], -1)


def _halved(x):
    height, width = x.shape[-2:]
    return F.avg_pool2d(F.pad(x, (0, width % 2, 0, height % 2), mode="replicate"), 2)


def damage(x, y):
    """(N,): the weighed sum behind the score, 0 where nothing differs, of references x and pictures y in [-1,1]."""
    a, b, norms = light(x), light(y), []
    while len(norms) < SCALES and min(a.shape[-2:]) >= LEAST_SIDE:
        norms.append(_scale_norms(xyb(a), xyb(b)))
        a, b = _halved(a), _halved(b)
    flat = torch.stack(norms, 2).flatten(1)  # fewer scales use the first of the weights, as the reference does
    return 0.9562382616834844 * flat @ weights(x.device).flatten()[: flat.shape[1]]


def score(damage):
    """What is reported: 100 without damage, 90 not seen side by side, 70 high, 50 medium, 30 low quality."""
    seen = ((6.248496625763138e-05 * damage - 0.020884521182843837) * damage + 2.326765642916932) * damage
    return 100 - 10 * seen.clamp_min(0) ** 0.6276336467831387
