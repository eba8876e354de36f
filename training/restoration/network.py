"""The network, in floats: what src/kernels/restoration does in integers (docs/format_bands.md, "restore")."""

import math
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

FOLD = 2  # samples of a plane that are channels of one place, each way
CHANNELS = (12, 24, 24, 24, 12)
OCTAVES, FINEST_LOG = 6, 2  # biases stand at steps 4, 8 … 128
MOST = 8  # an activation is limited to this, either way
LEAK = 1 / 8

# YCoCg as the codec scales it: rows of Y, Cg, Co by R, G, B.
PLANES = torch.tensor([[0.25, 0.5, 0.25], [-0.25, 0.5, -0.25], [0.5, 0, -0.5]]) * math.sqrt(3)
PIXELS = torch.linalg.inv(PLANES)


def planes_of(pixels):
    """(N,H,W,3) uint8 -> (N,3,H,W) float32, Y about 0."""
    planes = torch.as_tensor(pixels).float() @ PLANES.T
    planes[..., 0] -= 128 * math.sqrt(3)
    return planes.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def pixels_of(planes):
    """(N,3,H,W) back to R, G, B less 128, not limited."""
    return torch.einsum("ij,njhw->nihw", PIXELS, planes)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        pairs = list(pairwise(CHANNELS))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, bias=False) for a, b in pairs)
        self.bias = nn.ParameterList(nn.Parameter(torch.zeros(OCTAVES, b)) for _, b in pairs)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight)
        with torch.no_grad():  # it begins blind to what is flat, and changing nothing
            self.convs[0].weight -= self.convs[0].weight.mean((2, 3), keepdim=True)
            self.convs[0].weight *= 0.25
            self.convs[-1].weight *= 1e-3

    def forward(self, planes, steps):
        """Decoded planes (N,3,H,W), H and W even, and the steps (N,) that they were coded with -> restored planes."""
        octave = (torch.log2(steps) - FINEST_LOG).clamp(0, OCTAVES - 1.001)
        size = (2 ** (octave + FINEST_LOG))[:, None, None, None]
        last = len(self.convs) - 1
        border = (FOLD * len(self.convs),) * 4
        x = F.pixel_unshuffle(F.pad(planes / size, border, mode="replicate"), FOLD)
        for i, (conv, bias) in enumerate(zip(self.convs, self.bias, strict=True)):
            x = conv(x) + self._bias_at(bias, octave)
            if i < last:
                x = torch.maximum(x, x * LEAK).clamp(-MOST, MOST)
        return planes + size * F.pixel_shuffle(x, FOLD)

    @staticmethod
    def _bias_at(bias, octave):
        below = octave.floor().long()
        part = (octave - below)[:, None]
        return (bias[below] * (1 - part) + bias[below + 1] * part)[..., None, None]
