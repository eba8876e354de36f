"""Camera, sky, surfaces and water of the lake scene in landscape.py. Colours are linear light, (…, 3) float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from landscape import EYE, FOCAL, HAZE, HORIZON, SKYLIGHT, SUN, SUNLIGHT, Terrain, detail, forest, stones
from noise import Array, Noise, mix, smooth

clouds, ripples = Noise(53), Noise(67)


@dataclass
class Camera:
    width: int
    height: int

    def rays(self) -> tuple[Array, Array]:
        """Slope across for each column, slope upwards for each row (rise per metre forward)."""
        f = FOCAL * self.width
        across = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / f
        up = (HORIZON * self.height - np.arange(self.height, dtype=np.float32) - 0.5) / f
        return across, up


@dataclass
class Profiles:
    """Terrain along each column: height (steps, columns) at distances `t` forward."""

    t: Array
    x: Array
    height: Array

    def hit(self, eye: float, up: Array) -> Array:
        """Index of the first step that a ray from height `eye` with slope up[row] meets, `steps` for none.
        Shape (rows, columns)."""
        mirrors = (self.height > 0) & (self.t > 60)[:, None]
        solid = self.height if eye > 0 else np.where(mirrors, self.height, -1e6)
        rise = np.maximum.accumulate((solid - np.float32(eye)) / self.t[:, None], axis=0)
        return np.stack([np.searchsorted(rise[:, c], up) for c in range(rise.shape[1])], axis=1)


def profiles(camera: Camera, near: Terrain, far: Terrain, steps: int = 5200) -> Profiles:
    across, _ = camera.rays()
    t = np.geomspace(5.5, 9800, steps).astype(np.float32)
    x, z = t[:, None] * across, np.broadcast_to(t[:, None], (steps, camera.width))
    split = int(np.searchsorted(t, 2300))
    height = np.concatenate(
        [near.sample(near.height, x[:split], z[:split]), far.sample(far.height, x[split:], z[split:])]
    )
    first = int(np.searchsorted(t, 60))
    height[:first] += shore_stones(x[:first], z[:first])[0]
    return Profiles(t, x, height)


def shore_stones(x: Array, z: Array) -> tuple[Array, Array]:
    """Height of boulders and pebbles on the near shore, and a random number for each."""
    wx, wz = detail.fbm(x * 0.9, z * 0.9, 3), detail.fbm(x * 0.9 + 50, z * 0.9, 3)
    big, tag = stones.bumps(x / 2.4 + 0.34 * wx, z / 1.9 + 0.34 * wz, (0.08, 0.5), 2.0)
    small, tag2 = stones.bumps(x / 0.45 + 9 + 0.5 * wx, z / 0.36 + 0.5 * wz, (0.25, 0.62), 2.0)
    rough = detail.fbm(x * 1.7, z * 1.7, 6, 0.55)
    big = big**0.7 * (0.34 + 0.22 * tag + 0.2 * rough) * (tag > 0.5)
    small = 0.10 * np.sqrt(small) * (1 + 0.5 * rough)
    return np.maximum(big, small) + 0.02 * rough, np.where(big > small, tag, tag2)


def sky(across: Array, up: Array) -> Array:
    """Colour of the sky in direction (across, up, 1); clouds lie on a plane 2200 m up."""
    norm = np.sqrt(1 + across**2 + up**2)
    height = np.clip(up, 0.004, None) / norm
    toward = (across * SUN[0] + up * SUN[1] + SUN[2]) / norm
    blue = mix(np.array([0.50, 0.63, 0.80]), np.array([0.085, 0.20, 0.47]), smooth(-0.02, 0.42, height))
    blue += 0.35 * (np.clip(toward, 0, 1) ** 6)[..., None] * np.array([1.0, 0.78, 0.5], np.float32)
    x, z = 2.2 * across / np.clip(up, 0.012, None), 2.2 / np.clip(up, 0.012, None)
    cover, lit = cloud_cover(x, z)
    cover = cover * smooth(0.012, 0.10, up)
    white = mix(np.array([0.60, 0.62, 0.68]), np.array([1.12, 1.05, 0.97]), lit)
    return mix(blue, white, cover)


def cloud_cover(x: Array, z: Array) -> tuple[Array, Array]:
    """Opacity 0…1 and brightness 0…1 of the clouds at kilometres x, z; wisps above, heaps below."""
    warp = clouds.fbm(x * 0.22 + 3, z * 0.22, 3)
    density = clouds.fbm(x * 0.34 + warp, z * 0.34 + 1.3 * warp + 7, 7, 0.54) + 0.10
    sunward = clouds.fbm((x - 0.35) * 0.34 + warp, (z + 0.14) * 0.34 + 1.3 * warp + 7, 5, 0.54) + 0.10
    wisps = 0.45 * smooth(0.05, 0.9, clouds.fbm(x * 0.16 + 2 * warp, z * 0.55 + warp, 6, 0.6) + 0.15)
    heaps = smooth(0.0, 0.26, density)
    return np.maximum(heaps, wisps), smooth(-0.25, 0.22, density * 0.5 - sunward + 0.22) * 0.8 + 0.2 * (1 - heaps)


def land(scene: tuple[Terrain, Terrain], x: Array, z: Array, h: Array) -> Array:
    """Colour of the terrain at points (n,): what grows there, lit by the sun and the sky, seen through haze."""
    near, far = scene
    out = np.empty((x.size, 3), np.float32)
    for terrain, here in ((near, z < 2300), (far, z >= 2300)):
        out[here] = surface(terrain, x[here], z[here], h[here])
    return hazed(out, x, z, h)


def surface(terrain: Terrain, x: Array, z: Array, h: Array) -> Array:
    normal = normals(terrain, x, z)
    tree = terrain.sample(terrain.tree, x, z)
    albedo = growth(x, z, h - tree, normal[:, 1])
    leaf = mix(
        np.array([0.022, 0.042, 0.016]),
        np.array([0.085, 0.11, 0.032]),
        np.clip(forest.fbm(x / 40, z / 40, 3) + 0.35, 0, 1),
    )
    leaf *= (0.45 + 0.9 * np.clip(tree / 14, 0, 1) + 0.35 * detail.at(x * 1.3, z * 1.3))[:, None]
    albedo = mix(albedo, leaf, smooth(0.3, 1.4, tree))
    near = z < 60
    if near.any():
        albedo[near], normal[near] = shore(x[near], z[near])
    sun = np.clip(normal @ SUN, 0, None) * terrain.sample(terrain.light, x, z)
    ambient = (0.55 + 0.45 * normal[:, 1])[:, None] * SKYLIGHT
    return albedo * (sun[:, None] * SUNLIGHT * 1.9 + ambient * 1.5)


def growth(x: Array, z: Array, h: Array, upright: Array) -> Array:
    """Albedo of the bare ground: grass, rock on steep faces and high up, snow where it can lie."""
    blotch = detail.fbm(x / 31, z / 31, 5)
    strata = detail.fbm(x / 240 + blotch * 0.3, h / 21, 4)
    rock = np.array([0.205, 0.185, 0.17], np.float32) * (1 + 0.42 * strata + 0.35 * blotch)[:, None]
    grass = mix(np.array([0.10, 0.125, 0.035]), np.array([0.21, 0.19, 0.075]), np.clip(0.5 + 0.9 * blotch, 0, 1))
    ground = mix(grass, rock, smooth(0.80, 0.62, upright + 0.1 * blotch + smooth(900, 500, h) * 0.12 - 0.12))
    ground = mix(ground, np.array([0.30, 0.27, 0.22]) * np.ones_like(rock), smooth(3.2, 1.6, h))
    lies = smooth(520, 900, h + 240 * strata + 160 * blotch) * smooth(0.50, 0.66, upright + 0.08 * blotch)
    return mix(ground, np.array([0.86, 0.88, 0.92]) * np.ones_like(rock), lies)


def shore(x: Array, z: Array) -> tuple[Array, Array]:
    """Albedo and normals of the stones near the camera; dark where they are wet."""
    e = 0.03
    h0, tag = shore_stones(x, z)
    dx, dz = (shore_stones(x + e, z)[0] - h0) / e, (shore_stones(x, z + e)[0] - h0) / e
    normal = np.stack([-dx, np.ones_like(dx), -dz], axis=1)
    speckle = detail.fbm(x * 9, z * 9, 4)
    stone = mix(np.array([0.13, 0.12, 0.115]), np.array([0.27, 0.24, 0.20]), tag) * (1 + 0.55 * speckle)[:, None]
    return stone * (0.35 + 0.65 * smooth(0.02, 0.22, h0))[:, None], normal / np.linalg.norm(
        normal, axis=1, keepdims=True
    )


def normals(terrain: Terrain, x: Array, z: Array) -> Array:
    e = np.float32(terrain.cell)
    roughness = 0.5 * terrain.cell
    bump = roughness * detail.fbm(x / (6 * e), z / (6 * e), 3), roughness * detail.fbm(x / (6 * e) + 31, z / (6 * e), 3)
    dx = (terrain.sample(terrain.height, x + e, z) - terrain.sample(terrain.height, x - e, z)) / (2 * e) + 0.3 * bump[
        0
    ] / e
    dz = (terrain.sample(terrain.height, x, z + e) - terrain.sample(terrain.height, x, z - e)) / (2 * e) + 0.3 * bump[
        1
    ] / e
    normal = np.stack([-dx, np.ones_like(dx), -dz], axis=1)
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def hazed(colour: Array, x: Array, z: Array, h: Array) -> Array:
    distance = np.hypot(x, z)
    glow = np.clip((x * SUN[0] + z * SUN[2]) / np.maximum(distance, 1), 0, 1) ** 3
    veil = mix(HAZE, np.array([0.95, 0.83, 0.68]), 0.8 * glow)
    return mix(colour, veil, 1 - np.exp(-distance / 11000 * np.exp(-h / 1500) - distance / 45000))


def view(scene: tuple[Terrain, Terrain], camera: Camera, seen: Profiles, eye: float) -> tuple[Array, Array]:
    """What a camera at height `eye` sees of land and sky: colours (rows, columns, 3) and distance (inf for sky).
    For eye < 0 the rows run up from the horizon too: the mirrored world."""
    across, up = camera.rays()
    up = up if eye > 0 else -up
    hit = seen.hit(eye, up)
    colour = sky(*np.broadcast_arrays(across[None, :], up[:, None]))
    rows, columns = np.nonzero(hit < seen.t.size)
    step = hit[rows, columns]
    z, h = seen.t[step], seen.height[step, columns]
    colour[rows, columns] = land(scene, seen.x[step, columns], z, h)
    distance = np.full(hit.shape, np.inf, np.float32)
    distance[rows, columns] = z
    return colour, distance


def picture(width: int, height: int) -> Array:
    """The scene in linear light, (height, width, 3)."""
    scene = Terrain(1.0, 1500, 2400), Terrain(4.0, 6500, 10000)
    camera = Camera(width, height)
    seen = profiles(camera, *scene)
    colour, distance = view(scene, camera, seen, EYE)
    mirrored, _ = view(scene, camera, seen, -EYE)
    across, up = camera.rays()
    water_at = np.where(up < 0, EYE / np.maximum(-up, 1e-6), np.inf)[:, None]
    wet = distance > water_at
    return np.where(wet[..., None], water(camera, mirrored, across, up), colour)


def water(camera: Camera, mirrored: Array, across: Array, up: Array) -> Array:
    """The lake for every pixel below the horizon: the mirrored view, shaken by ripples, over the colour of the deep."""
    down = np.clip(-up, 1e-4, None)[:, None]
    z = EYE / down
    x = z * across[None, :]
    wind = smooth(-0.15, 0.35, ripples.fbm(x / 90, np.broadcast_to(z, x.shape) / 26, 4))
    wave = ripples.fbm(x / 1.9, z / 0.8 + 0 * x, 5, 0.6) * (0.45 + 0.9 * wind)
    sway = ripples.fbm(x / 1.4 + 40, z / 0.9 + 0 * x, 4)
    calm = 1 / (1 + z / 260)
    row = np.arange(camera.height)[:, None] + camera.height * (0.030 * wave * calm + 0.010 * wind)
    column = np.arange(camera.width)[None, :] + camera.width * 0.004 * sway * calm
    row, column = np.clip(row, 0, camera.height - 1).astype(int), np.clip(column, 0, camera.width - 1).astype(int)
    tilt = np.clip(down - 0.06 * wave * calm, 0.01, 1)
    fresnel = 0.03 + 0.97 * (1 - tilt / np.sqrt(1 + tilt**2)) ** 5
    deep = np.array([0.012, 0.045, 0.055], np.float32) * (1 + 2.2 * smooth(60, 8, z)[..., None])
    return mix(deep + 0 * mirrored, mirrored[row, column] * np.array([0.93, 0.97, 1.0], np.float32), fresnel)
