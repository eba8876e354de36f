"""What `decompress` of the package writes, and what it refuses to: formats, qualities and words are the program's."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image
from vaerans_ecs.cli.run import main
from vaerans_ecs.cli.writing import RAW, SAVERS

from .both_commands import PROGRAM, answers

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")

KINDS = {"grey": (), "la": (2,), "rgb": (3,), "rgba": (4,)}


@pytest.fixture
def files(tmp_path, monkeypatch, img):
    """grey.vrs, la.vrs, rgb.vrs, rgba.vrs and, of 16 bits, the same with 16 behind the name; all without loss."""
    monkeypatch.chdir(tmp_path)
    four = np.dstack([img, img[..., ::-1]])
    images = {}
    for name, channels in KINDS.items():
        eight = np.ascontiguousarray(four[..., : channels[0]] if channels else four[..., 0])
        images |= {name: eight, f"{name}16": eight.astype(np.uint16) * 256 + eight.T.ravel().reshape(eight.shape)}
    for name, image in images.items():
        v.save(f"{name}.vrs", image, lossless=True)
    return images


@pytest.mark.parametrize("name", ["a.gif", "a.GIF", "a.bmp", "a.ico", "a.pdf", "a.xyz"])
@pytest.mark.parametrize("way", ["--output", "--format", "--region"])
def test_formats_that_lose_without_a_word_are_refused(files, tmp_path, capsys, name, way):
    words = (
        ["--format", name[2:]] if way == "--format" else ["-o", name, *(["--region", "0,0,4,4"] * (way == "--region"))]
    )
    theirs, ours = answers(["decompress", "rgb.vrs", *words], capsys)
    assert ours.code == theirs.code == 2
    assert ours.err == theirs.err.replace(", .jxl", ""), "which Pillow does not write"
    assert f"{name[1:]}: no picture format that can be written" in ours.err
    assert {path.suffix for path in tmp_path.iterdir()} == {".vrs"}


@pytest.mark.parametrize("source", ["rgb", "rgba", "la", "rgb16", "rgba16", "grey16", "la16"])
@pytest.mark.parametrize("target", ["a.pgm", "a.ppm", "a.pnm", "a.jpg", "a.webp", "a.jp2"])
def test_what_a_format_does_not_hold_is_refused(files, capsys, source, target):
    theirs, ours = answers(["decompress", f"{source}.vrs", "-o", target, "-f"], capsys)
    if theirs.code == 0 and "does not hold this picture" in ours.err:
        assert (source, target) == ("rgb16", "a.jp2"), "which Pillow alone cannot write"
        return
    assert (ours.code, ours.err) == (theirs.code, theirs.err)


@pytest.mark.parametrize("target", ["a.pgm", "a.jpg"])
def test_a_part_that_a_format_does_not_hold_is_refused(files, capsys, target):
    theirs, ours = answers(["decompress", "rgba.vrs", "-o", target, "--region", "0,0,40,30"], capsys)
    assert ours == theirs and ours.code == 3 and ours.err.startswith("vaerans: error[image_unsupported]: rgba.vrs: ")


@pytest.mark.parametrize("suffix", [".pgm", ".pnm", ".ppm", ".pam", ".npy"])
def test_raw_formats_are_byte_by_byte_the_programs(files, tmp_path, suffix):
    for name in files:
        main(["decompress", f"{name}.vrs", "-o", f"ours{suffix}", "-f"])
        subprocess.run([PROGRAM, "decompress", f"{name}.vrs", "-o", f"theirs{suffix}", "-f"], capture_output=True)
        made = [tmp_path / f"{whose}{suffix}" for whose in ("ours", "theirs")]
        assert made[0].exists() == made[1].exists() and (suffix not in (".pam", ".npy") or made[0].exists())
        if made[0].exists():
            assert made[0].read_bytes() == made[1].read_bytes()
        for file in made:
            file.unlink(missing_ok=True)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jp2"])
def test_what_is_written_without_a_quality_is_exact(files, suffix):
    assert main(["decompress", "rgb.vrs", "-o", f"a{suffix}"]) == 0
    np.testing.assert_array_equal(np.asarray(Image.open(f"a{suffix}")), files["rgb"])


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".ppm", ".pam", ".npy"])
def test_a_quality_for_what_takes_none_is_an_error(files, capsys, suffix):
    theirs, ours = answers(["decompress", "rgb.vrs", "-o", f"a{suffix}", "--output-quality", "50"], capsys)
    assert ours.code == theirs.code == 2
    assert ours.err == theirs.err.replace(".heic, .jxl, ", "") and f"{suffix}: this format is without loss" in ours.err


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".jp2", ".avif"])
def test_a_quality_makes_smaller_files_that_lose(files, suffix, psnr):
    sizes, qualities = [], []
    for words in ([], ["--output-quality", "80"], ["--output-quality", "30"]):
        assert main(["decompress", "rgb.vrs", "-o", f"a{suffix}", "-f", *words]) == 0
        sizes.append(Path(f"a{suffix}").stat().st_size)
        qualities.append(psnr(np.asarray(Image.open(f"a{suffix}").convert("RGB")), files["rgb"]))
    assert sizes[0] > sizes[1] > sizes[2] and qualities[0] > qualities[1] > qualities[2] > 20


def test_a_quality_of_jpeg_2000_is_the_programs(files, psnr):
    for run in (main, lambda words: subprocess.run([PROGRAM, *words], capture_output=True).returncode):
        assert run(["decompress", "rgb.vrs", "-o", "a.jp2", "-f", "--output-quality", "45"]) == 0
        assert psnr(np.asarray(Image.open("a.jp2")), files["rgb"]) == pytest.approx(45, abs=1)


def test_a_format_that_the_name_contradicts_is_an_error(files, capsys):
    theirs, ours = answers(["decompress", "rgb.vrs", "-o", "a.png", "--format", "jpg"], capsys)
    assert ours.code == theirs.code == 2 and ours.err.splitlines()[0] == theirs.err.splitlines()[0]
    assert "--format jpg and the name a.png contradict each other" in ours.err
    assert main(["decompress", "rgb.vrs", "-o", "a.png", "--format", ".png"]) == 0


def test_a_preview_in_no_format_is_an_error_before_a_line_is_said(files, img, capsys):
    v.save("p.vrs", img, preview=True)
    for name in ("a.gif", "a.pgm"):
        theirs, ours = answers(["info", "p.vrs", "--preview", name], capsys)
        assert ours == theirs._replace(err=theirs.err.replace(", .jxl", "")) and ours.out == "" and ours.code == 3


def test_the_formats_are_those_of_the_program():
    source = (PROGRAM.parents[3] / "src/image_io/write.cpp").read_text()
    assert {suffix for suffix in SAVERS if f'"{suffix}"' in source} == set(SAVERS)
    assert RAW == (".ppm", ".pgm", ".pnm", ".pam", ".npy")


@pytest.mark.parametrize("quality", [None, 60, 89, 90, 100])
def test_a_jpeg_of_a_quality_is_the_programs(files, quality):
    """With as many pixels of colour; the metadata that libvips writes aside."""
    words = ["decompress", "rgb.vrs", "-f", *(["--output-quality", str(quality)] if quality else [])]
    subprocess.run([PROGRAM, *words, "-o", "theirs.jpg"], check=True, capture_output=True)
    assert main([*words, "-o", "ours.jpg"]) == 0
    theirs, ours = Image.open("theirs.jpg"), Image.open("ours.jpg")
    assert ours.layer == theirs.layer and ours.layer[0][1] == (2 if quality in (60, 89) else 1)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.skipif(".avif" not in Image.registered_extensions(), reason="Pillow without AVIF")
@pytest.mark.parametrize(("quality", "halved"), [(None, False), (60, True), (89, True), (90, False)])
def test_an_avif_of_a_quality_has_the_colours_of_the_programs(files, quality, halved):
    words = ["decompress", "rgb.vrs", "-f", *(["--output-quality", str(quality)] if quality else [])]
    subprocess.run([PROGRAM, *words, "-o", "theirs.avif"], check=True, capture_output=True)
    assert main([*words, "-o", "ours.avif"]) == 0
    theirs, ours = Path("theirs.avif").read_bytes(), Path("ours.avif").read_bytes()
    for file in (theirs, ours):  # two bits of av1C say whether colours are halved along x and y
        assert (file[file.index(b"av1C") + 6] >> 2 & 3) == (3 if halved else 0)
    assert main(["decompress", "rgb.vrs", "-o", "usual.avif", "--output-quality", "90"]) == 0
    assert (ours == Path("usual.avif").read_bytes()) == (quality in (None, 90))
