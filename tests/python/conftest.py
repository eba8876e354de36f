"""Pictures and models that the tests make themselves: seeded, small, and nothing is downloaded."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from vaerans_ecs import World, systems

os.environ["VAERANS_GRAPH_CACHE"] = "off"  # tests leave nothing in the user's cache


@pytest.fixture(autouse=True)
def registry_as_it_was():
    """Leaves the registry as it was, whatever a test registers."""
    before = {entry.name for entry in systems.all_systems()}
    yield
    for entry in systems.all_systems():
        if entry.name not in before:
            systems.unregister(entry.name)


PRINT_PEAK = r"""
import re
# Not ru_maxrss: that of a new process begins with what its parent held.
print(int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) * 1024)
"""


def peak_bytes(program: str, *arguments: object) -> int:
    """Resident memory, at its highest, of a fresh process that runs a program, which must print nothing."""
    command = [sys.executable, "-c", textwrap.dedent(program) + PRINT_PEAK, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def make_picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Smooth colour gradients with a little noise: compresses like a photo, and no two seeds are alike."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 32.0
    phase, speed = rng.uniform(0, 6, (3, 1, 1)), rng.uniform(0.3, 1.0, (3, 1, 1))
    planes = 127 + 90 * np.sin(speed * x + phase) * np.cos(speed * y - phase)
    noisy = planes + rng.normal(0, 2, planes.shape)
    return np.ascontiguousarray(noisy.round().clip(0, 255).astype(np.uint8).transpose(1, 2, 0))


@pytest.fixture
def picture():
    return make_picture


@pytest.fixture
def img():
    return make_picture(64, 96, seed=1)


@pytest.fixture
def latent():
    """(4, 24, 40) float32, smooth enough for a wavelet to be of use."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:24, 0:40] / 8.0
    return np.stack([np.sin(x + c) * np.cos(y * (c + 1)) + rng.normal(0, 0.05, x.shape) for c in range(4)]).astype(
        np.float32
    )


@pytest.fixture
def world():
    return World(arena_bytes=64 << 20)


def block_weights() -> np.ndarray:
    """(4, 3, 8, 8): the mean of each colour in a block, and the slope of its luma."""
    weights = np.zeros((4, 3, 8, 8), np.float32)
    for colour in range(3):
        weights[colour, colour] = 1 / 64
    weights[3] = np.linspace(-1, 1, 8, dtype=np.float32) / 192
    return weights


def save_graph(path, op: str, weights: np.ndarray, inputs: int, outputs: int) -> None:
    """One convolution (or its transpose) by blocks of 8x8, of any batch and size, with a trace of seeded noise."""
    import onnx
    from onnx import helper, numpy_helper

    noisy = weights + np.random.default_rng(3).normal(0, 1e-4, weights.shape).astype(weights.dtype)
    element = helper.np_dtype_to_tensor_dtype(weights.dtype)
    node = helper.make_node(op, ["in", "w"], ["out"], kernel_shape=[8, 8], strides=[8, 8])
    dims = [
        helper.make_tensor_value_info(n, element, [f"{n}_n", c, f"{n}_h", f"{n}_w"])
        for n, c in (("in", inputs), ("out", outputs))
    ]
    graph = helper.make_graph([node], "vae", dims[:1], dims[1:], [numpy_helper.from_array(noisy, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A folder to look for models in, with a small one that has the name `sdxl-vae`."""
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("models")
    save_model(folder / "sdxl-vae", np.float32)
    save_model(folder / "half", np.float16)
    (folder / "half/config.json").write_text(
        '{"_class_name": "AutoencoderKL", "scaling_factor": 0.13025}'
    )  # as of sdxl-vae, which is known by its name
    return folder


def save_model(model, dtype) -> None:
    """Encoder and decoder whose graphs compute in `dtype`."""
    model.mkdir()
    save_graph(model / "encoder.onnx", "Conv", block_weights().astype(dtype), 3, 4)
    decode = 64 * block_weights()
    decode[3] = 0
    save_graph(model / "decoder.onnx", "ConvTranspose", decode.astype(dtype), 4, 3)


@pytest.fixture
def sdxl(model_folder, monkeypatch):
    """Puts that model on the path."""
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(model_folder))
    return "sdxl-vae"


@pytest.fixture
def psnr():
    def measure(a: np.ndarray, b: np.ndarray) -> float:
        error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
        return float("inf") if error == 0 else 10 * np.log10(255**2 / error)

    return measure
