"""`python -m vaerans_ecs latents convert`."""

import os
import subprocess
import sys

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors

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
    assert (
        "vaerans: error[corrupt_stream]: bad.npz: " in done.stderr
        and "3 made, 0 there already, 1 failed" in done.stdout
    )
    assert "no store" in convert(cache, "-o", tmp_path / "x", "--to", "npz", code=2).stderr
    assert "t5*:rmse=0.05" in convert(cache, "-o", tmp_path / "x", "--target", "t5", code=2).stderr
    assert "not allowed with" in convert(cache, "-o", tmp_path / "x", "--rmse", 1, "--bits", 3, code=2).stderr


def test_errors_are_those_of_all_commands(tmp_path, cache):
    gone = convert(tmp_path / "gone", "-o", tmp_path / "x", code=5)
    assert gone.stderr == f"vaerans: error[io]: {tmp_path}/gone: cannot be read: No such file or directory\n"
    assert not (tmp_path / "x").exists()
    (tmp_path / "file").write_text("")
    assert "vaerans: error[io]: " in convert(cache, "-o", tmp_path / "file/store", code=5).stderr
    convert(cache, "-o", tmp_path / "store", "--quiet")
    unmade = convert(tmp_path / "store", "-o", tmp_path / "file/cache", "--quiet", code=5).stderr
    assert unmade.count("vaerans: error[io]: ") == 3 and "Not a directory" in unmade
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/a.npz").write_bytes(b"nothing")
    assert convert(tmp_path / "bad", "-o", tmp_path / "y", code=3).stderr.startswith("vaerans: error[corrupt_stream]: ")
    assert "error[invalid_argument]: --target t5: " in convert(cache, "-o", "x", "--target", "t5", code=2).stderr


def test_a_name_that_is_not_utf8_costs_itself(tmp_path, cache):
    (cache / "a.npz").rename(os.fsdecode(os.fsencode(cache) + b"/\xff\n.npz"))
    for more in ([], ["--resume"]):
        done = convert(cache, "-o", tmp_path / "store", *more, code=1)
        assert "2 made" in done.stdout or more
        text = r"\xff\x0a.npz: a key that is not UTF-8, or has control characters"
        assert done.stderr.startswith(f"vaerans: error[invalid_argument]: {text}") and done.stderr.count("\n") == 1
    with LatentStore.writer(tmp_path / "other") as writer:
        for key, more in ((5, {}), ("\udcff", {}), ("a", {"bucket": "\udcff"}), ("a", {"user": "\udcff"})):
            with pytest.raises(errors.InvalidArgument, match=r"a key is a text|UTF-8"):
                writer.add(key, np.zeros((4, 8, 8), np.float32), **more)
        with pytest.raises(errors.InvalidArgument, match="UTF-8"):
            writer.add("a", {"\udcff": np.zeros((4, 8, 8), np.float32)})
        assert writer.items == 0
