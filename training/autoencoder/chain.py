"""The codec's transform chain, differentiable: Hadamard, CDF 5/3 wavelet, quantiser, rate.

It mirrors what the C++ systems `hadamard4 | cdf53(levels=4) | quantize(step) | ans` do, so that the networks meet
exactly the noise and the price that the codec will put on their latents.

Sources: JPEG 2000 (ISO/IEC 15444-1, annex F) for the 5/3 lifting steps and the whole-sample symmetric borders;
Balle, Laparra, Simoncelli 2017 and Balle et al. 2018 (arXiv 1802.01436) for additive uniform noise as the stand-in
of rounding and for the rate as the negative log of a learned density convolved with that noise.
"""

import math

import torch
from torch import nn

LEVELS = 4
SQRT2 = math.sqrt(2.0)
SOFTNESS = 4.0  # how hard soft_round rounds: 0 would leave values alone, infinity round them
# Sylvester (natural) order; the factor 1/2 makes it orthonormal, hence its own inverse.
HADAMARD4 = torch.tensor([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]], dtype=torch.float32) / 2


def hadamard4(x):
    """(N,4,h,w) -> (N,4,h,w); orthonormal and symmetric, so the same call is the inverse."""
    a, b, c, d = x.unbind(1)
    sums, differences = (a + b, c + d), (a - b, c - d)
    first, second = (s + t for s, t in (sums, differences)), (s - t for s, t in (sums, differences))
    return torch.stack([*first, *second], 1) / 2


def mirror_right(even, odd):
    """The even sample to the right of each odd one; past an even-length signal's end it mirrors to the last even."""
    right = even[..., 1:]
    if right.shape[-1] < odd.shape[-1]:
        right = torch.cat([right, even[..., -1:]], -1)
    return right


def update(odd, n_even):
    """A quarter of the two odd neighbours of each even sample, mirrored at both ends."""
    left = torch.cat([odd[..., :1], odd], -1)[..., :n_even]
    right = odd if odd.shape[-1] == n_even else torch.cat([odd, odd[..., -1:]], -1)
    return (left + right) / 4


def split53(x):
    """One 5/3 analysis along the last axis: (..., n) -> low (..., ceil(n/2)), high (..., floor(n/2))."""
    if x.shape[-1] < 2:  # JPEG 2000: a single sample is its own low band
        return x, x[..., :0]
    even, odd = x[..., 0::2], x[..., 1::2]
    high = odd - (even[..., : odd.shape[-1]] + mirror_right(even, odd)) / 2
    low = even + update(high, even.shape[-1])
    return low * SQRT2, high / SQRT2


def merge53(low, high):
    """The inverse of `split53`."""
    if high.shape[-1] == 0:
        return low
    high = high * SQRT2
    even = low / SQRT2 - update(high, low.shape[-1])
    odd = high + (even[..., : high.shape[-1]] + mirror_right(even, high)) / 2
    n = even.shape[-1] + odd.shape[-1]
    pairs = torch.stack([even[..., : odd.shape[-1]], odd], -1).flatten(-2)
    return pairs if n % 2 == 0 else torch.cat([pairs, even[..., -1:]], -1)


def along_columns(function, *xs):
    """Applies a last-axis function along the rows' axis instead."""
    out = function(*(x.transpose(-1, -2) for x in xs))
    return tuple(o.transpose(-1, -2) for o in out) if isinstance(out, tuple) else out.transpose(-1, -2)


def wavelet(x, levels=LEVELS):
    """(N,C,h,w) -> {(level, orientation): (N,C,h',w')}; 'HL' = high-pass horizontally, low-pass vertically."""
    bands = {}
    for level in range(1, levels + 1):
        low, high = split53(x)
        x, bands[level, "LH"] = along_columns(split53, low)
        bands[level, "HL"], bands[level, "HH"] = along_columns(split53, high)
    bands[levels, "LL"] = x
    return bands


def unwavelet(bands, levels=LEVELS):
    """The inverse of `wavelet`."""
    x = bands[levels, "LL"]
    for level in range(levels, 0, -1):
        low = along_columns(merge53, x, bands[level, "LH"])
        high = along_columns(merge53, bands[level, "HL"], bands[level, "HH"])
        x = merge53(low, high)
    return x


def band_keys(levels=LEVELS):
    """Coarse to fine: (4,LL) (4,HL) (4,LH) (4,HH) (3,HL) ... (1,HH)."""
    return [(levels, "LL")] + [(level, each) for level in range(levels, 0, -1) for each in ("HL", "LH", "HH")]


def soft_round(x):
    """Towards whole numbers, differentiably (Agustsson & Theis 2020, arXiv 2006.09952): what rounding makes zero hardly
    counts, so that a coarse step does not ask to erase what a fine one shows."""
    rest = x - torch.floor(x) - 0.5
    return torch.floor(x) + 0.5 + torch.tanh(SOFTNESS * rest) / (2 * math.tanh(SOFTNESS / 2))


def rough(bands, step):
    """The differentiable stand-in of rounding that rates are taken of: softly rounded, then noise one step wide."""
    return {k: (soft_round(y / step) + torch.rand_like(y) - 0.5) * step for k, y in bands.items()}


def round_through(bands, step):
    """True rounding to multiples of the step; gradients pass as if nothing had happened (straight-through)."""
    return {k: y + (torch.round(y / step) * step - y).detach() for k, y in bands.items()}


def analyse(latent, hadamard):
    """Latent (N,C,h,w) -> bands, as the codec transforms it."""
    return wavelet(hadamard4(latent) if hadamard else latent)


def synthesise(bands, hadamard):
    """The inverse of `analyse`."""
    latent = unwavelet(bands)
    return hadamard4(latent) if hadamard else latent


class BandPrior(nn.Module):
    """A static density per (channel, subband), as the coder has tables: a mixture of logistics around one mean."""

    def __init__(self, channels, components=3, levels=LEVELS):
        super().__init__()
        self.keys = band_keys(levels)
        shape = (len(self.keys), channels, components)
        self.weight = nn.Parameter(torch.zeros(shape))
        self.log_scale = nn.Parameter(torch.linspace(-1.0, 2.5, components).expand(shape).clone())
        self.mean = nn.Parameter(torch.zeros(shape[:2]))

    def _probability(self, index, y, step):
        """Mass of the interval (y - step/2, y + step/2); y is (N,C,h,w)."""
        expand = (1, -1, 1, 1)
        # By symmetry the left tail serves both sides; there sigmoid differences keep their precision.
        away = -(y - self.mean[index].view(expand)).abs()
        total = 0
        weights = self.weight[index].softmax(-1)
        for w, log_scale in zip(weights.unbind(-1), self.log_scale[index].unbind(-1), strict=True):
            scale = log_scale.exp().view(expand)
            mass = torch.sigmoid((away + step / 2) / scale) - torch.sigmoid((away - step / 2) / scale)
            total = total + w.view(expand) * mass
        return total

    def bits(self, bands, step):
        """Bits per image, (N,), of noisy or rounded bands under the tables."""
        return sum(
            -self._probability(i, bands[k], step).clamp_min(1e-9).log2().sum((1, 2, 3))
            for i, k in enumerate(self.keys)
            if bands[k].numel()
        )
