"""The picture codec's normal case: 24,576 symbols of a photo's latent. Sizes only, side information included."""

from __future__ import annotations

from collections.abc import Iterator

import inputs
import numpy as np
import vaerans_ecs as vaerans
from harness import Row, Run, less_is_better
from vaerans_ecs.systems import ANSEncode, Hadamard4, OnnxVAEEncode, Quantize, WaveletCDF53

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
    for divisor in STEPS:
        coded = [sizes(picture, divisor) for picture in pictures]
        entropy, static, context = (sum(column) / len(pictures) for column in zip(*coded, strict=True))
        pixels = sum(p.shape[0] * p.shape[1] for p in pictures) / len(pictures)
        at = f"step σ/{divisor} ({8 * static / pixels:.3f} bpp)"
        yield less_is_better(f"static coder, {at}", "bytes", static, "entropy of the bands", entropy)
        yield less_is_better(f"context coder, {at}", "bytes", context, "our static coder", static)


def sizes(picture: np.ndarray, divisor: float) -> list[float]:
    """Bytes of the zero-order entropies, then of the whole streams of the static and of the context coder."""
    world = vaerans.World(arena_bytes=1 << 30)
    step = vaerans.find_model(MODEL).latent_std / divisor
    pipe = world.pipe(world.spawn_image(picture)).to(OnnxVAEEncode(model=MODEL))
    pipe | Hadamard4() | WaveletCDF53() | Quantize(step=step)
    symbols = pipe.out("SymbolsU8")
    values = np.asarray(symbols).ravel()
    bands = [values[s.offset : s.offset + s.h * s.w] for s in symbols.subbands]
    found = [sum(inputs.entropy(np.bincount(b)) * len(b) for b in bands if len(b)) / 8]
    for coder in ("static", "context"):
        stream = pipe.fork().to(ANSEncode(coder=coder)).out("Bitstream")
        found.append(float(stream.nbytes + len(stream.trail[-1].side_info)))
    return found
