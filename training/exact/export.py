#!/usr/bin/env python3
"""A checkpoint becomes a shipped model: encoder.onnx, decoder.onnx and model.json with measured numbers.

    python -m training.exact.export --model photo-f8c4   # the default run -> models/photo-f8c4
    python -m training.exact.export --checkpoint X --out DIR --images KODAK

Weights are stored as float16 and cast to float32 in the graph (the runtime folds the casts when it loads): half the
file, the same arithmetic. The networks measured here are the rounded ones. Exports of equal weights are equal bytes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch

import onnx
from onnx import TensorProto, helper, numpy_helper
from training.autoencoder import data
from training.autoencoder.designs import DESIGNS
from training.autoencoder.evaluate import STEPS, load_checkpoint, pad_to_factor, validate
from training.autoencoder.model import FACTOR
from training.exact.card import card, training_images
from training.exact.check_exact import Prover
from training.exact.gradient import FILE as GRADIENT
from training.exact.gradient import write_gradient
from training.exact.integer import ExactDecoder, calibrate, calibration_latents, extremes
from training.exact.onnx_weights import HALF, read_weights

OPSET = 17  # ONNX Runtime 1.13 and later
TOLERANCE = 2e-4  # largest difference between PyTorch and ONNX Runtime, in units of [-1,1] or of the latent
EXACT_LOSS = 0.1  # dB that the exact decoder may lose against its float twin on the held-out photos
CHECK_SIZES = ((1, 8, 8), (1, 64, 96), (3, 72, 40))  # batch, height, width


def round_to_half(model):
    """Rounds all weights to float16 precision, in place."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(p.half().float())


def make_exact(model, hadamard, photos):
    """Replaces the decoder by its exact twin (integer.py); returns what that costs on the held-out photos, in dB."""
    images = [pad_to_factor(data.centre(x)) for x in training_images(photos)] + list(extremes())
    held_out = data.validation_images(photos)
    before = validate(model, hadamard, held_out)
    model.decoder = ExactDecoder(model.decoder, calibrate(model.decoder, calibration_latents(model, hadamard, images)))
    after = validate(model, hadamard, held_out)
    loss = {k: round(before[k] - after[k], 4) for k in before if k.startswith("psnr")}
    if max(loss.values()) > EXACT_LOSS:
        raise ValueError(f"the exact decoder loses too much against the float one, in dB: {loss}")
    return loss


def to_onnx(network, example, input_name, output_name, path, scale):
    """Writes one network. `scale` relates the spatial axes' names: the input's are h, w."""
    axes = {input_name: {0: "n", 2: "h", 3: "w"}, output_name: {0: "n", 2: f"h{scale}", 3: f"w{scale}"}}
    torch.onnx.export(
        network,
        (example,),
        path,
        input_names=[input_name],
        output_names=[output_name],
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,  # the tracing exporter: plain graph, no extra packages, opset as asked
    )
    model = onnx.load(path)
    store_as_half(model.graph)
    strip(model)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def store_as_half(graph):
    """Replaces each convolution's float32 weight by a float16 one and a Cast. Biases and other small things stay."""
    casts = []
    for i, tensor in enumerate(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 4 or values.size < 256:
            continue
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            raise ValueError(f"{tensor.name} is not float16-exact")
        casts.append(helper.make_node("Cast", [tensor.name + HALF], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer[i].CopyFrom(numpy_helper.from_array(half, tensor.name + HALF))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)


def strip(model):
    """Drops what differs between machines and library versions but not between networks."""
    model.producer_name, model.producer_version, model.doc_string = "vaerans training.exact.export", "", ""
    model.ir_version = min(model.ir_version, 8)
    for node in model.graph.node:
        node.doc_string = ""


def session(path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def check(network, path, inputs, tolerance=TOLERANCE):
    """PyTorch and ONNX Runtime must agree on every size; returns the largest difference."""
    run, worst = session(path), 0.0
    for x in inputs:
        got = run.run(None, {run.get_inputs()[0].name: x.numpy()})[0]
        worst = max(worst, float(np.abs(got - network(x).numpy()).max()))
    if not worst <= tolerance:
        raise ValueError(f"{path.name}: PyTorch and ONNX Runtime differ by {worst}")
    return worst


def write_networks(model, folder):
    """Both files, checked against PyTorch."""
    torch.manual_seed(0)
    pictures = [torch.rand(n, 3, h, w) * 2 - 1 for n, h, w in CHECK_SIZES]
    latents = [model.encoder(x) for x in pictures]
    encoder, decoder = folder / "encoder.onnx", folder / "decoder.onnx"
    to_onnx(model.encoder, pictures[1], "sample", "latent", encoder, f"_div_{FACTOR}")
    to_onnx(model.decoder, latents[1], "latent_sample", "sample", decoder, f"_mul_{FACTOR}")
    worst = check(model.encoder, encoder, pictures)
    check(model.decoder, decoder, latents, tolerance=0)
    convolutions = Prover(onnx.load(decoder).graph).prove()
    print(f"PyTorch and ONNX Runtime agree to {worst:.1e}; the decoder is exact ({convolutions} convolutions)")


def kept_prior(old, new):
    """The entry of the coder's prior in the card of the folder that is replaced: with the encoder it stays."""
    if not (old / "model.json").exists():
        return {}
    before, after = (read_weights(folder / "encoder.onnx") for folder in (old, new))
    same = before.keys() == after.keys() and all(np.array_equal(before[k], after[k]) for k in after)
    return {k: v for k, v in json.loads((old / "model.json").read_text()).items() if k == "prior" and same}


def install(source, target):
    """Moves the files into place one by one, each atomically."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("encoder.onnx", "decoder.onnx", GRADIENT, "model.json"):
        (source / name).replace(target / name)
    source.rmdir()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=DESIGNS, default="photo-f8c4")
    p.add_argument("--checkpoint", type=Path, help="default: training/runs/<model>/checkpoint.pt")
    p.add_argument("--out", type=Path, help="the model's folder; default: models/<model>")
    p.add_argument("--revision", default="1")
    p.add_argument("--data", type=Path, default=data.DEFAULT_PHOTOS, help="training photos, for the statistics")
    p.add_argument("--images", type=Path, default=data.ROOT.parent / "shared" / "kodak", help="pictures to measure on")
    p.add_argument("--steps", type=float, nargs="+", default=STEPS, help="quantiser steps to measure")
    args = p.parse_args()
    args.checkpoint = args.checkpoint or data.RUNS / args.model / "checkpoint.pt"
    args.out = args.out or data.ROOT / "models" / args.model
    model, design, state = load_checkpoint(args.checkpoint)
    round_to_half(model)
    loss = make_exact(model, design.hadamard, args.data)
    staging = args.out.with_name(f".{args.out.name}.new")  # on the same file system, so that moves are atomic
    staging.mkdir(parents=True, exist_ok=True)
    write_networks(model, staging)
    result = card(model, design, state, staging, args) | {"exact_loss_db": loss}
    result |= {"gradient": write_gradient(staging, FACTOR)} | kept_prior(args.out, staging)
    (staging / "model.json").write_text(json.dumps(result, indent=2) + "\n")
    install(staging, args.out)
    print(json.dumps(result["measured"], indent=2))


if __name__ == "__main__":
    main()
