"""Damaged .vrs files, missing models, a missing runtime: typed errors, exit codes, no crash."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest


@pytest.fixture
def packed(cli, photo):
    cli("compress", "photo.png", "-q", 20)
    photo.unlink()
    return cli.path("photo.vrs").read_bytes()


def test_truncated_anywhere(cli, packed):
    lengths = sorted(
        {*range(0, min(len(packed), 40)), *range(40, len(packed), max(1, len(packed) // 60)), len(packed) - 1}
    )
    for length in lengths:
        cli.path(f"{length}.vrs").write_bytes(packed[:length])
    names = [f"{length}.vrs" for length in lengths]
    refused = cli("decompress", *names, "-o", "back", code=3)
    assert refused.err.count("vaerans: error[corrupt_stream]: ") == len(names), refused.err
    assert list(cli.path("back").iterdir()) == []


def test_flipped_bits(cli, packed):
    spots = range(0, len(packed), max(1, len(packed) // 200))
    for spot in spots:
        cli.path(f"{spot}.vrs").write_bytes(packed[:spot] + bytes([packed[spot] ^ 0x10]) + packed[spot + 1 :])
    refused = cli("decompress", *[f"{spot}.vrs" for spot in spots], "-o", "back", code=None)
    assert refused.code in (1, 3, 4), refused
    assert refused.err.count("vaerans: error[") == len(spots), "a damaged file was decoded"


def test_more_bytes_than_were_written(cli, packed):
    cli.path("long.vrs").write_bytes(packed + b"\0")
    assert "error[corrupt_stream]" in cli("decompress", "long.vrs", code=3).err


def test_an_unknown_model(cli, photo):
    refused = cli("compress", "photo.png", "--model", "nonesuch", code=4)
    assert refused.err.startswith("vaerans: error[model_not_found]: ")
    assert "nonesuch" in refused.err and "blocks" in refused.err
    assert cli.files() == {"photo.png"}


def test_a_file_whose_model_is_gone(cli, packed):
    refused = cli("decompress", "photo.vrs", env={"VAERANS_MODEL_PATH": "/nonexistent"}, code=4)
    assert refused.err.startswith("vaerans: error[model_not_found]: ") and "blocks" in refused.err


def test_a_model_with_other_weights(cli, packed, models):
    shutil.copytree(models / "blocks", cli.path("m/blocks"))
    card = json.loads(cli.path("m/blocks/model.json").read_text())
    decoder = cli.path("m/blocks/decoder.onnx")
    # An unknown field of a protobuf message changes the hash and nothing else.
    decoder.write_bytes(decoder.read_bytes() + bytes([0xF8, 0x3F, 1]))
    card["decoder"]["sha256"] = hashlib.sha256(decoder.read_bytes()).hexdigest()
    cli.path("m/blocks/model.json").write_text(json.dumps(card))
    refused = cli("decompress", "photo.vrs", env={"VAERANS_MODEL_PATH": str(cli.path("m"))}, code=4)
    assert refused.err.startswith("vaerans: error[model_mismatch]: ")


def test_a_broken_model(cli, photo, models):
    shutil.copytree(models / "blocks", cli.path("m/blocks"))
    cli.path("m/blocks/decoder.onnx").write_bytes(b"no model")
    refused = cli("compress", "photo.png", "--model", "m/blocks", code=4)
    assert refused.err.startswith("vaerans: error[model_invalid]: ")


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:0", "CPUExecutionProvider"])
def test_a_runtime_that_is_not_there(cli, photo, device):
    # A path that somebody gave is an error when it fails; nothing else is tried in its place.
    refused = cli("compress", "photo.png", "--device", device, env={"VAERANS_ORT_LIBRARY": "/nonexistent"}, code=4)
    assert refused.err.startswith("vaerans: error[runtime_not_found]: ") and "/nonexistent" in refused.err
    assert cli.files() == {"photo.png"}


@pytest.mark.parametrize("device", ["tpu", "cuda:", "cuda:x", "cuda:1,cpu", "CUDA"])
@pytest.mark.parametrize(
    "command",
    [["compress", "photo.png"], ["eval", "photo.png", "photo.png"], ["latents", "pack", "photo.png", "-o", "store"]],
)
def test_words_that_are_no_device(cli, photo, command, device):
    before = cli.files()
    assert f"error[usage]: --device: device '{device}' is not one of" in cli(*command, "--device", device, code=2).err
    assert cli.files() == before


def test_a_device_that_is_not_there(cli, photo):
    refused = cli("compress", "photo.png", "--device", "cuda", code=None)
    if refused.code == 0:
        pytest.skip("this machine has a CUDA device")
    assert refused.code == 4 and refused.err.startswith("vaerans: error[runtime_not_found]: ")


def test_another_file_of_the_same_name_is_no_vrs(cli):
    for size in (1, 3, 4, 100, 100_000):
        cli.path("random.vrs").write_bytes(bytes(i * 167 % 256 for i in range(size)))
        assert "error[corrupt_stream]" in cli("decompress", "random.vrs", code=3).err
        assert "error[corrupt_stream]" in cli("info", "random.vrs", code=3).err
