"""A mountain lake: height field, trees, clouds and water, rendered column by column.

The camera looks level along +z from (0, EYE, 0), with the horizon moved by a shift of the lens, so each column of the
picture is a vertical plane: the terrain's profile along the column is looked up once, its running maximum of elevation
is monotonic, and a binary search gives the distance that each pixel sees. Water is a mirror: the search from below.
Units: metres; colours are linear light.
"""

from __future__ import annotations

import numpy as np
from noise import Array, Noise, smooth

EYE = 5.5
HORIZON = 0.56  # share of the picture's height
FOCAL = 0.86  # share of the picture's width
SUN = np.array([-0.74, 0.36, 0.30], np.float32) / np.float32(np.linalg.norm([-0.74, 0.36, 0.30]))
SUNLIGHT = np.array([1.75, 1.38, 0.98], np.float32)
SKYLIGHT = np.array([0.26, 0.36, 0.52], np.float32)
HAZE = np.array([0.56, 0.66, 0.80], np.float32)

relief, detail, forest, stones = (Noise(seed) for seed in (11, 23, 37, 41))


class Terrain:
    """Heights and light on a grid: `cell` metres, x in ±half, z in 0…depth."""

    def __init__(self, cell: float, half: float, depth: float) -> None:
        self.cell, self.half = cell, half
        x = np.arange(-half, half, cell, dtype=np.float32)
        z = np.arange(-40, depth, cell, dtype=np.float32)
        x, z = np.meshgrid(x, z)
        self.ground = ground(x, z)
        self.tree = trees(x, z, self.ground, cell)
        self.height = self.ground + self.tree
        self.light = sunlit(self.height, cell)

    def index(self, x: Array, z: Array) -> tuple[Array, Array]:
        return (x + self.half) / self.cell, (z + 40) / self.cell

    def sample(self, field: Array, x: Array, z: Array) -> Array:
        """`field` at world positions, bilinear; positions outside take the edge."""
        u, v = self.index(x, z)
        u, v = np.clip(u, 0, field.shape[1] - 1.001), np.clip(v, 0, field.shape[0] - 1.001)
        iu, iv = u.astype(np.int32), v.astype(np.int32)
        fu, fv = u - iu, v - iv
        top = field[iv, iu] * (1 - fu) + field[iv, iu + 1] * fu
        return top * (1 - fv) + (field[iv + 1, iu] * (1 - fu) + field[iv + 1, iu + 1] * fu) * fv


def ground(x: Array, z: Array) -> Array:
    """Height of the bare ground over the water: a shore here, a lake, wooded hills round it, mountains behind."""
    wobble = relief.fbm(x / 420, z / 420, 4)
    aside = np.abs(x + 60) + 150 * wobble
    land = np.maximum(smooth(640, 1300, z + 200 * wobble), smooth(260, 700, aside) * smooth(60, 500, z))
    hills = 150 + 300 * relief.fbm(x / 900 + 5, z / 900, 8, 0.46)
    crest = relief.fbm(x / 3300 + 3.7, z / 3300 + 1.9, 11, 0.44, ridged=True)
    mountains = smooth(1600, 5600, z + 0.3 * np.abs(x)) * (2050 * crest**1.35 - 240)
    far = land * (9 + np.maximum(hills, 0) + np.maximum(mountains, 0)) - 3 * (1 - land)
    near = 2.2 * smooth(24, 5, z + 7 * detail.fbm(x / 9, z / 9, 3)) - 0.9
    return np.where(z < 60, np.maximum(near, far), far).astype(np.float32)


def trees(x: Array, z: Array, h: Array, cell: float) -> Array:
    """Height of conifers over the ground, 0 where there are none."""
    slope = steepness(h, cell)
    density = forest.fbm(x / 160, z / 160, 4) + 0.55 - 1.6 * smooth(0.55, 1.1, slope) - 2 * smooth(420, 760, h)
    here = (density > 0) & (h > 2.2) & (z > 60)
    cone, tag = forest.bumps(x / 5.2, z / 5.2, (0.42, 0.62), 1.0)
    return np.where(here, cone * (11 + 10 * tag) * smooth(0, 0.12, density), 0).astype(np.float32)


def steepness(h: Array, cell: float) -> Array:
    dz, dx = np.gradient(h, cell)
    return np.hypot(dx, dz)


def sunlit(h: Array, cell: float) -> Array:
    """1 in the sun, 0 in shadow: the highest obstacle towards the sun, found in doubling strides."""
    stride = np.array([round(8 * SUN[2] / -SUN[0]), -8])
    rise = cell * float(np.hypot(*stride)) * SUN[1] / float(np.hypot(SUN[0], SUN[2])) / 8
    blocked, step = h.copy(), 1.0
    for _ in range(11):
        dz, dx = np.rint(stride * step / 8).astype(int)
        blocked = np.maximum(blocked, shifted(blocked, dz, dx) - np.float32(rise * step))
        step *= 2
    return smooth(5.0, 0.3, blocked - h).astype(np.float32)


def shifted(h: Array, dz: int, dx: int) -> Array:
    """h at (z + dz, x + dx), −1000 m where that is outside; dz ≥ 0, dx ≤ 0."""
    out = np.full_like(h, -1000)
    rows, columns = h.shape[0] - dz, h.shape[1] + dx
    if rows > 0 and columns > 0:
        out[:rows, -dx:] = h[dz:, :columns]
    return out
