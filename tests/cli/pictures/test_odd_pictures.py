"""Every kind of picture is what Pillow and LittleCMS make of it, or is refused with a reason; so are damaged ones."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def _load(name: str):
    """A module beside this file; pytest's import mode puts no folder on the path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


odd_pictures = _load("odd_pictures")
odd_bitmaps = _load("odd_bitmaps")
Odd = odd_pictures.Odd
KINDS = [*odd_pictures.kinds(), *odd_bitmaps.kinds()]
ALL = [*KINDS, *odd_pictures.damaged(KINDS), *odd_pictures.damaged(KINDS, odd_bitmaps.DAMAGED)]
# What the test files of each format are about; spread over all of them so that every run sees each family.
SOME = ALL[::11]
REASONS = {"image_unreadable", "image_unsupported", "limit_exceeded"}


def read_all(cli, odds: Sequence[Odd]) -> dict[str, np.ndarray | str]:
    """By name: the pixels that the program reads, or the code of its error."""
    for folder in ("in", "out", "back"):
        cli.path(folder).mkdir(exist_ok=True)
    for odd in odds:
        cli.path(f"in/{odd.name}.in").write_bytes(odd.data)
    inputs = [f"in/{odd.name}.in" for odd in odds]
    packed = cli("compress", "--convert", "--strip", "--lossless", "--force", "-o", "out/", *inputs, code=None)
    assert packed.code in (0, 1, 3), packed
    result: dict[str, np.ndarray | str] = {}
    for line in packed.err.splitlines():
        found = re.fullmatch(r"vaerans: error\[(\w+)\]: in/(.+)\.in: .+", line)
        assert found and found[1] in REASONS, line
        result[found[2]] = found[1]
    files = [f"out/{odd.name}.vrs" for odd in odds if odd.name not in result]
    cli("decompress", "--force", "--format", "ppm", "-o", "back/", *files)
    for odd in odds:
        if odd.name not in result:
            result[odd.name] = np.asarray(Image.open(cli.path(f"back/{odd.name}.ppm")))
    return result


def distance(pixels: np.ndarray, right: np.ndarray | None) -> float:
    if right is None or right.shape != pixels.shape:
        return np.inf
    return np.abs(pixels.astype(int) - right).max()


def is_right(odd: Odd, pixels: np.ndarray | str) -> bool:
    if isinstance(pixels, str) or odd.tolerance == 255:
        return True
    right = odd.right if odd.right is not None else odd_pictures.reference(odd.data)
    if distance(pixels, right) <= odd.tolerance:
        return True
    # A broken byte of a name or a number that changes no pixel may be forgiven. Neither GIF nor AVIF have checksums:
    # other pixels can be what their bytes say, and Pillow's decoders give up in other places.
    if odd.whole and distance(pixels, odd_pictures.reference(odd.whole)) <= odd.tolerance:
        return True
    return bool(odd.whole) and right is None and odd.name.endswith((".gif", ".avif")) and "-flip" in odd.name


def check(cli, odds: Sequence[Odd], runs: int) -> None:
    first = read_all(cli, odds)
    wrong = [odd.name for odd in odds if not is_right(odd, first[odd.name])]
    assert not wrong
    for _ in range(runs - 1):
        again = read_all(cli, odds)
        differ = [name for name in first if not np.array_equal(first[name], again[name])]
        assert not differ


def test_there_are_many():
    assert len(ALL) >= 500
    assert len({odd.name for odd in ALL}) == len(ALL)


def test_some(cli):
    check(cli, SOME, 2)


@pytest.mark.long
@pytest.mark.parametrize("part", range(8))
def test_all(cli, part):
    check(cli, ALL[part::8], 20)


# Kinds that must be read, not refused: the long list above would pass if everything were refused.
READ_NAMES = """
    png-16-3-1-swapped.png png-8-4-0-srgb.png png-P4.png xmp-6.png late-exif-5.png late-xmp-8.png
    jpeg-1-420-swapped.jpeg jpeg-L.jpeg
    jpeg-trailer.jpeg tiff-u16-tiles-be-big.tiff tiff-rgba16-strips-le-classic.tiff tiff-overviews.tiff
    tiff-assocalpha-8.tiff tiff-assocalpha-16.tiff tiff-miniswhite-16.tiff tiff-LAB-None.tiff tiff-group4.tiff
    jp2-RGB-1.jp2 jp2-RGB-0.j2k jp2-LA-0.jp2 jp2-grey16.jp2 webp-RGBA-0.webp avif-RGBA-60.avif gif-clear.gif
    bmp-1.bmp bmp-L.bmp bmp-P.bmp bmp-RGBA.bmp bmp-24-12-1.bmp bmp-24-124-0.bmp bmp-16.bmp bmp-masks-16-f800-0-40.bmp
    bmp-masks-32-ff-ff000000-124.bmp bmp-palette-1.bmp bmp-palette-4.bmp bmp-runs-4.bmp bmp-runs-8.bmp tga-P-0-1.tga
    tga-LA-1-0.tga tga-RGBA-1-1.tga tga-leftwards.tga tga-16.tga tga-palette-24.tga ico-png-RGBA.ico ico-bmp-RGBA.ico
    ico-256.ico ico-mask.ico cursor.cur gamma-56-uint8-3.png gamma-100-uint16-3.png gamma-100-uint8-1.png
    gamma-srgb.png
    moving.png moving.webp moving.gif pnm-6-1.ppm pnm-3-1023.ppm pnm-1-dense.pbm pnm-4.pbm
"""
READ = READ_NAMES.split()


def test_these_are_read(cli):
    odds = [odd for odd in ALL if odd.name in READ]
    assert len(odds) == len(READ)
    result = read_all(cli, odds)
    assert [name for name, pixels in result.items() if isinstance(pixels, str)] == []
    assert [odd.name for odd in odds if not is_right(odd, result[odd.name])] == []


NAMES = "png apng jpg jpeg gif tif tiff webp jp2 j2k avif heic jxl ppm pgm pbm pnm pam bmp dib tga ico cur hdr exr"


def pictures_of_packages() -> list[Odd]:
    """Whatever pictures the installed packages, those of Python and those of the system, have with them."""
    import PIL

    suffixes = {f".{name}" for name in NAMES.split()}
    different: dict[bytes, str] = {}
    for root in (Path(PIL.__file__).parents[1], Path("/usr/share"), Path("/usr/lib")):
        for path in sorted(path for path in root.rglob("*") if path.suffix.lower() in suffixes and path.is_file()):
            different.setdefault(path.read_bytes(), path.suffix.lower())
    return [Odd(f"{number}{suffix}", data) for number, (data, suffix) in enumerate(different.items()) if data]


@pytest.mark.long
def test_pictures_of_installed_packages(cli):
    odds = pictures_of_packages()
    assert len(odds) > 20
    for first in range(0, len(odds), 50):  # so many in one call of the program, which has two minutes
        check(cli, odds[first : first + 50], 2)
