#!/usr/bin/env python3
"""The tiny VAEs in tests/data/models, a few kB each: python tests/make_models.py [FOLDER].

Factor 8, 4 latent channels. The encoder is one convolution over 8 x 8 blocks: channels 0..2 are the means of red,
green and blue over a block, channel 3 is a seeded random pattern. The decoder paints each block in its means and adds
a little of channel 3, so that tests can compute by hand what must come out. Equal seeds give equal bytes.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

import onnx
from onnx import TensorProto, helper, numpy_helper

FACTOR, CHANNELS, OPSET, IR_VERSION = 8, 4, 17, 8


def encoder_weights(outputs):
    """(outputs, 3, 8, 8) and (outputs,); the second half of the outputs, if any, are constant log-variances."""
    weights = np.zeros((outputs, 3, FACTOR, FACTOR), np.float32)
    for channel in range(3):
        weights[channel, channel] = 1 / FACTOR**2
    pattern = np.random.default_rng(7).normal(size=(3, FACTOR, FACTOR))
    weights[3] = pattern / np.abs(pattern).sum()
    bias = np.zeros(outputs, np.float32)
    bias[CHANNELS:] = -4  # log-variance: a standard deviation of 0.135
    return weights, bias


def decoder_weights():
    """(4, 3, 8, 8): the transposed convolution's kernel."""
    weights = np.zeros((CHANNELS, 3, FACTOR, FACTOR), np.float32)
    for channel in range(3):
        weights[channel, channel] = 1
    weights[3] = np.random.default_rng(8).normal(scale=0.01, size=(3, FACTOR, FACTOR))
    return weights


def value(name, shape, dtype):
    return helper.make_tensor_value_info(name, dtype, shape)


def graph(op, input_name, output_name, in_shape, out_shape, weights, bias=None, dtype=TensorProto.FLOAT, tail=None):
    """One (transposed) convolution of stride 8, and perhaps one more node behind it."""
    numpy_type = helper.tensor_dtype_to_np_dtype(dtype)
    names = [input_name, "weights"] + (["bias"] if bias is not None else [])
    initializers = [numpy_helper.from_array(weights.astype(numpy_type), "weights")]
    if bias is not None:
        initializers.append(numpy_helper.from_array(bias.astype(numpy_type), "bias"))
    result = "inner" if tail else output_name
    nodes = [helper.make_node(op, names, [result], strides=[FACTOR, FACTOR], kernel_shape=[FACTOR, FACTOR])]
    if tail:
        nodes.append(helper.make_node(tail, [result], [output_name]))
    body = helper.make_graph(
        nodes, "tiny", [value(input_name, in_shape, dtype)], [value(output_name, out_shape, dtype)], initializers
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def encoder(outputs=CHANNELS, dtype=TensorProto.FLOAT, size=None):
    n, h, w = size or ("n", "h", "w")
    hh, ww = (h // FACTOR, w // FACTOR) if size else ("h8", "w8")
    weights, bias = encoder_weights(outputs)
    return graph("Conv", "sample", "latent", [n, 3, h, w], [n, outputs, hh, ww], weights, bias, dtype)


def decoder(dtype=TensorProto.FLOAT, size=None, tail=None):
    n, h, w = size or ("n", "h", "w")
    hh, ww = (h * FACTOR, w * FACTOR) if size else ("h8", "w8")
    shapes = [n, CHANNELS, h, w], [n, 3, hh, ww]
    return graph("ConvTranspose", "latent_sample", "sample", *shapes, decoder_weights(), None, dtype, tail)


def card(name, encoder_bytes, decoder_bytes, **changes):
    parts = {
        part: {"file": f"{part}.onnx", "sha256": hashlib.sha256(data).hexdigest(), "input": i, "output": o}
        for part, data, i, o in (
            ("encoder", encoder_bytes, "sample", "latent"),
            ("decoder", decoder_bytes, "latent_sample", "sample"),
        )
    }
    parts["encoder"]["kind"] = changes.pop("kind", "mean")
    return {
        "format": 1,
        "name": name,
        "revision": "1",
        "description": "block means, for tests",
        "licence": "MIT",
        "latent_channels": CHANNELS,
        "factor": FACTOR,
        "pixel_range": [-1.0, 1.0],
        "scaling_factor": 1.0,
        "shift_factor": 0.0,
        **parts,
        "latent_std": 0.5,
        "default_recipe": f"vae({name}) | hadamard4 | cdf53(levels=2) | quantize(step=0.05) | ans",
        **changes,
    }


def write(root, name, encoder_bytes, decoder_bytes, **changes):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "encoder.onnx").write_bytes(encoder_bytes)
    (folder / "decoder.onnx").write_bytes(decoder_bytes)
    text = json.dumps(card(name, encoder_bytes, decoder_bytes, **changes), indent=2)
    (folder / "model.json").write_text(text + "\n")


def main(root):
    half = TensorProto.FLOAT16
    write(root, "tiny-mean", encoder(), decoder())
    write(
        root, "tiny-moments", encoder(2 * CHANNELS), decoder(tail="Identity"), kind="moments",
        pixel_range=[0.0, 1.0], scaling_factor=0.5, shift_factor=0.25,
    )  # fmt: skip
    write(root, "tiny-half", encoder(dtype=half), decoder(dtype=half))
    write(root, "tiny-nan", encoder(), decoder(tail="Log"))  # darker than mid-grey: the logarithm of a negative number
    write(root, "tiny-fixed", encoder(size=(1, 16, 24)), decoder(size=(1, 2, 3)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "data" / "models")
