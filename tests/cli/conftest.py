"""The program under test, a model for it that is made on the spot, and pictures.

VAERANS_CLI names the program; by default it is that of the release build.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Result:
    code: int
    out: bytes
    err: str


class Cli:
    """Runs `vaerans` in a folder of its own, with the model `blocks` as the default one."""

    def __init__(self, program: Path, folder: Path, models: Path):
        self.program, self.folder = program, folder
        self.env = {**os.environ, "VAERANS_MODEL_PATH": str(models), "HOME": str(models / "home"), "LC_ALL": "C.UTF-8"}
        self.env["VAERANS_GRAPH_CACHE"] = "off"
        self.env.pop("XDG_DATA_HOME", None)

    def __call__(
        self, *args: object, stdin: bytes = b"", env: dict[str, str] | None = None, code: int | None = 0
    ) -> Result:
        words = [str(arg) for arg in args]
        if words[:1] == ["compress"] and "--model" not in words and "--recipe" not in words:
            words[1:1] = ["--model", "blocks"]
        done = subprocess.run(
            [self.program, *words],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            input=stdin,
            capture_output=True,
            timeout=120,
        )
        result = Result(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
        assert code is None or result.code == code, result
        return result

    def path(self, name: str) -> Path:
        return self.folder / name

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file()}


def _graph(node: onnx.NodeProto, weight: np.ndarray, inputs: int, outputs: int) -> onnx.ModelProto:
    def tensor(name: str, channels: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, f"{name}_h", f"{name}_w"])

    graph = helper.make_graph(
        [node], "blocks", [tensor("x", inputs)], [tensor("y", outputs)], [numpy_helper.from_array(weight, "w")]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def make_blocks_model(folder: Path) -> None:
    """A VAE whose latents are the means of 8 x 8 blocks of R, G and B, and a channel of zeros."""
    down = np.zeros((4, 3, 8, 8), np.float32)
    up = np.zeros((4, 3, 8, 8), np.float32)
    for c in range(3):
        down[c, c] = 1 / 64
        up[c, c] = 1
    shape = {"kernel_shape": [8, 8], "strides": [8, 8]}
    folder.mkdir(parents=True)
    card: dict[str, object] = {"format": 1, "name": "blocks", "latent_channels": 4, "factor": 8, "pixel_range": [-1, 1]}
    card |= {"description": "means of blocks, for tests", "licence": "MIT", "latent_std": 0.5}
    for part, graph in {
        "encoder": _graph(helper.make_node("Conv", ["x", "w"], ["y"], **shape), down, 3, 4),
        "decoder": _graph(helper.make_node("ConvTranspose", ["x", "w"], ["y"], **shape), up, 4, 3),
    }.items():
        data = graph.SerializeToString()
        (folder / f"{part}.onnx").write_bytes(data)
        card[part] = {"file": f"{part}.onnx", "input": "x", "output": "y", "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "model.json").write_text(json.dumps(card))


@pytest.fixture(scope="session")
def program() -> Path:
    path = Path(os.environ.get("VAERANS_CLI", ROOT / "build/release/bin/vaerans")).resolve()
    assert path.is_file(), f"{path} is not there: ./dev build makes it, VAERANS_CLI names another one"
    return path


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_blocks_model(folder / "blocks")
    return folder


@pytest.fixture
def cli(program: Path, models: Path, tmp_path: Path) -> Cli:
    return Cli(program, tmp_path, models)


def _smooth(height: int = 64, width: int = 96, seed: int = 0) -> np.ndarray:
    """A picture that the model of blocks can keep: slow waves, (height, width, 3) u8."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    phase = np.random.default_rng(seed).uniform(0, 6, 3)
    waves = [np.sin(x / 40 + phase[c]) + np.cos(y / 30 - phase[c]) for c in range(3)]
    return np.uint8(np.clip(127 + 60 * np.stack(waves, axis=-1), 0, 255))


@pytest.fixture
def smooth():
    return _smooth


@pytest.fixture
def photo(cli: Cli) -> Path:
    path = cli.path("photo.png")
    Image.fromarray(_smooth()).save(path)
    return path


@pytest.fixture
def psnr():
    def measure(a: object, b: object) -> float:
        a, b = (np.asarray(Image.open(v)) if isinstance(v, Path) else np.asarray(v) for v in (a, b))
        assert a.shape == b.shape
        error = np.mean((a.astype(float) - b.astype(float)) ** 2)
        return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))

    return measure
