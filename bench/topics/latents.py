"""The conditioning store: bits at equal error on latents of photos, and its speed beside .npz files.

Every peer is measured on the same latents; ours is then coded at the error that the peer has. Errors are relative to
each channel's standard deviation.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import inputs
import ml_dtypes
import numpy as np
import vaerans_ecs as vaerans
from harness import PROCESSOR, Figures, Row, Run, keep_best, less_is_better, more_is_better, processor_seconds
from vaerans_ecs.latents import LatentStore, encode_blob
from vaerans_ecs.systems import OnnxVAEEncode

NAME = "latents"
TITLE = "Latents"
LIBRARIES = ("numpy", "ml_dtypes")
THREADS, CLOCK = 1, PROCESSOR
MODELS = ("photo-f8c4", "photo-f8c32")
ERRORS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07)
SHAPES = ((4, 128, 128), (16, 128, 128))
GAUSSIAN = 0.5 * np.log2(2 * np.pi * np.e)  # bits of a unit normal: theory says GAUSSIAN - log2(error * sqrt(12))


def rows(run: Run) -> Iterator[Row]:
    for model in MODELS:
        latents = latents_of(run, model)
        yield from at_equal_error(model, latents)
        half = sum(len(zlib.compress(latent.astype(np.float16).tobytes(), 6)) for latent in latents)
        per_number = 8 * half / sum(latent.size for latent in latents)
        for error in ERRORS:
            bits = bits_of(latents, error)
            yield less_is_better(f"{model} at {100 * error:g} %", "bits", bits, "f16 + zlib", per_number)
    yield from beside_theory(run)
    for shape in SHAPES:
        yield from speeds(run, shape)


def latents_of(run: Run, model: str) -> list[np.ndarray]:
    world = vaerans.World(arena_bytes=1 << 30)
    found = []
    for picture in inputs.photos(run.photos, min(run.scale.photos, 6)):
        found.append(np.array(world.pipe(world.spawn_image(picture)).to(OnnxVAEEncode(model=model)).out("Latent4")))
        world.reset()
    return found


def at_equal_error(model: str, latents: list[np.ndarray]) -> Iterator[Row]:
    for name, (bits, code) in PEERS.items():
        error = float(np.sqrt(np.mean([relative(latent, code(latent)) ** 2 for latent in latents])))
        yield less_is_better(f"{model} at {100 * error:.2f} %", "bits", bits_of(latents, error), name, bits)


def bits_of(latents: list[np.ndarray], error: float) -> float:
    return 8 * sum(len(encode_blob(x, rmse=error)) for x in latents) / sum(x.size for x in latents)


def relative(x: np.ndarray, y: np.ndarray) -> float:
    squares = ((x - y) ** 2).mean(axis=(1, 2)) / x.var(axis=(1, 2))
    return float(np.sqrt(squares.mean()))


def block_int8(x: np.ndarray) -> np.ndarray:
    """32 numbers share a scale of 16 bits."""
    blocks = np.resize(x, (-(-x.size // 32), 32))
    scale = np.maximum(np.abs(blocks).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float16).astype(np.float32)
    return (np.rint(blocks / scale).clip(-127, 127) * scale).ravel()[: x.size].reshape(x.shape)


def channel_int8(x: np.ndarray) -> np.ndarray:
    low, high = x.min(axis=(1, 2), keepdims=True), x.max(axis=(1, 2), keepdims=True)
    scale = (high - low) / 255
    return np.rint((x - low) / scale) * scale + low


def as_type(kind: type) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: x.astype(kind).astype(np.float32)


PEERS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "bf16": (16, as_type(ml_dtypes.bfloat16)),
    "block-INT8": (8.5, block_int8),
    "INT8 per channel": (8, channel_int8),
    "fp8 e4m3": (8, as_type(ml_dtypes.float8_e4m3fn)),
}


def beside_theory(run: Run) -> Iterator[Row]:
    """White Gaussian numbers, and what theory says that an entropy-coded uniform quantiser needs for them."""
    shape = (16, 128, 128)
    noise = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    for error in ERRORS if run.scale.name != "tiny" else ERRORS[2:3]:
        theory = GAUSSIAN - np.log2(error * np.sqrt(12))
        yield less_is_better(f"white noise at {100 * error:g} %", "bits", bits_of([noise], error), "theory", theory)


def speeds(run: Run, shape: tuple[int, ...]) -> Iterator[Row]:
    """Random keys from a warm cache, one thread; float16 bytes in and out."""
    count = {"full": 2000, "quick": 200}.get(run.scale.name, 8)
    arrays = np.random.default_rng(2).standard_normal((8, *shape)).astype(np.float16)
    folder = run.data(NAME) / "x".join(map(str, shape))
    contenders = {"ours": lambda: write_store(folder, arrays, count), "npz": lambda: write_npz(folder, arrays, count)}
    best = in_turns(contenders, min(run.scale.rounds, 2))
    moved = count * arrays[0].nbytes / 1e9
    label = "×".join(map(str, shape))
    written = [moved / best[name].seconds for name in ("ours", "npz")]
    yield more_is_better(f"write {label} at 2 %", "GB/s", written[0], "npz", written[1])
    store, out = LatentStore(folder / "store"), np.empty((32, *shape), np.float16)
    order = np.random.default_rng(3).permutation(count)
    batches = [[str(i) for i in order[at : at + 32]] for at in range(0, count, 32)]
    best = in_turns(
        {
            "ours": lambda: [store.get_batch(keys, out=out[: len(keys)]) for keys in batches],
            "npz": lambda: [out.__setitem__(0, read_npz(folder, i)) for i in order],
        },
        run.scale.rounds,
    )
    read = [moved / best[name].seconds for name in ("ours", "npz")]
    yield more_is_better(f"read {label} at 2 %", "GB/s", read[0], "npz", read[1])


def in_turns(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, Figures]:
    best: dict[str, Figures] = {}
    for _ in range(rounds):
        for name, work in contenders.items():
            keep_best(best, name, Figures(processor_seconds(work)))
    return best


def write_store(folder: Path, arrays: np.ndarray, count: int) -> None:
    shutil.rmtree(folder / "store", ignore_errors=True)
    with LatentStore.writer(folder / "store") as writer:
        for i in range(count):
            writer.add(str(i), arrays[i % len(arrays)])


def write_npz(folder: Path, arrays: np.ndarray, count: int) -> None:
    (folder / "npz").mkdir(parents=True, exist_ok=True)
    for i in range(count):
        np.savez(folder / "npz" / f"{i}.npz", latents=arrays[i % len(arrays)])


def read_npz(folder: Path, i: int) -> np.ndarray:
    with np.load(folder / "npz" / f"{i}.npz") as file:
        return file["latents"]
