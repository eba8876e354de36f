"""Seeded noise on the plane, and the small curves that shape it: all of it vectorised NumPy in float32."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
PERIOD = 512


class Noise:
    """Periodic lattice noise; one instance is one random table, made from `seed`."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.values = rng.uniform(-1, 1, (PERIOD, PERIOD)).astype(np.float32)
        self.jitter = rng.uniform(0, 1, (4, PERIOD, PERIOD)).astype(np.float32)

    def at(self, x: Array, z: Array) -> Array:
        """Smooth noise in −1…1 with features of size 1; x and z have one shape."""
        ix, iz = np.floor(x).astype(np.int32), np.floor(z).astype(np.int32)
        fx, fz = fade(x - ix), fade(z - iz)
        x0, z0, x1, z1 = ix % PERIOD, iz % PERIOD, (ix + 1) % PERIOD, (iz + 1) % PERIOD
        v = self.values
        near = v[z0, x0] + fx * (v[z0, x1] - v[z0, x0])
        far = v[z1, x0] + fx * (v[z1, x1] - v[z1, x0])
        return near + fz * (far - near)

    def fbm(self, x: Array, z: Array, octaves: int, gain: float = 0.5, ridged: bool = False) -> Array:
        """Sum of octaves, each turned against the last; ridged: sharp crests, 0…1 instead of −1…1."""
        total, amplitude, norm = np.zeros(np.broadcast(x, z).shape, np.float32), 1.0, 0.0
        for octave in range(octaves):
            n = self.at(x + 17.3 * octave, z - 9.1 * octave)
            total += amplitude * ((1 - np.abs(n)) ** 2 if ridged else n)
            norm += amplitude
            amplitude *= gain
            x, z = np.float32(1.62) * x + np.float32(1.18) * z, np.float32(1.62) * z - np.float32(1.18) * x
        return total / np.float32(norm)

    def bumps(self, x: Array, z: Array, radius: tuple[float, float], power: float) -> tuple[Array, Array]:
        """Randomly placed bumps, about one in each unit square; radius in units (least, most).

        Returns their profile 0…1 (power 1: cones, 2: domes) and a random number 0…1 for each bump."""
        best, which = np.zeros(x.shape, np.float32), np.zeros(x.shape, np.float32)
        cx, cz = np.floor(x - 0.5).astype(np.int32), np.floor(z - 0.5).astype(np.int32)
        for dx, dz in ((0, 0), (1, 0), (0, 1), (1, 1)):
            gx, gz = (cx + dx) % PERIOD, (cz + dz) % PERIOD
            jx, jz, size, tag = (self.jitter[k][gz, gx] for k in range(4))
            r = radius[0] + (radius[1] - radius[0]) * size
            d = np.hypot(x - (cx + dx) - jx, z - (cz + dz) - jz) / r
            profile = np.clip(1 - d**power, 0, 1) * (0.55 + 0.45 * size)
            which = np.where(profile > best, tag, which)
            best = np.maximum(best, profile)
        return best, which


def fade(t: Array) -> Array:
    """The quintic 6t⁵ − 15t⁴ + 10t³: two continuous derivatives."""
    return t * t * t * (t * (t * 6 - 15) + 10)


def smooth(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, a smooth step between; low > high turns it round."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: Array, b: Array, t: Array) -> Array:
    """a where t = 0, b where t = 1; a and b are colours (…, 3) or (3,), t (…)."""
    t = np.asarray(t, np.float32)[..., None]
    return np.asarray(a, np.float32) * (1 - t) + np.asarray(b, np.float32) * t
