"""Latents of crops of photos, in stores of different errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from vaerans_ecs import LatentStore, World
from vaerans_ecs.systems import OnnxVAEEncode

SIDE = 128  # pixels, the width and height of crops
HELD_OUT = 4  # the last photos by name
BATCH = 32

# The name of a store → the target that it is written with; "fp16" keeps every bit.
STORES: dict[str, dict] = {
    "fp16": {"lossless": True},
    "2 %": {"rmse": 0.02},
    "5 %": {"rmse": 0.05},
    "10 %": {"rmse": 0.1},
}


def photos(folder: Path) -> tuple[list[Path], list[Path]]:
    """To train with, and held out."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".webp", ".png", ".jpg", ".jpeg"))
    if len(found) <= HELD_OUT:
        raise SystemExit(f"{folder}: more than {HELD_OUT} photos are needed")
    return found[:-HELD_OUT], found[-HELD_OUT:]


def crops(paths: list[Path], count: int, seed: int) -> Iterator[np.ndarray]:
    """Square crops at a random place and size, as many of each photo, made SIDE pixels wide."""
    random = np.random.default_rng(seed)
    for path in paths:
        with Image.open(path) as opened:
            photo = opened.convert("RGB")
        for _ in range(-(-count // len(paths))):
            side = int(random.integers(2 * SIDE, 8 * SIDE))
            side = min(side, photo.width, photo.height)
            left, top = (int(random.integers(0, n - side + 1)) for n in photo.size)
            box = (left, top, left + side, top + side)
            yield np.asarray(photo.resize((SIDE, SIDE), Image.Resampling.BOX, box=box))


def latents(paths: list[Path], count: int, model: str, seed: int) -> np.ndarray:
    """(N, C, h, w) float16."""
    world, found, waiting = World(arena_bytes=1 << 30), [], []

    def encode() -> None:
        entities = world.spawn_batch_rgb(waiting)
        world.pipe(entities).to(OnnxVAEEncode(model=model))
        found.extend(np.array(world.get(e, "Latent4"), np.float16) for e in entities)
        world.reset()
        waiting.clear()

    for crop in crops(paths, count, seed):
        waiting.append(crop)
        if len(waiting) == BATCH:
            encode()
    if waiting:
        encode()
    order = np.random.default_rng(seed).permutation(len(found))[:count]
    return np.stack([found[i] for i in order])


def kept(file: Path, paths: list[Path], count: int, model: str, seed: int) -> np.ndarray:
    """The latents, made once."""
    if not file.exists():
        np.save(file, latents(paths, count, model, seed))
    return np.load(file)


def write_stores(folder: Path, arrays: np.ndarray, model: str) -> dict[str, dict[str, float]]:
    """The same items in each of STORES; bits a number and the error of each."""
    about = {}
    for name, target in STORES.items():
        path = folder / name.replace(" ", "").replace("%", "percent")
        with LatentStore.writer(path, model=model, resume=True, **target) as writer:
            for i, array in enumerate(arrays):
                if not writer.is_current(f"{i:06}", ""):
                    writer.add(f"{i:06}", array)
        about[name] = {"path": str(path), **measured(LatentStore(path), arrays)}
    return about


def measured(store: LatentStore, arrays: np.ndarray) -> dict[str, float]:
    """What the items take, headers of records left out, and how far they are off."""
    coded = sum(len(store.blob(key)) for key in store)
    squares = [store.info(key).rmse ** 2 for key in store]
    return {"bits": 8 * coded / arrays.size, "error": float(np.sqrt(np.mean(squares)))}
