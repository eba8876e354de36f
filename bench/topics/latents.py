"""The conditioning store: bits at equal error on latents of photos, and its speed beside .npz files.

Every peer is measured on the same latents; ours is then coded at the error that the peer has. Errors are relative to
each channel's standard deviation.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import inputs
import ml_dtypes
import numpy as np
import vaerans_ecs as vaerans
import zstandard
from harness import PROCESSOR, Figures, Row, Run, keep_best, less_is_better, more_is_better, processor_seconds
from vaerans_ecs import _vaerans
from vaerans_ecs.latents import LatentStore, encode_blob
from vaerans_ecs.systems import OnnxVAEEncode

NAME = "latents"
TITLE = "Latents"
LIBRARIES = ("numpy", "ml_dtypes", "zstandard")
THREADS, CLOCK = 1, PROCESSOR
MODELS = ("photo-f8c4", "photo-f8c32")
ERRORS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.07)
SHAPES = ((4, 128, 128), (16, 128, 128))
# Bits of a unit deviation; at fine steps theory says so many - log2(error * sqrt(12)) for an entropy-coded quantiser.
GAUSSIAN, LAPLACIAN = 0.5 * np.log2(2 * np.pi * np.e), 0.5 * np.log2(2 * np.e**2)


def rows(run: Run) -> Iterator[Row]:
    of_models = {model: latents_of(run, model) for model in MODELS} | of_autoencoder_kl(run)
    for model, latents in of_models.items():
        yield from at_equal_error(model, latents)
        half = sum(len(zstandard.compress(latent.astype(np.float16).tobytes(), 19)) for latent in latents)
        per_number = 8 * half / sum(latent.size for latent in latents)
        for error in ERRORS:
            bits = bits_of(latents, error)
            yield less_is_better(f"{model} at {100 * error:g} %", "bits", bits, "f16 + zstd 19", per_number)
    yield from beside_theory(run)
    for shape in SHAPES:
        yield from speeds(run, shape)
    yield from texts(run)


def latents_of(run: Run, model: str) -> list[np.ndarray]:
    world = vaerans.World(arena_bytes=1 << 30)
    found = []
    for picture in inputs.photos(run.photos, min(run.scale.photos, 6)):
        found.append(np.array(world.pipe(world.spawn_image(picture)).to(OnnxVAEEncode(model=model)).out("Latent4")))
        world.reset()
    return found


def of_autoencoder_kl(run: Run) -> dict[str, list[np.ndarray]]:
    """Means of a small AutoencoderKL with the weights that it begins with; nothing where diffusers is not there."""
    try:
        import torch
        from diffusers import AutoencoderKL
    except ImportError:
        return {}
    torch.manual_seed(1)
    encoder, decoder = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4
    vae = AutoencoderKL(
        down_block_types=encoder, up_block_types=decoder, block_out_channels=(32, 32, 64, 64), latent_channels=4
    ).eval()
    found = []
    for picture in inputs.photos(run.photos, min(run.scale.photos, 6)):
        pixels = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
        with torch.no_grad():
            found.append(vae.encode(pixels).latent_dist.mean[0].numpy())
    return {"AutoencoderKL": found}


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
    """White numbers, and what theory says that an entropy-coded uniform quantiser needs for them."""
    random, shape = np.random.default_rng(1), (16, 128, 128)
    kinds = {
        "white noise": (random.standard_normal(shape), GAUSSIAN),
        "Laplacian noise": (random.laplace(size=shape), LAPLACIAN),
    }
    for name, (noise, entropy) in kinds.items():
        for error in ERRORS if run.scale.name != "tiny" else ERRORS[2:3]:
            bits = bits_of([noise.astype(np.float32)], error)
            theory = entropy - np.log2(error * np.sqrt(12))
            yield less_is_better(f"{name} at {100 * error:g} %", "bits", bits, "theory", theory)


def speeds(run: Run, shape: tuple[int, ...]) -> Iterator[Row]:
    """Random keys from a warm cache, one thread; float16 bytes in and out."""
    count = {"full": 2000, "quick": 200}.get(run.scale.name, 8)
    arrays = np.random.default_rng(2).standard_normal((8, *shape)).astype(np.float16)
    folder = run.data(NAME) / "x".join(map(str, shape))
    contenders = {
        "ours": lambda: write_store(folder, arrays, count),
        "npz": lambda: write_npz(folder / "npz", arrays, count),
        "npz of float32": lambda: write_npz(folder / "npz32", arrays.astype(np.float32), count),
    }
    best = in_turns(contenders, min(run.scale.rounds, 3))
    moved = count * arrays[0].nbytes / 1e9
    label = "×".join(map(str, shape))
    for peer in ("npz", "npz of float32"):
        yield rates(f"write {label} at 2 %", best, peer, moved)
    store, out = LatentStore(folder / "store"), np.empty((32, *shape), np.float16)
    order = np.random.default_rng(3).permutation(count)
    best = in_turns(
        {
            "ours": lambda: read_store(store, order, out),
            "npz": lambda: fill(out, order, lambda i: read_npz(folder / "npz", i)),
            "npz of float32": lambda: fill(out, order, lambda i: read_npz(folder / "npz32", i)),
        },
        run.scale.rounds,
    )
    for peer in ("npz", "npz of float32"):
        yield rates(f"read {label} at 2 %", best, peer, moved)
    yield from beside_mds(run, folder, arrays, order)


def beside_mds(run: Run, folder: Path, arrays: np.ndarray, order: np.ndarray) -> Iterator[Row]:
    """From the disk, what the system has kept of the files being dropped before each round; nothing without MDS."""
    try:
        from streaming import MDSWriter, StreamingDataset
    except ImportError:
        return
    label = "×".join(map(str, arrays[0].shape))
    encoding = "ndarray:float16:" + ",".join(map(str, arrays[0].shape))
    with MDSWriter(out=str(folder / "mds"), columns={"latent": encoding}) as writer:
        for i in range(len(order)):
            writer.write({"latent": arrays[i % len(arrays)]})
    mds, out = StreamingDataset(local=str(folder / "mds"), batch_size=1), np.empty((32, *arrays[0].shape), np.float16)
    contenders = {
        "ours": lambda: read_store(LatentStore(folder / "store"), order, out),
        "MDS": lambda: fill(out, order, lambda i: mds[int(i)]["latent"]),
    }
    best: dict[str, Figures] = {}
    for _ in range(min(run.scale.rounds, 5)):
        for name, work in contenders.items():
            drop_from_memory(folder / ("store" if name == "ours" else "mds"))
            begin = time.perf_counter()
            work()
            keep_best(best, name, Figures(time.perf_counter() - begin))
    rates_of = {name: len(order) / figures.seconds for name, figures in best.items()}
    cold = f"read {label} at 2 %, cold, wall clock"
    yield more_is_better(cold, "items/s", rates_of["ours"], "MDS of float16", rates_of["MDS"])


def read_store(store: LatentStore, order: np.ndarray, out: np.ndarray) -> None:
    for at in range(0, len(order), len(out)):
        keys = [str(i) for i in order[at : at + len(out)]]
        store.get_batch(keys, out=out[: len(keys)])


def fill(out: np.ndarray, order: np.ndarray, read: Callable[[int], np.ndarray]) -> None:
    """The same batches of single items."""
    for at, i in enumerate(order):
        out[at % len(out)] = read(i)


def drop_from_memory(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def rates(name: str, best: dict[str, Figures], peer: str, moved: float) -> Row:
    """In bytes of the numbers as float16, whatever a file holds: a ratio of 2 means twice as many items a second."""
    return more_is_better(name, "GB/s", moved / best["ours"].seconds, peer, moved / best[peer].seconds)


def texts(run: Run) -> Iterator[Row]:
    """Text embeddings, whose last axis is the channels'."""
    array = np.random.default_rng(4).standard_normal((512, 4096) if run.scale.name != "tiny" else (16, 64))
    array, best = array.astype(np.float16), {}
    blob, moved = encode_blob(array, channel_axis=1), array.nbytes / 1e9
    out = np.empty_like(array)
    work = {
        "encode": lambda: encode_blob(array, channel_axis=1),
        "decode": lambda: decode_into(blob, out),
        "copy": lambda: np.copyto(out, array),
    }
    best = in_turns(work, run.scale.rounds)
    for name in ("encode", "decode"):
        speeds = [moved / best[kind].seconds for kind in (name, "copy")]
        yield more_is_better(f"text of 512×4096 at 2 %, {name}", "GB/s", speeds[0], "memcpy", speeds[1])


def decode_into(blob: bytes, out: np.ndarray) -> None:
    _vaerans.decode_blob(blob, "f16", out)


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
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        np.savez(folder / f"{i}.npz", latents=arrays[i % len(arrays)])


def read_npz(folder: Path, i: int) -> np.ndarray:
    with np.load(folder / f"{i}.npz") as file:
        return file["latents"]
