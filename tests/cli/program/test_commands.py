"""info, models, systems, eval, --version, --help, --trace."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def test_info(cli, photo):
    cli("compress", "photo.png", "-q", 75, "--lossless")
    size = cli.path("photo.vrs").stat().st_size
    info = json.loads(cli("info", "photo.vrs", "--json").out)
    assert info["file"] == "photo.vrs" and info["bytes"] == size
    assert info["shape"] == [64, 96, 3] and info["source"] == "RGB"
    assert info["model"] == "blocks" and "hadamard4" in info["recipe"]
    assert info["lossless"] and info["has_residual"] and info["residual_recipe"]
    assert sum(part["bytes"] for part in info["parts"]) == size
    coders = [(d["step"], d["text"]) for d in info["details"] if d["name"] == "coder"]
    assert [step for step, _ in coders] == ["ans", "residual ans"]
    text = cli("info", "photo.vrs").out.decode()
    assert all(f"{coder} ({step})" in text for step, coder in coders)
    assert "96 x 64 pixels" in text and f"{size:,} bytes" in text and info["recipe"] in text


def test_info_of_many(cli, photo):
    cli("compress", "photo.png")
    cli.path("bad.vrs").write_text("bad")
    result = cli("info", "--json", "photo.vrs", "bad.vrs", "photo.vrs", code=1)
    assert [json.loads(line)["file"] for line in result.out.splitlines()] == ["photo.vrs"] * 2
    assert "error[corrupt_stream]: bad.vrs: " in result.err
    assert json.loads(cli("info", "-", "--json", stdin=cli.path("photo.vrs").read_bytes()).out)["file"] == "stdin"


def test_models(cli):
    names = [model["name"] for model in json.loads(cli("models", "list", "--json").out)]
    assert "blocks" in names
    assert "means of blocks, for tests" in cli("models", "list").out.decode()
    info = json.loads(cli("models", "info", "blocks", "--json").out)
    assert info["factor"] == 8 and info["encodes"] and info["card"]["licence"] == "MIT"
    assert info["hash"] == info["card"]["decoder"]["sha256"]
    assert info["hash"] in cli("models", "info", "blocks").out.decode()
    assert "error[model_not_found]" in cli("models", "info", "nonesuch", code=4).err


def test_systems(cli):
    systems = {system["name"]: system for system in json.loads(cli("systems", "--json").out)}
    assert {"vae", "hadamard4", "cdf53", "haar", "quantize", "ans"} <= set(systems)
    levels = {param["name"]: param for param in systems["cdf53"]["parameters"]}["levels"]
    assert levels["type"] == "integer" and levels["default"] == 4
    assert levels["range"] == "0 to 32" and levels["wire_id"] == 1
    assert systems["ans"]["parameters"][0]["choices"] == ["auto", "mixing", "context", "static", "constriction"]
    assert (systems["cdf53"]["inverse"], systems["cdf53_inverse"]["wire_id"]) == ("cdf53_inverse", None)
    text = cli("systems").out.decode()
    assert all(name in text for name in systems)
    assert "levels=4  integer, 0 to 32: decompositions" in text and "ISO/IEC" not in text
    assert "ISO/IEC 15444-1" in cli("systems", "cdf53").out.decode()
    assert "error[unknown_system]" in cli("systems", "cdf35", code=2).err


def test_eval_of_a_file(cli, photo, psnr):
    cli("compress", "photo.png")
    cli("decompress", "photo.vrs", "-o", "back.png")
    result = json.loads(cli("eval", "photo.png", "photo.vrs", "--json").out)
    size = cli.path("photo.vrs").stat().st_size
    assert result["bytes"] == size and result["bpp"] == pytest.approx(size * 8 / (64 * 96))
    assert result["psnr_db"] == pytest.approx(psnr(photo, cli.path("back.png")), abs=1e-6)
    assert 0.5 < result["ssim"] < 1 and 0.5 < result["ms_ssim"] < 1 and not result["identical"]
    text = cli("eval", "photo.png", "photo.vrs").out.decode()
    assert re.fullmatch(
        r"photo\.vrs  \d+ bytes  [\d.]+ bpp  PSNR [\d.]+ dB  SSIM 0\.\d{4}  MS-SSIM 0\.\d{4} \(3 scales\)  "
        r"SSIMULACRA2 [\d.-]+\n",
        text.replace(",", ""),
    )


def test_eval_agrees_with_scikit_image(cli, photo, smooth):
    metrics = pytest.importorskip("skimage.metrics")
    noisy = np.clip(smooth().astype(int) + np.random.default_rng(2).integers(-20, 20, (64, 96, 3)), 0, 255).astype(
        np.uint8
    )
    Image.fromarray(noisy).save(cli.path("noisy.png"))
    result = json.loads(cli("eval", "photo.png", "noisy.png", "--json").out)
    assert result["psnr_db"] == pytest.approx(metrics.peak_signal_noise_ratio(smooth(), noisy), abs=1e-6)
    ssim = metrics.structural_similarity(
        smooth(), noisy, channel_axis=-1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert result["ssim"] == pytest.approx(ssim, abs=1e-6)


def test_eval_of_the_same_picture(cli, photo):
    result = json.loads(cli("eval", "photo.png", "photo.png", "--json").out)
    assert result["identical"] and result["psnr_db"] is None and result["ssim"] == pytest.approx(1)
    assert "PSNR inf dB" in cli("eval", "photo.png", "-", stdin=photo.read_bytes()).out.decode()


def test_eval_and_compress_name_the_picture_that_they_cannot_take(cli, photo, smooth):
    Image.fromarray(smooth()).save(cli.path("two.tif"), save_all=True, append_images=[Image.fromarray(smooth(seed=1))])
    cli.path("cut.png").write_bytes(photo.read_bytes()[:300])
    for name, words in (("two.tif", "2 pages or frames; "), ("cut.png", "")):
        for pair in ([name, "photo.png"], ["photo.png", name]):
            said = cli("eval", *pair, code=3).err
            assert re.match(rf"vaerans: error\[image_un\w+\]: {name}: {words}", said) and "in memory" not in said
        for command in (["eval", "photo.png", "-"], ["compress", "-"]):
            said = cli(*command, stdin=cli.path(name).read_bytes(), code=3).err
            assert re.match(rf"vaerans: error\[image_un\w+\]: stdin: {words}", said) and "in memory" not in said
    cli.path("out").mkdir()
    cli.path("two.tif").rename(cli.path("out/photo.tif"))
    said = cli("eval", ".", "out", "-r", "--include", "photo.tif", "--json", code=3)
    assert json.loads(said.out.splitlines()[-1])["summary"]["failures"][0]["message"].startswith("2 pages or frames; ")


def test_trace(cli, photo, smooth):
    Image.fromarray(smooth(seed=4)).save(cli.path("second.png"))
    cli("compress", "photo.png", "second.png", "--step", 0.02, "--trace", "trace.json")
    trace = json.loads(cli.path("trace.json").read_text())
    records = trace if isinstance(trace, list) else trace["records"]
    runs = [record for record in records if record["system"].startswith("vae(")]
    assert len(runs) == 1 and len(runs[0]["entities"]) == 2, "two pictures of one shape are one run"
    assert any(record["system"].startswith("ans") for record in records)
    assert all(record["seconds"] >= 0 for record in records)
    assert (
        "error[exists]: trace.json" in cli("compress", "photo.png", "-o", "x.vrs", "--trace", "trace.json", code=5).err
    )
    assert "x.vrs" not in cli.files()


def test_verbose_tells_the_stages(cli, photo):
    text = cli("compress", "photo.png", "-v").out.decode()
    assert re.search(r"^ +vae +\d+\.\d+ s$", text, re.M) and re.search(r"^ +ans +\d+\.\d+ s$", text, re.M)
    assert re.search(r" s$", cli("decompress", "photo.vrs", "-v", "-o", "back.png").out.decode(), re.M)


def test_version(cli):
    text = cli("--version").out.decode()
    assert re.match(r"vaerans \d+\.\d+\.\d+\nONNX Runtime \d+\.\d+", text)
    gone = cli("--version", env={"VAERANS_ORT_LIBRARY": "/nonexistent"}).out.decode()
    assert "ONNX Runtime: not found" in gone


@pytest.mark.parametrize("command", ["compress", "decompress", "info", "models", "systems", "eval", None])
def test_help_lists_exit_codes(cli, command):
    text = cli(*[command] if command else [], "--help", code=0).out.decode()
    assert "Exit codes:" in text and "70" in text


def test_the_document_has_the_exit_codes_of_the_help(cli):
    document = (Path(__file__).resolve().parents[3] / "docs" / "cli.md").read_text()
    codes = re.findall(r"^ +(\d+)  (.+)$", cli("--help").out.decode().split("Exit codes:")[1], re.M)
    assert len(codes) == 7
    for code, text in codes:
        assert f"| {code} | {text}" in document


def test_threads_that_cannot_be_made(cli, photo):
    """As many as help, never more than there can be: neither hangs nor aborts."""
    for threads in ("150", "4294967295"):
        command = f'ulimit -v 1500000; exec "$0" compress --model blocks photo.png -f -j {threads}'
        done = subprocess.run(
            ["bash", "-c", command, cli.program], cwd=cli.folder, env=cli.env, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr


def test_limits_of_the_command_line(cli, photo):
    refused = cli("compress", "photo.png", "--max-pixels", "6143", code=3)
    assert refused.err == (
        "vaerans: error[limit_exceeded]: photo.png: 96 x 64 pixels; the limit is 6143 pixels and 262144 per side\n"
    )
    cli("compress", "photo.png", "--max-pixels", "6144")
    assert "error[limit_exceeded]" in cli("decompress", "photo.vrs", "-o", "x.png", "--max-pixels", "6k", code=3).err
    assert "error[usage]" in cli("compress", "photo.png", "--max-pixels", "none", code=2).err


def test_a_limit_on_memory(cli):
    # A picture that must be turned is kept whole: 48 MB here.
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4000, 4000)).save(cli.path("turned.jpg"), exif=exif)
    assert "error[limit_exceeded]" in cli("compress", "turned.jpg", "--max-memory", "40M", code=3).err
