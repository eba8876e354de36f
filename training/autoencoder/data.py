"""Photos in memory, random crops out.

All photos are loaded once as uint8, together with copies reduced by fixed factors (anti-aliased), so that a crop costs
one slice. Reduced copies matter: the sources are soft at their full size, test pictures are sharp.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "training" / "runs"  # checkpoints, not in the repository
DEFAULT_PHOTOS = ROOT.parent / "shared" / "photos"
# Never trained on: an animal, a landscape, a building, a city. Fixed by name so that every rerun agrees.
HELD_OUT = ("budgie-perched-osprey", "budgie-lake-sherburne", "budgie-roman-colosseum", "pop-tony-webster-97532")
REDUCTIONS = (1.0, 1.5, 2.0, 3.0)
REDUCTION_ODDS = (0.15, 0.25, 0.3, 0.3)
TILE_ODDS = 0.08  # of a batch to be cut into tiny pictures: all border, which no large crop teaches
RAMP_ODDS = 0.02  # of a crop to be a plain colour ramp: flat graphics must not surprise the networks
SUFFIXES = {".webp", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}


def photo_paths(folder):
    """All pictures of a folder, sorted by name."""
    paths = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise FileNotFoundError(f"no pictures in {folder}; give another folder with --data")
    return paths


def training_paths(folder):
    """Those of a folder that training may see."""
    return [path for path in photo_paths(folder) if path.stem not in HELD_OUT]


def load(path):
    """A picture as (H,W,3) uint8."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def reduce(pixels, factor):
    """(H,W,3) uint8, smaller by `factor` on each side."""
    if factor == 1:
        return pixels
    height, width = (round(n / factor) for n in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def to_tensor(pixels):
    """(N,H,W,3) or (H,W,3) uint8 -> (N,3,H,W) float32 in [-1,1]."""
    x = torch.from_numpy(np.array(pixels, ndmin=4)).permute(0, 3, 1, 2)
    return x.float() / 127.5 - 1


def centre(x, height=512, width=768):
    """The middle of pictures (N,3,H,W), at most height x width."""
    top, left = (x.shape[-2] - height) // 2, (x.shape[-1] - width) // 2
    return x[..., max(top, 0) :, max(left, 0) :][..., :height, :width]


def validation_images(folder):
    """The centre of each held-out photo at half size: a list of (1,3,512,768) in [-1,1]."""
    held_out = (path for path in photo_paths(folder) if path.stem in HELD_OUT)
    return [centre(to_tensor(reduce(load(path), 2))) for path in held_out]


def detail(crop):
    """Mean absolute difference of neighbouring pixels: tells texture from sky."""
    grey = crop[..., 1].astype(np.int16)
    return np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()


def tiles(x, height, width):
    """(N,3,H,W) -> (N*ny*nx,3,height,width): every picture cut into its whole tiles."""
    n, c, ny, nx = *x.shape[:2], x.shape[2] // height, x.shape[3] // width
    grid = x[:, :, : ny * height, : nx * width].reshape(n, c, ny, height, nx, width)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(-1, c, height, width)


def ramp(random, size):
    """(size,size,3) uint8: a colour at one corner fading to another at the opposite one; sometimes the same."""
    first, second = random.integers(0, 256, (2, 3))
    second = first if random.random() < 0.5 else second
    t = np.linspace(0, 1, size)
    mix = (t[:, None] * random.random() + t[None, :] * random.random())[..., None] / 2
    return (first * (1 - mix) + second * mix).astype(np.uint8)


class CropSampler:
    """Random square crops of the training photos."""

    def __init__(self, folder, size, seed=0):
        self.size = size
        self.seed(seed)
        self.levels = [[] for _ in REDUCTIONS]
        for path in training_paths(folder):
            self._add(load(path))
        self.odds = [self._area_odds(photos) for photos in self.levels]

    def seed(self, seed):
        self.random = np.random.default_rng(seed)

    def _add(self, pixels):
        for photos, factor in zip(self.levels, REDUCTIONS, strict=True):
            reduced = reduce(pixels, factor)
            if min(reduced.shape[:2]) >= self.size:
                photos.append(reduced)

    @staticmethod
    def _area_odds(photos):
        areas = np.array([p.shape[0] * p.shape[1] for p in photos], float)
        return areas / areas.sum()

    def _crop(self):
        level = self.random.choice(len(REDUCTIONS), p=REDUCTION_ODDS)
        photo = self.levels[level][self.random.choice(len(self.odds[level]), p=self.odds[level])]
        top, left = (self.random.integers(n - self.size + 1) for n in photo.shape[:2])
        return photo[top : top + self.size, left : left + self.size]

    def _one(self):
        if self.random.random() < RAMP_ODDS:
            return ramp(self.random, self.size)
        crop = self._crop()
        if self.random.random() < 0.5:  # half of the time the busier of two: plain skies teach little
            crop = max(crop, self._crop(), key=detail)
        return crop[:, ::-1] if self.random.random() < 0.5 else crop

    def batch(self, n, plain=False):
        """(n,3,size,size) float32 in [-1,1], channel gains jittered a little so that few photos span more colours;
        now and then, unless `plain`, the same pixels as many tiny pictures, (m,3,8a,8b)."""
        x = to_tensor(np.stack([self._one() for _ in range(n)]))
        gain = self.random.uniform(0.85, 1.0, (n, 3, 1, 1)).astype(np.float32)
        x = (x + 1) * torch.from_numpy(gain) - 1
        if not plain and self.random.random() < TILE_ODDS:
            x = tiles(x, *(8 * self.random.integers(1, 9, 2)))
        return x
