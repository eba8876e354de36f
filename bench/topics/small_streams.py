"""The picture codec's normal case: 24,576 symbols of a photo's latent. Sizes only, record and payload together."""

from __future__ import annotations

from collections.abc import Iterator

import inputs
import numpy as np
import vaerans_ecs as vaerans
from harness import Row, Run, less_is_better
from vaerans_ecs.systems import Hadamard4, OnnxVAEEncode, Quantize, WaveletCDF53, find_system

NAME = "small_streams"
TITLE = "Small streams"
LIBRARIES = ()
THREADS, CLOCK = 1, None
MODEL = "photo-f8c4"
STEPS = (2, 4, 8)  # the quantiser step is the standard deviation of latents divided by this


def rows(run: Run) -> Iterator[Row]:
    pictures = inputs.photos(run.photos, run.scale.photos)
    if not pictures:
        print(f"small_streams: no rows: there are no photos in {run.photos}")
        return
    static, context = coders()
    for divisor in STEPS:
        coded = [sizes(picture, divisor, [c for c in (static, context) if c]) for picture in pictures]
        entropy, static_bytes, *rest = (sum(column) for column in zip(*coded, strict=True))
        pixels = sum(p.shape[0] * p.shape[1] for p in pictures)
        at = f"step σ/{divisor} ({8 * static_bytes / pixels:.3f} bpp)"
        mean = 1 / len(pictures)
        yield less_is_better(
            f"static coder, {at}", "bytes", static_bytes * mean, "entropy of the bands", entropy * mean
        )
        for context_bytes in rest:
            yield less_is_better(
                f"context coder, {at}", "bytes", context_bytes * mean, "our static coder", static_bytes * mean
            )


def coders() -> tuple[str, str]:
    """Recipes of the static and the context coder; the second is empty where this version has none."""
    named = {parameter.name: parameter for parameter in find_system("ans").params}
    if "coder" not in named:
        return "ans", ""
    try:
        vaerans.Pipeline.parse("ans(coder=context)")
    except vaerans.VaeransError as error:
        print(f"small_streams: no rows of a context coder: {error}")
        return "ans(coder=static)", ""
    return "ans(coder=static)", "ans(coder=context)"


def sizes(picture: np.ndarray, divisor: float, recipes: list[str]) -> list[float]:
    """Bytes of the bands' zero-order entropies, then of each coder's record and payload."""
    world = vaerans.World(arena_bytes=1 << 30)
    step = vaerans.find_model(MODEL).latent_std / divisor
    pipe = world.pipe(world.spawn_image(picture)).to(OnnxVAEEncode(model=MODEL))
    pipe | Hadamard4() | WaveletCDF53() | Quantize(step=step)
    symbols = pipe.out("SymbolsU8")
    values = np.asarray(symbols).ravel()
    bands = [values[s.offset : s.offset + s.h * s.w] for s in symbols.sections]
    found = [sum(inputs.entropy(np.bincount(b)) * len(b) for b in bands if len(b)) / 8]
    for recipe in recipes:
        stream = pipe.fork().to(vaerans.Pipeline.parse(recipe)).out("Bitstream")
        found.append(float(stream.nbytes + len(stream.trail[-1].record)))
    return found
