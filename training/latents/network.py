"""A small network for flow matching: residual blocks over three resolutions, told the time."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

WIDTH = 32


class Block(nn.Module):
    """Two convolutions; the time scales and shifts in between."""

    def __init__(self, width: int, time: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.GroupNorm(8, width), nn.GroupNorm(8, width)
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.modulation = nn.Linear(time, 2 * width)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        scale, shift = self.modulation(time)[:, :, None, None].chunk(2, 1)
        y = self.first(F.silu(self.first_norm(x)))
        return x + self.second(F.silu(self.second_norm(y) * (1 + scale) + shift))


class Velocity(nn.Module):
    """Where a point between noise and latent is going: (N, C, h, w) and (N,) give (N, C, h, w)."""

    def __init__(self, channels: int, width: int = WIDTH) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(32, 4 * width), nn.SiLU(), nn.Linear(4 * width, 4 * width))
        self.enter, self.leave = nn.Conv2d(channels, width, 3, padding=1), nn.Conv2d(width, channels, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(width, width, 2, stride=2) for _ in range(2))
        self.up = nn.ModuleList(nn.ConvTranspose2d(width, width, 2, stride=2) for _ in range(2))
        self.blocks = nn.ModuleList(Block(width, 4 * width) for _ in range(6))
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        t = self.time(waves(time))
        fine = self.blocks[0](self.enter(x), t)
        middle = self.blocks[1](self.down[0](fine), t)
        coarse = self.blocks[3](self.blocks[2](self.down[1](middle), t), t)
        middle = self.blocks[4](middle + self.up[1](coarse), t)
        return self.leave(self.blocks[5](fine + self.up[0](middle), t))


def waves(time: torch.Tensor) -> torch.Tensor:
    """Sines and cosines of the time at sixteen frequencies."""
    phases = time[:, None] * torch.exp(torch.linspace(0, math.log(1000), 16))[None, :]
    return torch.cat([phases.sin(), phases.cos()], 1)
