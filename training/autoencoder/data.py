"""Photos in memory, random crops out, on the CPU or all on a GPU.

All photos are loaded once as uint8, together with copies reduced by fixed factors (anti-aliased), into one tensor on
the device that trains, so that a batch of crops is one gather. Reduced copies matter: the sources are soft at their
full size, test pictures are sharp. Random numbers are PyTorch's own on that device: `torch.manual_seed` repeats a run,
and a CUDA graph can hold the drawing of a batch.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "training" / "runs"  # checkpoints, not in the repository
DEFAULT_PHOTOS = ROOT.parent / "shared" / "photos"
# Never trained on: an animal, a landscape, a building, a city. Fixed by name so that every rerun agrees.
HELD_OUT = ("budgie-perched-osprey", "budgie-lake-sherburne", "budgie-roman-colosseum", "pop-tony-webster-97532")
REDUCTIONS = {1.0: 0.05, 1.5: 0.15, 2.0: 0.25, 2.5: 0.2, 3.0: 0.2, 4.0: 0.15}  # factor: its part of the crops
BUSIER_ODDS = 0.5  # how often a crop is the busier of two: plain skies teach little
TILE_ODDS = 0.08  # how often a batch is cut into tiny pictures: all border, which no large crop teaches
RAMP_ODDS = 0.02  # how often a crop is a plain colour ramp: flat graphics must not surprise the networks
LEAST_GAIN = 0.85  # channel gains are jittered down to this, so that few photos span more colours
# Few photos from few cameras look more alike than pictures do: what a big encoder learns of their look it loses on
# others (LOG.md). So crops are turned, sharpened, grainy or of other colours as often as this.
TURN_ODDS, SHARP_ODDS, GRAIN_ODDS, SWAP_ODDS, PALE_ODDS = 0.25, 0.4, 0.3, 0.2, 0.5
SATURATIONS = (0.3, 1.3)  # times the distance from grey
MOST_SHARP, MOST_GRAIN = 1.0, 5.0  # times what a 3x3 mean misses; standard deviation in 8-bit units
CONTRASTS = (0.8, 1.25)  # exponents of the values in 0..1
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
    """A picture, from a path or an open file, as (H,W,3) uint8."""
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


def detail(crops):
    """(N,H,W,3) uint8 -> (N,): mean absolute difference of neighbouring pixels, which tells texture from sky."""
    green = crops[..., 1].float()
    return sum(green.diff(dim=axis).abs().mean((1, 2)) for axis in (1, 2))


def tiles(x, height, width):
    """(N,3,H,W) -> (N*ny*nx,3,height,width): every picture cut into its whole tiles."""
    n, c, ny, nx = *x.shape[:2], x.shape[2] // height, x.shape[3] // width
    grid = x[:, :, : ny * height, : nx * width].reshape(n, c, ny, height, nx, width)
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(-1, c, height, width)


def random_tile():
    """Height and width of the tiny pictures that a batch is to be cut into; most of the time None."""
    if torch.rand(()).item() >= TILE_ODDS:
        return None
    return tuple(8 * side for side in torch.randint(1, 9, (2,)).tolist())


def ramps(n, size, device):
    """(n,size,size,3) float in 0..255: a colour at one corner fading to another at the opposite one; or the same."""
    first, second = 255 * torch.rand(2, n, 1, 1, 3, device=device)
    second = torch.where(torch.rand(n, 1, 1, 1, device=device) < 0.5, first, second)
    t = torch.linspace(0, 1, size, device=device)
    down, across = torch.rand(2, n, 1, 1, device=device)
    mix = (t[:, None] * down + t[None, :] * across)[..., None] / 2
    return first * (1 - mix) + second * mix


def chosen(n, odds, device):
    """(n,1,1,1) of True at these odds."""
    return torch.rand(n, 1, 1, 1, device=device) < odds


def sharpened(x, amount):
    """(N,3,H,W) plus `amount` times what its 3x3 mean misses."""
    around = torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")
    return x + amount * (x - torch.nn.functional.avg_pool2d(around, 3, 1))


def between(limits, n, device):
    """(n,1,1,1) of random numbers."""
    return limits[0] + (limits[1] - limits[0]) * torch.rand(n, 1, 1, 1, device=device)


def saturated(x, amount):
    """(N,3,H,W) in 0..255: paler below 1, more vivid above."""
    grey = x.mean(1, keepdim=True)
    return (grey + amount * (x - grey)).clamp(0, 255)


def varied(x):
    """(N,3,H,W) in 0..255, square -> each as another camera, scanner or hand might have given it, in whole numbers."""
    n, device = len(x), x.device
    x = torch.where(chosen(n, TURN_ODDS, device), x.transpose(-1, -2), x)
    x = torch.where(chosen(n, SWAP_ODDS, device), x.roll(1, 1), x)
    x = saturated(x, 1 + (between(SATURATIONS, n, device) - 1) * chosen(n, PALE_ODDS, device))
    low, high = CONTRASTS
    x = 255 * (x / 255) ** (low * (high / low) ** torch.rand(n, 1, 1, 1, device=device))
    x = sharpened(x, MOST_SHARP * torch.rand(n, 1, 1, 1, device=device) * chosen(n, SHARP_ODDS, device))
    grain = MOST_GRAIN * torch.rand(n, 1, 1, 1, device=device) * chosen(n, GRAIN_ODDS, device)
    return (x + grain * torch.randn_like(x)).clamp(0, 255).round()


class CropSampler:
    """Random square crops of photos.

    `photos` are (H,W,3) uint8 arrays in any order, `reductions` {factor: its odds}; crops have sides of `size` pixels.
    Photos that are too small after a reduction have no part in it."""

    def __init__(self, photos, size, device="cpu", reductions=REDUCTIONS):
        self.size, self.device = size, torch.device(device)
        with ThreadPoolExecutor() as pool:
            levels = list(pool.map(lambda photo: [reduce(photo, factor) for factor in reductions], photos))
        kept = [[p for p in level if min(p.shape[:2]) >= size] for level in zip(*levels, strict=True)]
        if not all(kept):
            raise ValueError(f"no photo is large enough for crops of {size} pixels at all of {list(reductions)}")
        self._upload([p for level in kept for p in level])
        areas = [torch.tensor([float(p.shape[0] * p.shape[1]) for p in level]) for level in kept]
        odds = torch.cat([a / a.sum() * share for a, share in zip(areas, reductions.values(), strict=True)])
        self.cumulative = (odds.cumsum(0) / odds.sum()).to(self.device)

    @classmethod
    def of_folder(cls, folder, size, device="cpu"):
        """Crops of a folder's training photos."""
        with ThreadPoolExecutor() as pool:
            return cls(pool.map(load, training_paths(folder)), size, device)

    def _upload(self, photos):
        """All pixels one after the other, (n,3), and where each photo begins."""
        lengths = [p.shape[0] * p.shape[1] for p in photos]
        pixels = torch.empty((sum(lengths), 3), dtype=torch.uint8)
        begins = np.cumsum([0, *lengths[:-1]])
        for begin, length, photo in zip(begins, lengths, photos, strict=True):
            pixels[begin : begin + length] = torch.from_numpy(photo.reshape(-1, 3).copy())
        self.pixels = pixels.to(self.device)
        self.begins = torch.from_numpy(begins).to(self.device)
        self.heights, self.widths = (torch.tensor([p.shape[i] for p in photos]).to(self.device) for i in (0, 1))

    def _crops(self, n):
        """(n,size,size,3) uint8, half of them mirrored."""
        photo = torch.searchsorted(self.cumulative, torch.rand(n, device=self.device)).clamp_max(len(self.begins) - 1)
        begin, height, width = (each[photo] for each in (self.begins, self.heights, self.widths))
        top, left = (self._below(side - self.size + 1) for side in (height, width))
        along = torch.arange(self.size, device=self.device)
        mirrored = torch.rand(n, 1, device=self.device) < 0.5
        columns = left[:, None] + torch.where(mirrored, along.flip(0), along)
        rows = begin[:, None] + (top[:, None] + along) * width[:, None]
        return self.pixels[rows[:, :, None] + columns[:, None, :]]

    def _below(self, limits):
        """(n,) whole numbers, each from 0 to one less than its limit."""
        drawn = (torch.rand(len(limits), device=self.device) * limits).long()
        return torch.minimum(drawn, limits - 1)  # the product may have been rounded up

    def batch(self, n):
        """(n,3,size,size) float32 in [-1,1], channels last in memory."""
        first, second = self._crops(n), self._crops(n)
        busier = (detail(second) > detail(first)) & (torch.rand(n, device=self.device) < BUSIER_ODDS)
        crops = torch.where(busier[:, None, None, None], second, first).float()
        gain = LEAST_GAIN + (1 - LEAST_GAIN) * torch.rand(n, 1, 1, 3, device=self.device)
        crops = varied((crops * gain).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        crops = torch.where(chosen(n, RAMP_ODDS, self.device), ramps(n, self.size, self.device), crops)
        return (crops / 127.5 - 1).permute(0, 3, 1, 2)
