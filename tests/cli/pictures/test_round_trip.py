"""Pictures through the program and back: names, pipes, rates, many inputs."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image


def test_the_first_thing_anyone_tries(cli, photo, psnr):
    made = cli("compress", "photo.png")
    size = cli.path("photo.vrs").stat().st_size
    assert made.out.decode() == f"photo.png -> photo.vrs  {size:,} bytes  {size * 8 / (64 * 96):.3f} bpp\n"
    original = photo.rename(cli.path("original.png"))
    back = cli("decompress", "photo.vrs")
    assert back.out.decode() == "photo.vrs -> photo.png  96 x 64\n"
    assert psnr(original, photo) > 25
    assert (made.err, back.err) == ("", "")


def test_a_file_is_the_same_every_time(cli, photo):
    cli("compress", "photo.png", "-o", "a.vrs")
    cli("compress", "photo.png", "-o", "b.vrs", "-j", 1)
    assert cli.path("a.vrs").read_bytes() == cli.path("b.vrs").read_bytes()


def test_stdin_and_stdout(cli, photo, psnr):
    cli("compress", "photo.png")
    packed = cli("compress", "-", stdin=photo.read_bytes())
    assert packed.out == cli.path("photo.vrs").read_bytes()
    assert packed.err == f"stdin -> stdout  {len(packed.out):,} bytes  {len(packed.out) * 8 / (64 * 96):.3f} bpp\n"
    assert cli("compress", "photo.png", "-o", "-", "--quiet").err == ""
    back = cli("decompress", "-", "-o", "-", stdin=packed.out)
    assert psnr(Image.open(io.BytesIO(back.out)), photo) > 25
    assert cli("decompress", "-", "--format", "webp", stdin=packed.out).out[8:12] == b"WEBP"
    cli("compress", "-", "-o", "named.vrs", stdin=photo.read_bytes())
    assert cli.path("named.vrs").read_bytes() == packed.out


@pytest.mark.parametrize("suffix", ["png", "tif", "webp", "jpg", "ppm"])
def test_the_suffix_of_the_output_is_its_format(cli, photo, psnr, suffix):
    cli("compress", "photo.png")
    cli("decompress", "photo.vrs", "-o", f"out.{suffix}")
    assert psnr(photo, cli.path(f"out.{suffix}")) > 25


def test_output_folders(cli, photo):
    cli.path("there").mkdir()
    cli("compress", "photo.png", "-o", "there")
    cli("compress", "photo.png", "-o", "new/")
    assert {"there/photo.vrs", "new/photo.vrs"} <= cli.files()


def test_names_beyond_ascii(cli, photo):
    photo.rename(cli.path("größe 写真 [1].png"))
    cli("compress", "größe 写真 [1].png")
    cli("decompress", "größe 写真 [1].vrs", "-o", "zurück.png")
    assert cli.path("zurück.png").is_file()


def test_names_that_begin_with_a_dash(cli, photo):
    photo.rename(cli.path("-q.png"))
    cli("compress", "--", "-q.png")
    assert cli.path("-q.vrs").is_file()


def test_quality_is_monotone(cli, photo, psnr):
    sizes, qualities = [], []
    for quality in (5, 50, 100):
        cli("compress", "photo.png", "-q", quality, "-o", f"{quality}.vrs")
        cli("decompress", f"{quality}.vrs")
        sizes.append(cli.path(f"{quality}.vrs").stat().st_size)
        qualities.append(psnr(photo, cli.path(f"{quality}.png")))
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]
    assert qualities[0] < qualities[2]


def test_rate_targets_hold(cli, photo):
    for name, rate in {"size": ["--target-size", "400"], "bpp": ["--bpp", 400 * 8 / (64 * 96)]}.items():
        cli("compress", "photo.png", *rate, "-o", f"{name}.vrs")
        assert cli.path(f"{name}.vrs").stat().st_size <= 400
    assert cli.path("size.vrs").read_bytes() == cli.path("bpp.vrs").read_bytes()


def test_lossless(cli, smooth):
    noisy = smooth(33, 47) ^ np.random.default_rng(1).integers(0, 8, (33, 47, 3), np.uint8)
    Image.fromarray(noisy).save(cli.path("noisy.png"))
    cli("compress", "noisy.png", "--lossless")
    cli("decompress", "noisy.vrs", "-o", "back.png")
    assert np.array_equal(np.asarray(Image.open(cli.path("back.png"))), noisy)
    layered = cli("compress", "noisy.png", "-q", 75, "--lossless", "-o", "layered.vrs")
    assert "noisy.png -> layered.vrs" in layered.out.decode()
    cli("decompress", "layered.vrs", "-o", "layers.png")
    assert np.array_equal(np.asarray(Image.open(cli.path("layers.png"))), noisy)
    cli("compress", "noisy.png", "--residual-step", 4, "-o", "near.vrs")
    sizes = [cli.path(f"{name}.vrs").stat().st_size for name in ("near", "layered")]
    assert sizes[0] < sizes[1]


def test_a_largest_error(cli, smooth):
    noisy = smooth(33, 47) ^ np.random.default_rng(1).integers(0, 8, (33, 47, 3), np.uint8)
    Image.fromarray(noisy).save(cli.path("noisy.png"))
    size = 10**9
    for bound in (0, 1, 3):
        cli("compress", "noisy.png", "--max-error", bound, "-o", "a.vrs", "--force")
        cli("decompress", "a.vrs", "-o", "a.png", "--force")
        back = np.asarray(Image.open(cli.path("a.png"))).astype(int)
        assert np.abs(back - noisy).max() == bound
        assert cli.path("a.vrs").stat().st_size < size
        size = cli.path("a.vrs").stat().st_size
    refused = cli("compress", "noisy.png", "--max-error", 101, "-o", "b.vrs", code=2)
    assert "--max-error" in refused.err and "100" in refused.err
    both = cli("compress", "noisy.png", "--max-error", 1, "-q", 50, "-o", "b.vrs", code=2)
    assert "--max-error goes without a rate" in both.err


def test_recipes(cli, photo, psnr):
    cli("compress", "photo.png", "--recipe", "vae(blocks) | hadamard4 | haar(levels=2) | quantize(step=0.02) | ans")
    cli("decompress", "photo.vrs", "-o", "back.png")
    assert psnr(photo, cli.path("back.png")) > 25
    assert b"haar" in cli("info", "photo.vrs").out


def test_many_inputs_of_two_shapes(cli, smooth, psnr):
    for i in range(8):
        Image.fromarray(smooth(*((64, 96) if i % 2 else (40, 56)), seed=i)).save(cli.path(f"{i}.png"))
    made = cli("compress", *[f"{i}.png" for i in range(8)], "-o", "packed")
    assert [line.split(" -> ")[0] for line in made.out.decode().splitlines()] == [f"{i}.png" for i in range(8)]
    cli("decompress", *[f"packed/{i}.vrs" for i in range(8)], "-o", "back")
    for i in range(8):
        assert psnr(cli.path(f"{i}.png"), cli.path(f"back/{i}.png")) > 25
        cli("compress", f"{i}.png")
        assert cli.path(f"{i}.vrs").read_bytes() == cli.path(f"packed/{i}.vrs").read_bytes(), (
            "alone and in a batch differ"
        )


def test_one_broken_input_does_not_stop_the_others(cli, photo, smooth):
    cli.path("broken.png").write_bytes(photo.read_bytes()[:300])
    Image.fromarray(smooth(seed=5)).save(cli.path("second.png"))
    made = cli("compress", "photo.png", "broken.png", "second.png", code=1)
    assert "error[image_unreadable]: broken.png: " in made.err and made.err.count("\n") == 1
    assert {"photo.vrs", "second.vrs"} <= cli.files() and "broken.vrs" not in cli.files()

    cli.path("broken.vrs").write_bytes(cli.path("photo.vrs").read_bytes()[:-5])
    back = cli("decompress", "broken.vrs", "photo.vrs", "second.vrs", "-o", "back", code=1)
    assert "error[corrupt_stream]: broken.vrs: " in back.err
    assert {"back/photo.png", "back/second.png"} <= cli.files() and "back/broken.png" not in cli.files()


def test_all_inputs_broken_for_the_same_reason(cli):
    for name in ("a.png", "b.png"):
        cli.path(name).write_text("no picture")
    cli("compress", "a.png", "b.png", code=3)


def test_a_few_hundred_pictures_go_in_bounded_batches(cli, smooth):
    for i in range(70):
        Image.fromarray(smooth(16, 24, seed=i)).save(cli.path(f"{i}.png"))
    cli("compress", *[f"{i}.png" for i in range(70)], "-o", "packed", "--trace", "trace.json")
    assert len(list(cli.path("packed").iterdir())) == 70


def test_nothing_is_left_in_a_fresh_home(cli, photo, tmp_path):
    """ONNX Runtime's telemetry would leave a device id there. Optimised graphs go to the cache, unless that is off."""
    home = tmp_path / "home"
    home.mkdir()
    env = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    cli("compress", photo, "-o", "out.vrs", env=env)
    assert list(home.rglob("*")) == []
    cli("compress", photo, "-o", "again.vrs", env=env | {"VAERANS_GRAPH_CACHE": ""})
    files = [file for file in home.rglob("*") if not file.is_dir()]
    assert files and all(file.parent == home / ".cache/vaerans/graphs" for file in files)
    assert cli.path("again.vrs").read_bytes() == cli.path("out.vrs").read_bytes()


def test_tiles_are_nobody_elses_business(cli, photo):
    """The model works by blocks: tiles of it give what the whole picture gives, and the file does not mention them."""
    chain = "hadamard4 | cdf53(levels=2) | quantize(step=0.05) | ans"
    cli("compress", "photo.png", "-o", "whole.vrs", "--recipe", f"vae(blocks, tile=0) | {chain}")
    cli("compress", "photo.png", "-o", "tiles.vrs", "--recipe", f"vae(blocks, tile=16) | {chain}")
    assert cli.path("whole.vrs").read_bytes() == cli.path("tiles.vrs").read_bytes()
    bad = cli("compress", "photo.png", "-o", "bad.vrs", "--recipe", f"vae(blocks, tile=4) | {chain}", code=2)
    assert "use at least 8" in bad.err
