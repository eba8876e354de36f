"""200 seeded .vrs files: chains, shapes and contents vary, so that every part of the format occurs (tested)."""

from collections.abc import Iterator

import numpy as np
from vaerans_ecs import Pipeline, World, compress_latent, write_file
from vaerans_ecs.systems import Residual

LATENTS, LARGE, PICTURES = 157, 3, 40


def all_files() -> Iterator[tuple[str, bytes]]:
    """(what it is, the file)."""
    for seed in range(LATENTS):
        yield latent_file(seed)
    for seed in range(LARGE):
        yield large_file(seed)
    for seed in range(PICTURES):
        yield picture_file(seed)


def latent_file(seed: int) -> tuple[str, bytes]:
    rng = np.random.default_rng(seed)
    recipe = latent_recipe(rng)
    channels = int(rng.choice([1, 2, 4, 8] if "hadamard4" in recipe else [1, 2, 3, 4, 5, 8]))
    height, width = (int(n) for n in rng.integers(1, 29, 2))
    size = rng.random()
    if size < 0.15:  # many symbols: lanes, and maps
        height, width = height + 30, width + 30
    elif size > 0.85:  # few: streams that are a state
        height, width = height % 3 + 1, width % 3 + 1
    latent = latent_values(rng, (channels, height, width))
    return f"latent {seed}: {latent.shape} {recipe}", compress_latent(latent, recipe)


def large_file(seed: int) -> tuple[str, bytes]:
    """A stream of more than 32 KiB, which several lanes share."""
    latent = np.random.default_rng(seed).uniform(-1, 1, (1, 150 + 70 * seed, 250)).astype(np.float32)
    return f"large {seed}", compress_latent(latent, "quantize_u8 | ans")


def latent_recipe(rng: np.random.Generator) -> str:
    levels = int(rng.integers(0, 7))
    step = float(rng.choice([0.001, 0.02, 0.1, 0.3, 0.5, 1.0, 3.0]))
    mixing = rng.choice(["", "", "hadamard4 | ", "klt | "])
    wavelet = rng.choice(["", f"cdf53(levels={levels}) | ", f"cdf53(levels={levels}) | ", f"haar(levels={levels}) | "])
    deadzone = float(rng.choice([0.5, 0.6, 0.9]))
    quantiser = rng.choice(
        [
            *3 * [f"quantize(step={step}, deadzone={deadzone})"],
            f"quantize(bits={rng.integers(2, 11)})",
            "quantize_u8",
            "quantize_u8(per_band=false)",
        ]
    )
    coder = rng.choice(["ans", "ans(coder=static)", "ans(coder=static)", "ans(coder=constriction)"])
    return f"{mixing}{wavelet}{quantiser} | {coder}"


def latent_values(rng: np.random.Generator, shape: tuple[int, int, int]) -> np.ndarray:
    """Smooth, rough, sparse, constant, of two values, or busy in a part of the picture; channels that resemble."""
    noise = rng.normal(0, 1, shape)
    y, x = np.mgrid[0 : shape[1], 0 : shape[2]] / 6.0
    smooth = np.sin(x + rng.uniform(0, 6)) * np.cos(y) + 0.1 * noise
    kinds = [
        smooth,
        noise,
        rng.laplace(0, 1, shape),
        np.where(rng.random(shape) < 0.03, 20 * noise, 0),
        np.full(shape, rng.normal()),
        rng.integers(0, 2, shape) * 4.0,
        noise * np.where(x > x.mean(), 8.0, 0.2),
        rng.integers(-9, 10, shape) / 3,
    ]
    return np.ascontiguousarray(kinds[rng.integers(len(kinds))], np.float32)


def picture_file(seed: int) -> tuple[str, bytes]:
    """Context streams under the shipped models' priors, every second one with a residual stream."""
    rng = np.random.default_rng(1000 + seed)
    height, width = (int(n) for n in rng.integers(9, 90, 2))
    model = rng.choice(["vae(photo-f8c32)", "vae(photo-f8c4)"])
    mixing = rng.choice(["", "klt | ", "hadamard4 | "])
    step = rng.choice([0.02, 0.3, 1.0, 2.5, 9.0])
    coder = rng.choice(["ans", "ans(coder=context)", "ans(coder=context)"])
    base = f"{model} | {mixing}cdf53(levels={rng.integers(1, 5)}) | quantize(step={step}) | {coder}"
    residual = ""
    if seed % 2:
        height, width = height // 2 + 5, width // 2 + 5
        coder = rng.choice(["ans", "ans(coder=context)"])
        wavelet = rng.choice(["cdf53", "cdf53", "haar"])
        residual = f"rct | {wavelet}(levels={rng.integers(1, 6)}) | quantize(step={rng.choice([1, 2, 7])}) | {coder}"
    return f"picture {seed}: {height}x{width} {base} + {residual}", layered(rng, height, width, base, residual)


def layered(rng: np.random.Generator, height: int, width: int, base: str, residual: str) -> bytes:
    world = World(64 << 20)
    y, x = np.mgrid[0:height, 0:width, 0:3][:2] / rng.uniform(4, 40)
    rough = rng.normal(0, rng.choice([0, 3, 40]), x.shape)
    picture = (128 + 100 * np.sin(x + rng.uniform(0, 6)) * np.cos(y) + rough).clip(0, 255).astype(np.uint8)
    entity = world.spawn_image(picture)
    pipe = world.pipe(entity) | Pipeline(base)
    if not residual:
        return write_file(world, entity)
    symbols, coder = residual.rsplit(" | ", 1)
    pipe = pipe | Pipeline(base).inverse() | Residual() | Pipeline(symbols)
    pipe.to(Pipeline(coder).steps[0], out="ResidualBitstream")
    return write_file(world, entity, "Bitstream", "ResidualBitstream", "ReconRGB", "step=1)" in residual)


# ---- what a file makes use of ----

FEATURES = (
    *("u8", "u16", "no words", "a state as a stream", "static", "context", "constriction", "residual context"),
    *("map", "explicit table", "shared table", "extra symbols", "several lanes", "own centres", "own shapes"),
    *("constant table", "escaped", "zero subband", "subband with coefficients"),
)


def features_of_call(name, result):
    if name == "is_zero":
        yield "zero subband" if result else "subband with coefficients"
    elif name == "read_model":
        yield from model_features(result)
    else:
        yield name


def model_features(model):
    tables = [coded.table for coded in model.coded.values() if not coded.parametric]
    spreads = [coded for coded in model.coded.values() if coded.parametric]
    said = {
        "map": model.map is not None,
        "explicit table": bool(tables),
        "shared table": len(tables) > len(set(tables)),
        "constant table": any(precision == 0 for precision, _, _ in model.tables),
        "extra symbols": any(coded.extra for coded in spreads),
        "several lanes": model.lanes > 1,
        "own shapes": len({coded.shape for coded in spreads}) > 1,
        "own centres": len({coded.centre for coded in spreads}) > 2,
    }
    return [feature for feature, is_so in said.items() if is_so]


def features(decoded, stream):
    coder = ("static", "context", "constriction")[stream.steps[-1].side_info[0] - 1]
    yield coder
    yield "u16" if max(decoded.symbols) > 255 else "u8"
    if coder == "context" and decoded.numbers.exact:
        yield "residual context"
    if coder == "static" and len(stream.payload) == 4:
        yield "a state as a stream"
    if stream.payload == b"\0":
        yield "no words"
