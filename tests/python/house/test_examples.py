"""The examples run as they stand, and a transform from outside the library behaves like one of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import Pipeline, World, decode_entities, find_model, read_file, write_file
from vaerans_ecs.errors import ModelNotFound
from vaerans_ecs.models import DEFAULT_MODEL
from vaerans_ecs.systems import unregister

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"


def run(script: str, *arguments: str) -> str:
    pytest.importorskip("PIL")
    try:
        find_model(DEFAULT_MODEL)
    except ModelNotFound:
        pytest.skip("the default model is not installed")
    command = [sys.executable, str(EXAMPLES / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ | {"PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_quickstart_runs():
    output = run("quickstart.py")
    assert "PSNR" in output
    rate = float(next(line for line in output.splitlines() if line.endswith("bits per pixel")).split()[0])
    assert 0.3 < rate <= 0.5


def test_plugin_runs_in_a_chain_with_the_model():
    output = run("plugin_dct.py", str(EXAMPLES / "pictures" / "crop.png"))
    assert "vae | hadamard4 | dct8 | quantize" in output.replace(f"vae({DEFAULT_MODEL})", "vae")
    assert "in memory and from the file: equal" in output


@pytest.fixture
def plugin():
    spec = importlib.util.spec_from_file_location("plugin_dct", EXAMPLES / "plugin_dct.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for name in ("dct8", "dct8_inverse"):
        unregister(name)


def latent(h: int, w: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, h, w)).astype(np.float32)


@pytest.mark.parametrize("shape", [(8, 8), (1, 1), (13, 21), (64, 96)])
def test_dct_is_orthonormal_and_inverts(plugin, shape):
    world = World(arena_bytes=16 << 20)
    entity = world.spawn_latent(latent(*shape))
    bands = world.pipe(entity).to(plugin.Dct8()).out("Dct8")
    if shape[0] % 8 == shape[1] % 8 == 0:
        assert np.square(bands.array).sum() == pytest.approx(np.square(latent(*shape)).sum(), rel=1e-5)
        blocks = latent(*shape).reshape(4, shape[0] // 8, 8, shape[1] // 8, 8)
        np.testing.assert_allclose(bands.band(0, 3, "LL"), 8 * blocks.mean(axis=(2, 4))[0], atol=1e-5)
    back = world.pipe(entity).select("Dct8").to(plugin.Dct8Inverse()).out("Latent4")
    np.testing.assert_allclose(back.array, latent(*shape), atol=2e-6)


def test_dct_travels_in_files_by_its_name(plugin):
    chain = Pipeline("hadamard4 | dct8 | quantize(step=0.01) | ans")
    world = World(arena_bytes=16 << 20)
    entity = world.spawn_latent(latent(24, 40))
    chain.run(world, [entity])
    file = write_file(world, entity)
    other = World(arena_bytes=16 << 20)
    copy = read_file(other, file)
    decode_entities(other, [copy])
    error = np.asarray(other.get(copy, "Latent4")) - latent(24, 40)
    assert 0 < np.abs(error).max() < 0.1
    assert np.sqrt(np.square(error).mean()) == pytest.approx(0.01 / np.sqrt(12), rel=0.1)
