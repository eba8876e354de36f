"""A group of 16 equal pictures through the VAE's systems, against one bare batched run of ONNX Runtime.

The bare run reads prepared floats and writes into allocated memory. Ours begins with 8-bit pixels or scaled latents and
ends with latents or 8-bit pixels, checked and recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import inputs
import numpy as np
import onnxruntime
import vaerans_ecs as vaerans
from harness import PROCESSOR, Figures, Row, Run, keep_best, more_is_better, processor_seconds
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

NAME = "inference"
TITLE = "Inference"
LIBRARIES = ("onnxruntime", "numpy")
THREADS, CLOCK = 1, PROCESSOR
MODELS = ("photo-f8c32", "photo-f8c4")
GROUP = 16

Prepare = Callable[[], Callable[[], object]]  # what it returns is timed


def rows(run: Run) -> Iterator[Row]:
    picture = inputs.photos(run.photos, 1)[0]
    side = "{1}×{0}".format(*picture.shape)
    megapixels = GROUP * picture.shape[0] * picture.shape[1] / 1e6
    for model in MODELS:
        for half, contenders in contenders_of(model, picture).items():
            best = in_turns(contenders, run.scale.rounds)
            ours, bare = (megapixels / best[name].seconds for name in ("ours", "bare"))
            yield more_is_better(f"{model}, {half} {GROUP} × {side}", "MP/s", ours, "bare session.run", bare)


def contenders_of(model: str, picture: np.ndarray) -> dict[str, dict[str, Prepare]]:
    encoder, decoder, planes, latents = material(model, picture)
    world = vaerans.World(arena_bytes=(64 << 20) + GROUP * picture.size * 16)  # reset, so that its memory was touched
    return {
        "encode": {
            "ours": lambda: ours_encoding(model, group(world, picture)),
            "bare": lambda: bare_run(encoder, planes, latents),
        },
        "decode": {
            "ours": lambda: ours_decoding(model, group(world, picture)),
            "bare": lambda: bare_run(decoder, latents, planes),
        },
    }


def in_turns(contenders: dict[str, Prepare], rounds: int) -> dict[str, Figures]:
    best: dict[str, Figures] = {}
    for turn in range(rounds + 1):
        for name, prepare in contenders.items():
            figures = Figures(processor_seconds(prepare()))
            if turn != 0:  # the first one loads and touches memory
                keep_best(best, name, figures)
    return best


def material(model: str, picture: np.ndarray):
    """Sessions of both graphs, and their inputs and outputs for the whole group."""
    info = vaerans.find_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    sessions = [
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        for path in (info.encoder_path, info.decoder_path)
    ]
    low, high = info.pixel_low, info.pixel_high
    one = picture.transpose(2, 0, 1).astype(np.float32) / 255 * (high - low) + low
    planes = np.ascontiguousarray(np.broadcast_to(one, (GROUP, *one.shape)))
    latents = sessions[0].run(None, {sessions[0].get_inputs()[0].name: planes})[0]
    return *sessions, planes, latents


def bare_run(session: onnxruntime.InferenceSession, given: np.ndarray, made: np.ndarray) -> Callable[[], object]:
    out = onnxruntime.OrtValue.ortvalue_from_numpy(np.empty_like(made))
    binding = session.io_binding()
    binding.bind_cpu_input(session.get_inputs()[0].name, given)
    binding.bind_ortvalue_output(session.get_outputs()[0].name, out)
    return lambda: session.run_with_iobinding(binding)


def group(world: vaerans.World, picture: np.ndarray):
    world.reset()
    return world.pipe(world.spawn_batch_rgb([picture] * GROUP), context=vaerans.Context(threads=THREADS))


def ours_encoding(model: str, pipe) -> Callable[[], object]:
    return lambda: pipe.to(OnnxVAEEncode(model=model))


def ours_decoding(model: str, pipe) -> Callable[[], object]:
    pipe.to(OnnxVAEEncode(model=model))
    return lambda: pipe.to(OnnxVAEDecode())
