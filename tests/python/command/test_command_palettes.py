"""Palettes of PNGs in both commands: files are the same byte by byte, and each brings back what the other has kept."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM, ROOT, answers

sys.path.append(str(ROOT / "tests/cli/pictures"))

from odd_pictures import chunk, profile

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")

PALETTE = b"vaerans.palette"


def png(bits: int, colors: np.ndarray, alpha: bytes = b"", more: bytes = b"") -> bytes:
    """A picture of 37 x 53 pixels in these colours, all but the last of which occur; `more`: chunks before them."""
    numbers = np.random.default_rng(bits).integers(0, max(1, len(colors) - 1), (37, 53), np.uint8)
    spread = np.unpackbits(numbers[..., None], axis=2)[..., 8 - bits :].reshape(37, -1)
    rows = np.packbits(spread, axis=1)
    raw = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 53, 37, bits, 3, 0, 0, 0))
    palette = chunk(b"PLTE", colors.tobytes()) + (chunk(b"tRNS", alpha) if alpha else b"")
    return b"\x89PNG\r\n\x1a\n" + head + more + palette + chunk(b"IDAT", raw) + chunk(b"IEND", b"")


def colors(count: int, greys: bool = False) -> np.ndarray:
    """All different, in an order of no sense."""
    rng = np.random.default_rng(count)
    values = rng.permutation(256)[:count].astype(np.uint8)
    return np.stack([values, values if greys else values[::-1], values if greys else 255 - values], -1)


def said(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG before its pixels."""
    found, at = {}, 8
    while data[at + 4 : at + 8] != b"IDAT":
        size = int.from_bytes(data[at : at + 4], "big")
        found[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + size]
        at += 12 + size
    return found


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


CASES = {
    "1 bit": (1, colors(2)),
    "one colour": (1, colors(1)),
    "2 bits": (2, colors(3)),
    "4 bits": (4, colors(16)),
    "few of 8 bits": (8, colors(3)),
    "8 bits": (8, colors(256)),
    "greys": (8, colors(200, greys=True)),
    "greys of 4 bits": (4, colors(9, greys=True)),
    "alpha": (8, colors(90), bytes(range(10, 17))),
    "the third is clear": (2, colors(4), b"\xff\xff\0"),
    "alpha of greys": (8, colors(90, greys=True), bytes(90)),
    "opaque alpha": (4, colors(16), b"\xff" * 16),
    "profile": (8, colors(90), b"", chunk(b"iCCP", b"PLTE\0\0" + zlib.compress(profile("swapped")))),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_palettes_come_back_whoever_kept_them(here, capsys, case):
    source = png(*case)
    (here / "in.png").write_bytes(source)
    subprocess.run([PROGRAM, "compress", "in.png", "--lossless", "-o", "theirs.vrs"], check=True)
    assert main(["compress", "in.png", "--lossless", "-o", "ours.vrs"]) == 0
    assert (here / "ours.vrs").read_bytes() == (here / "theirs.vrs").read_bytes()
    assert PALETTE in (here / "ours.vrs").read_bytes()

    subprocess.run([PROGRAM, "decompress", "ours.vrs", "-o", "theirs.png"], check=True)
    assert main(["decompress", "theirs.vrs", "-o", "ours.png"]) == 0
    want = np.asarray(Image.open(io.BytesIO(source)))
    for name in ("theirs.png", "ours.png"):
        made = (here / name).read_bytes()
        assert {kind: said(made).get(kind) for kind in (b"IHDR", b"PLTE", b"tRNS")} == {
            kind: said(source).get(kind) for kind in (b"IHDR", b"PLTE", b"tRNS")
        }
        image = Image.open(name)
        assert image.mode == "P"
        np.testing.assert_array_equal(np.asarray(image), want)
        assert image.info.get("icc_profile") == Image.open(io.BytesIO(source)).info.get("icc_profile")


def test_metadata_goes_along(here):
    (here / "plain.png").write_bytes(png(8, colors(90), bytes(7)))
    tags = Image.Exif()
    tags[0x010E] = "a picture"
    image = Image.open("plain.png")
    image.save("in.png", exif=tags, icc_profile=profile("swapped"))
    assert main(["compress", "in.png", "--lossless"]) == 0 and main(["decompress", "in.vrs", "-o", "out.png"]) == 0
    back = Image.open("out.png")
    assert back.mode == "P" and back.info["icc_profile"] == profile("swapped")
    assert back.getexif()[0x010E] == "a picture"


@pytest.mark.parametrize(
    "words",
    ["--lossless --strip", "--bpp 20", "--target-size 100k", "--mode wavelet -q 30", "--lossless --convert"],
)
def test_palettes_that_are_not_wanted_or_not_right_any_more(here, capsys, words):
    (here / "in.png").write_bytes(png(8, colors(200), bytes(10)))
    theirs, ours = answers(["compress", "in.png", "-o", "a.vrs", "-f", *words.split()], capsys)
    assert ours == theirs and ours.code == 0
    assert PALETTE not in (here / "a.vrs").read_bytes()
    assert main(["decompress", "a.vrs", "-o", "a.png"]) == 0
    assert Image.open("a.png").mode in ("RGB", "RGBA")


def test_what_is_converted_keeps_a_palette_without_alpha(here, capsys):
    (here / "in.png").write_bytes(png(4, colors(16)))
    words = ["compress", "in.png", "--lossless", "--convert", "-f", "-o"]
    answers([*words, "a.vrs"], capsys)
    assert PALETTE in (here / "a.vrs").read_bytes()


@pytest.mark.parametrize("how", ["gamma", "stdin"])
def test_pictures_of_other_pixels_and_pipes_keep_none(here, monkeypatch, how):
    gamma = chunk(b"gAMA", struct.pack(">I", 100_000)) if how == "gamma" else b""
    (here / "in.png").write_bytes(png(8, colors(200), b"", gamma))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper((here / "in.png").open("rb")))
    assert main(["compress", "-" if how == "stdin" else "in.png", "--lossless", "-o", "a.vrs"]) == 0
    assert PALETTE not in (here / "a.vrs").read_bytes()


