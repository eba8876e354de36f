"""-r of the commands that read .vrs files: decompress, info, eval; and --json, whose lines programs read."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.fixture
def coded(cli):
    """in/a.png, in/sub/b.png, in/sub/c.bmp; out/ holds what compress made of them; out/bad.vrs is none."""
    (cli.folder / "in/sub").mkdir(parents=True)
    for seed, name in enumerate(("in/a.png", "in/sub/b.png", "in/sub/c.bmp")):
        pixels = np.random.default_rng(seed).integers(0, 255, (16, 24, 3), np.uint8)
        Image.fromarray(pixels).save(cli.path(name))
    cli("compress", "in", "-r", "-o", "out", "--lossless")
    cli.path("out/bad.vrs").write_text("bad")
    cli.path("out/notes.txt").write_text("no file of ours")
    return cli


def made(cli, folder):
    return sorted(str(p.relative_to(cli.path(folder))) for p in cli.path(folder).rglob("*") if p.is_file())


def test_decompress_mirrors_the_tree(coded):
    done = coded("decompress", "out", "-r", "-o", "back", "--format", "ppm", code=1)
    assert made(coded, "back") == ["a.ppm", "sub/b.ppm", "sub/c.ppm"]
    for name, source in (("a", "a.png"), ("sub/c", "sub/c.bmp")):
        assert np.array_equal(
            np.asarray(Image.open(coded.path(f"back/{name}.ppm"))), np.asarray(Image.open(coded.path(f"in/{source}")))
        )
    assert done.out.decode().splitlines()[-1].startswith("3 files, ")
    assert " 0 skipped, 1 failed, " in done.out.decode()
    table = done.err[done.err.index("failed:\n") :].splitlines()
    assert table[1].split()[:2] == ["out/bad.vrs", "corrupt_stream"] and len(table) == 2


def test_decompress_skips_and_chooses(coded):
    coded("decompress", "out", "-r", "-o", "back", "--exclude", "bad.vrs", "--include", "sub/*")
    assert made(coded, "back") == ["sub/b.png", "sub/c.png"]
    done = coded("decompress", "out", "-r", "-o", "back", "--exclude", "bad.vrs", "--resume")
    assert "1 files, " in done.out.decode() and " 2 skipped, 0 failed" in done.out.decode()


def test_info_of_a_tree(coded):
    done = coded("info", "out", "-r", "--json", code=1)
    *files, last = lines(done)
    assert [f["file"] for f in files] == ["out/a.vrs", "out/sub/b.vrs", "out/sub/c.vrs"]
    total = last["summary"]
    assert total["files"] == 3 and total["bytes"] == sum(f["bytes"] for f in files) and total["pixels"] == 3 * 16 * 24
    assert total["bpp"] == total["bytes"] * 8 / total["pixels"]
    assert [(f["input"], f["error"]) for f in total["failures"]] == [("out/bad.vrs", "corrupt_stream")]
    assert "3 files, " in coded("info", "out", "-r", "--exclude", "bad*").out.decode().splitlines()[-1]


def test_eval_finds_each_original(coded):
    *files, last = lines(coded("eval", "in", "out", "-r", "--json", "--exclude", "bad.vrs"))
    pairs = [(f["original"], f["file"]) for f in files]
    assert pairs == [
        ("in/a.png", "out/a.vrs"),
        ("in/sub/b.png", "out/sub/b.vrs"),
        ("in/sub/c.bmp", "out/sub/c.vrs"),
    ]
    assert all(f["identical"] for f in files) and last["summary"]["identical"] == 3


def test_eval_means(coded):
    coded("compress", "in", "-r", "-o", "lossy", "--mode", "pixel", "--max-error", 9)
    *files, last = lines(coded("eval", "in", "lossy", "-r", "--json"))
    assert len(files) == 3
    for mean, each in (("mean_psnr_db", "psnr_db"), ("mean_ssim", "ssim"), ("mean_ms_ssim", "ms_ssim")):
        assert last["summary"][mean] == pytest.approx(sum(f[each] for f in files) / 3)
    text = coded("eval", "in", "lossy", "-r").out.decode().splitlines()[-1]
    assert f"mean PSNR {last['summary']['mean_psnr_db']:.2f} dB" in text and " 0 failed" in text


def test_eval_without_one_original_goes_on(coded):
    coded.path("in/a.png").unlink()
    shutil.copy(coded.path("in/sub/b.png"), coded.path("in/sub/c.png"))
    done = coded("eval", "in", "out", "-r", "--exclude", "bad.vrs", code=1)
    assert "error[io]: out/a.vrs: there is no picture of this name in in" in done.err
    assert "out/sub/c.vrs: both sub/c.bmp and sub/c.png in in could be its original" in done.err
    assert "out/sub/b.vrs  " in done.out.decode() and "2 failed" in done.out.decode()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["decompress", "out"], "out is a folder: -r takes the files in it"),
        (["decompress", "out", "-r"], "-r needs -o FOLDER"),
        (["info", "out"], "out is a folder: -r takes the files in it"),
        (["eval", "in", "out"], "in is a folder: -r takes the files in it"),
        (["eval", "in/a.png", "out", "-r"], "with -r the originals are in a folder, and in/a.png is none"),
        (["info", "out/a.vrs", "--exclude", "x"], "--include and --exclude go with -r"),
    ],
)
def test_what_cannot_be_meant(coded, words, text):
    assert text in coded(*words, code=2).err


def test_json_of_compress_and_decompress(coded):
    compressed = lines(coded("compress", "in/a.png", "in/sub/b.png", "-o", "two/", "--lossless", "--json"))
    assert [(one["input"], one["output"]) for one in compressed] == [
        ("in/a.png", "two/a.vrs"),
        ("in/sub/b.png", "two/b.vrs"),
    ]
    size = coded.path("two/a.vrs").stat().st_size
    assert compressed[0]["bytes"] == size and compressed[0]["bpp"] == size * 8 / (16 * 24)
    decoded = lines(coded("decompress", "two/a.vrs", "-o", "a.png", "--json"))
    assert decoded == [{"input": "two/a.vrs", "output": "a.png", "width": 24, "height": 16, "bytes": size}]


def test_json_goes_to_stderr_beside_data(coded):
    done = coded("compress", "in/a.png", "-o", "-", "--lossless", "--json")
    assert json.loads(done.err)["output"] == "stdout" and done.out == coded.path("out/a.vrs").read_bytes()


@pytest.mark.parametrize("suffix", ["tga", "ico", "bmp", "pbm", "TIF"])
def test_every_kind_that_is_read_is_taken(cli, suffix):
    (cli.folder / "in").mkdir()
    image = Image.fromarray(np.random.default_rng(1).integers(0, 255, (16, 16, 3), np.uint8))
    image.convert("1" if suffix == "pbm" else "RGB").save(cli.path(f"in/a.{suffix}"))
    cli("compress", "in", "-r", "-o", "out", "--lossless", "--convert")
    assert made(cli, "out") == ["a.vrs"]
