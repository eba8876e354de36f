"""`python -m vaerans_ecs latents convert`."""

import subprocess
import sys

import numpy as np
import pytest
from vaerans_ecs import LatentStore

rng = np.random.default_rng(8)


def convert(*arguments, code=0):
    command = [sys.executable, "-m", "vaerans_ecs", "latents", "convert", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def cache(tmp_path):
    (tmp_path / "cache").mkdir()
    for name in "abc":
        arrays = {"latents": rng.standard_normal((4, 24, 16)).astype(np.float32), "original_size": np.array([128, 192])}
        np.savez(tmp_path / f"cache/{name}.npz", **arrays, t5=rng.standard_normal((9, 64)).astype(np.float32))
    return tmp_path / "cache"


def test_there_and_back(tmp_path, cache):
    done = convert(cache, "-o", tmp_path / "store", "--rmse", 0.05, "--target", "t5*:max_error=0.01", "-j", 2)
    assert "3 made, 0 there already, 0 failed" in done.stdout and "b.npz" in done.stdout
    store = LatentStore(tmp_path / "store")
    assert 0.04 < store.info("a.npz", "latents").rmse <= 0.05
    assert store.info("a.npz", "t5").target == "max_error" and store.info("a.npz", "t5").largest_error <= 0.01
    assert "0 made, 3 there" in convert(cache, "-o", tmp_path / "store", "--rmse", 0.05, "--resume").stdout
    assert convert(tmp_path / "store", "-o", tmp_path / "again", "--quiet").stdout == ""
    with np.load(cache / "b.npz") as before, np.load(tmp_path / "again/b.npz") as after:
        assert before.files == after.files
        assert np.abs(before["latents"] - after["latents"]).max() < 0.3
        np.testing.assert_array_equal(before["original_size"], after["original_size"])
    convert(tmp_path / "store", "-o", tmp_path / "st", "--to", "safetensors")
    assert sorted(path.name for path in (tmp_path / "st").iterdir()) == [f"{n}.safetensors" for n in "abc"]


def test_what_goes_wrong(tmp_path, cache):
    (cache / "bad.npz").write_bytes(b"nothing")
    done = convert(cache, "-o", tmp_path / "store", code=1)
    assert "bad.npz" in done.stderr and "3 made, 0 there already, 1 failed" in done.stdout
    assert "no store" in convert(cache, "-o", tmp_path / "x", "--to", "npz", code=2).stderr
    assert "t5*:rmse=0.05" in convert(cache, "-o", tmp_path / "x", "--target", "t5", code=2).stderr
    assert "not allowed with" in convert(cache, "-o", tmp_path / "x", "--rmse", 1, "--bits", 3, code=2).stderr