@pytest.mark.parametrize("words", ["--strip", "--region 3,4,20,10", "--allow-partial"])
def test_a_palette_that_is_kept_is_not_always_written(here, words):
    (here / "in.png").write_bytes(png(8, colors(200)))
    assert main(["compress", "in.png", "--lossless"]) == 0
    for run in (main, lambda words: subprocess.run([PROGRAM, *words]).returncode):
        assert run(["decompress", "in.vrs", "-o", "a.png", "-f", *words.split()]) == 0
        assert Image.open("a.png").mode == "RGB"


def test_other_formats_hold_the_colours(here):
    (here / "in.png").write_bytes(png(8, colors(200)))
    assert main(["compress", "in.png", "--lossless"]) == 0
    for name, mode in (("a.PNG", "P"), ("a.tif", "RGB"), ("a.webp", "RGB")):
        assert main(["decompress", "in.vrs", "-o", name]) == 0 and Image.open(name).mode == mode


def test_second_streams_keep_palettes_too(here, capsys):
    (here / "in.png").write_bytes(png(8, colors(200)))
    theirs, ours = answers(
        ["compress", "in.png", "--lossless", "--mode", "wavelet", "-q", "50", "-o", "a.vrs", "-f"], capsys
    )
    assert ours.code == theirs.code == 0 and v.file_info("a.vrs").lossless
    assert PALETTE in (here / "a.vrs").read_bytes()


def test_a_damaged_palette_is_none(here):
    """A front that ends before the pixels, bits that there are not, more colours than the bits tell."""
    from vaerans_ecs.pictures.png import palette_of

    good = png(2, colors(3), b"\x07")
    assert palette_of(good).colors.tolist() == [[*colors(3)[0].tolist(), 7]] + [
        [*c, 255] for c in colors(3)[1:].tolist()
    ]
    assert palette_of(good)[1:] == (1, 2)
    assert all(palette_of(good[:size]) is None for size in range(good.index(b"IDAT")))
    assert palette_of(good[:24] + b"\x01" + good[25:]) is None and palette_of(good[:24] + b"\x03" + good[25:]) is None
    assert palette_of(png(1, colors(2)).replace(b"PLTE", b"PLTX")) is None
