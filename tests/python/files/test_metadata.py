"""ICC, EXIF and XMP: kept byte by byte from picture to .vrs file and back, in Python and by the command line."""

from __future__ import annotations

import functools
import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests"))

from reference_decoder.container import read_container, unpacked  # noqa: E402

CLI = Path(os.environ.get("VAERANS_CLI", ROOT / "build" / "release" / "bin" / "vaerans"))
PICTURES = sorted((ROOT / "examples" / "pictures").glob("*.png"))
XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>"""


@functools.cache  # LittleCMS notes the second in which it was made
def profile() -> bytes:
    """sRGB's, made by LittleCMS, with other primaries: a profile that would move colours."""
    icc = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = icc.index(b"rXYZ", 128), icc.index(b"gXYZ", 128)  # their entries in the list of tags
    icc[red + 4 : red + 8], icc[green + 4 : green + 8] = icc[green + 4 : green + 8], icc[red + 4 : red + 8]
    return bytes(icc)


def exif(orientation: int | None = None) -> bytes:
    tags = Image.Exif()
    tags[0x010F] = "A maker of cameras"
    if orientation:
        tags[0x0112] = orientation
    return tags.tobytes()[6:]  # from the TIFF header on


def save(pixels: np.ndarray, path: Path, orientation: int = 1) -> dict[str, bytes]:
    """Writes a picture with all three kinds, and returns them."""
    said = {"icc": profile(), "exif": exif(orientation), "xmp": XMP % orientation}
    options = {"icc_profile": said["icc"], "exif": b"Exif\0\0" + said["exif"]}
    if path.suffix == ".png":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", said["xmp"].decode())
    else:
        options["xmp"] = said["xmp"]
    if path.suffix == ".webp":
        options["lossless"] = True
    Image.fromarray(pixels).save(path, **options)
    return said


def said_by(path: Path) -> dict[str, bytes]:
    """What a picture file says, by Pillow."""
    image = Image.open(path)
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(found, str):
        found = found.encode()
    tags = image.info.get("exif", b"")
    return {"icc": image.info.get("icc_profile", b""), "exif": tags.removeprefix(b"Exif\0\0"), "xmp": found}


def said_in(data: bytes) -> dict[str, bytes]:
    found = v.file_metadata(data)
    return {"icc": found.icc, "exif": found.exif, "xmp": found.xmp}


def vaerans(*arguments: object, code: int = 0) -> str:
    run = subprocess.run([CLI, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert run.returncode == code, run.stderr
    return run.stdout + run.stderr


@pytest.fixture
def pixels() -> np.ndarray:
    rows, columns = np.mgrid[0:40, 0:56]
    return np.stack([rows * 5, columns * 4, rows + columns], -1).astype(np.uint8)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_picture_file_round_trip(tmp_path, pixels, suffix):
    source, kept = tmp_path / f"source.{suffix}", tmp_path / "kept.vrs"
    said = save(pixels, source)
    stored = np.asarray(Image.open(source).convert("RGB"))
    vaerans("compress", source, "--lossless", "-o", kept)
    assert said_in(kept.read_bytes()) == said
    for back in ("png", "jpg", "webp"):
        target = tmp_path / f"back.{back}"
        vaerans("decompress", kept, "-o", target)
        assert said_by(target) == said
        if back != "jpg":
            np.testing.assert_array_equal(np.asarray(Image.open(target).convert("RGB")), stored)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_the_shipped_pictures(tmp_path, picture):
    source, kept, target = tmp_path / "source.png", tmp_path / "kept.vrs", tmp_path / "back.png"
    said = save(np.asarray(Image.open(picture).convert("RGB")), source)
    vaerans("compress", source, "--mode", "wavelet", "-o", kept)
    vaerans("decompress", kept, "-o", target)
    assert said_by(target) == said
    info = v.file_info(kept.read_bytes())
    assert [chunk.name for chunk in info.chunks] == ["header", "icc", "base", "exif", "xmp"]
    assert sum(chunk.bytes for chunk in info.chunks) == kept.stat().st_size == sum(p.bytes for p in info.parts)


def test_tiff_holds_exif_as_other_programs_read_it(tmp_path, pixels):
    source, kept, target = tmp_path / "source.png", tmp_path / "kept.vrs", tmp_path / "back.tif"
    tags = Image.Exif()
    tags[0x010F], tags[0x0110] = "A maker of cameras", "One of a model"
    tags.get_ifd(0x8769)[0x829A] = IFDRational(1, 125)
    tags.get_ifd(0x8769)[0x9003] = "2026:11:27 12:00:00"
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.5)})
    Image.fromarray(pixels).save(source, icc_profile=profile(), exif=tags)
    vaerans("compress", source, "--lossless", "-o", kept)
    assert "without" not in vaerans("decompress", kept, "-o", target)
    with Image.open(target) as back:
        read = back.getexif()
        assert (read[0x010F], read[0x0110]) == ("A maker of cameras", "One of a model")
        assert float(read.get_ifd(0x8769)[0x829A]) == 1 / 125
        assert read.get_ifd(0x8769)[0x9003] == "2026:11:27 12:00:00"
        assert read.get_ifd(0x8825)[1] == "N" and tuple(map(float, read.get_ifd(0x8825)[2])) == (52.0, 31.0, 12.5)
        assert back.info["icc_profile"] == profile()
        np.testing.assert_array_equal(np.asarray(back), pixels)


def fields_of(exif: bytes) -> dict[int, object]:
    read = Image.Exif()
    read.load(exif)
    out: dict[int, object] = {tag: str(value) for tag, value in read.items() if tag not in (0x8769, 0x8825)}
    for tag in (0x8769, 0x8825):
        out[tag] = {key: str(value) for key, value in read.get_ifd(tag).items()}
    return out


def test_exif_inside_a_tiff(tmp_path, pixels):
    """By the command line and in Python alike: the fields about the picture, not those about the file."""
    photo, source, kept = tmp_path / "photo.png", tmp_path / "source.tif", tmp_path / "kept.vrs"
    tags = Image.Exif()
    tags[0x010F], tags[0x8298] = "A maker of cameras", "Nobody, 2026"
    tags.get_ifd(0x8769)[0x829A] = IFDRational(1, 125)
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.5)})
    Image.fromarray(pixels).save(photo, exif=tags)
    vaerans("compress", photo, "--lossless", "-o", tmp_path / "photo.vrs")
    vaerans("decompress", tmp_path / "photo.vrs", "-o", source)
    vaerans("compress", source, "--lossless", "-o", kept)
    expected = fields_of(tags.tobytes())
    assert expected[0x8769] and expected[0x8825]
    by_command, in_python = said_in(kept.read_bytes()), said_in(v.compress(source, lossless=True))
    assert fields_of(by_command["exif"]) == expected
    assert fields_of(in_python["exif"]) == expected
    assert said_in(v.compress(source, lossless=True, strip=True))["exif"] == b""


def test_a_tiff_that_says_nothing_makes_no_exif(tmp_path, pixels):
    source, kept = tmp_path / "source.tif", tmp_path / "kept.vrs"
    Image.fromarray(pixels).save(source)
    vaerans("compress", source, "--lossless", "-o", kept)
    assert said_in(kept.read_bytes())["exif"] == said_in(v.compress(source, lossless=True))["exif"] == b""


def bitmap(pixels: np.ndarray, icc: bytes, space: bytes = b"DEBM", size: int | None = None) -> bytes:
    """A BMP of version 5 with an embedded profile (or a name in its place) behind its pixels."""
    rows = [row.tobytes() + bytes(-len(row.tobytes()) % 4) for row in pixels[::-1, :, ::-1]]
    raster = b"".join(rows)
    height, width = pixels.shape[:2]
    head = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(raster), 0, 0, 0, 0) + bytes(16) + space
    head += bytes(36 + 12) + struct.pack("<IIII", 4, 124 + len(raster), len(icc) if size is None else size, 0)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(raster), 0, 0, 14 + len(head)) + head + raster + icc


def test_the_profile_of_a_bmp(tmp_path, pixels):
    source, kept = tmp_path / "source.bmp", tmp_path / "kept.vrs"
    source.write_bytes(bitmap(pixels, profile()))
    vaerans("compress", source, "--lossless", "-o", kept)
    assert said_in(kept.read_bytes()) == {"icc": profile(), "exif": b"", "xmp": b""}
    np.testing.assert_array_equal(v.decompress(kept), pixels)
    source.write_bytes(bitmap(pixels, b"C:\\profile.icc\0", b"KNIL"))
    assert "profile is in another file" in vaerans("compress", source, "-o", kept, "-f", code=3)
    source.write_bytes(bitmap(pixels, profile(), size=1 << 30))
    assert "a profile of 1073741824 bytes" in vaerans("compress", source, "-o", kept, "-f", code=3)
    source.write_bytes(bitmap(pixels, profile()[:-1], size=len(profile())))
    assert "damaged or cut short" in vaerans("compress", source, "-o", kept, "-f", code=3)


@pytest.mark.parametrize("suffix", ["jxl", "ppm"])
def test_what_a_format_cannot_hold_is_said(tmp_path, pixels, suffix):
    source, kept, target = tmp_path / "source.png", tmp_path / "kept.vrs", tmp_path / f"back.{suffix}"
    save(pixels, source)
    vaerans("compress", source, "--lossless", "-o", kept)
    text = vaerans("decompress", kept, "-o", target)
    dropped = {"jxl": "EXIF, XMP", "ppm": "ICC profile, EXIF, XMP"}[suffix]
    assert f"without {dropped}, which .{suffix} does not hold" in text
    assert "without" not in vaerans("decompress", kept, "-o", target, "--force", "--strip")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_the_orientation_is_applied_and_then_1(tmp_path, pixels, suffix):
    source, kept = tmp_path / f"source.{suffix}", tmp_path / "kept.vrs"
    save(pixels, source, orientation=6)
    vaerans("compress", source, "--lossless", "-o", kept)
    assert said_in(kept.read_bytes()) == {"icc": profile(), "exif": exif(1), "xmp": XMP % 1}
    upright = np.asarray(Image.open(source).convert("RGB")).transpose(1, 0, 2)[:, ::-1]
    np.testing.assert_array_equal(v.decompress(kept), upright)


def test_strip_makes_srgb_of_the_colours(tmp_path, pixels):
    source, kept = tmp_path / "source.png", tmp_path / "kept.vrs"
    save(pixels, source)
    vaerans("compress", source, "--lossless", "--strip", "-o", kept)
    assert said_in(kept.read_bytes()) == {"icc": b"", "exif": b"", "xmp": b""}
    assert not np.array_equal(v.decompress(kept), pixels), "converted by the profile"


def test_metadata_count_for_the_size(tmp_path, pixels):
    source, kept = tmp_path / "source.png", tmp_path / "kept.vrs"
    save(pixels, source)
    vaerans("compress", source, "--mode", "wavelet", "--target-size", "1200", "-o", kept)
    assert kept.stat().st_size <= 1200 and len(said_in(kept.read_bytes())["icc"]) > 0
    text = vaerans("compress", source, "--mode", "wavelet", "--target-size", "300", "-o", kept, "--force", code=2)
    assert "ICC, EXIF and XMP alone take" in text


def test_python_gives_and_takes_them(pixels):
    icc, tags, xmp = profile(), exif(3), XMP % 1
    data = v.compress(pixels, mode="wavelet", icc=icc, exif=tags, xmp=xmp)
    assert said_in(data) == {"icc": icc, "exif": tags, "xmp": xmp}
    plain = v.compress(pixels, mode="wavelet")
    assert v.strip(data) == plain and v.file_metadata(plain).icc == b""
    assert said_in(v.compress(pixels, mode="wavelet", exif=b"Exif\0\0" + tags))["exif"] == tags
    assert v.with_metadata(plain, icc=icc, exif=tags, xmp=xmp) == data


def test_python_keeps_those_of_pillow_images(tmp_path, pixels):
    for suffix in ("png", "jpg", "webp"):
        path = tmp_path / f"source.{suffix}"
        said = save(pixels, path)
        assert said_in(v.compress(path, mode="wavelet")) == said
        assert said_in(v.compress(Image.open(path), mode="wavelet")) == said
        assert said_in(v.compress(path, mode="wavelet", strip=True)) == {"icc": b"", "exif": b"", "xmp": b""}


def test_pillow_reads_and_writes_them(tmp_path, pixels):
    import vaerans_ecs.pillow  # noqa: F401

    said = save(pixels, tmp_path / "source.png")
    Image.open(tmp_path / "source.png").save(tmp_path / "kept.vrs", mode="wavelet")
    opened = Image.open(tmp_path / "kept.vrs")
    assert opened.info["icc_profile"] == said["icc"] and opened.info["xmp"] == said["xmp"]
    assert opened.getexif()[0x010F] == "A maker of cameras"
    opened.save(tmp_path / "again.png")
    assert Image.open(tmp_path / "again.png").info["icc_profile"] == said["icc"]


def test_a_later_packing_costs_no_picture(pixels):
    """Method 2 is unknown today: the pixels are there, the profile is not."""
    plain = v.compress(pixels, mode="wavelet")
    data = bytearray(v.with_metadata(plain, icc=bytes(range(32))))
    chunk = next(c for c in v.file_info(bytes(data)).chunks if c.name == "icc")
    base = v.file_info(bytes(data)).chunks[0].bytes
    data[chunk.offset + 2] = 2
    end = chunk.offset + chunk.bytes - 4
    data[end : end + 4] = zlib.crc32(bytes(data[:base] + data[chunk.offset : end])).to_bytes(4, "little")
    assert v.file_metadata(bytes(data)).icc == b""
    np.testing.assert_array_equal(v.decompress(bytes(data)), v.decompress(plain))


def test_the_reference_decoder_reads_them(pixels):
    said = {"icc": profile(), "exif": b"II*\0" + bytes(range(40)), "xmp": XMP % 1}
    file = read_container(v.compress(pixels, mode="wavelet", **said))
    assert [unpacked(chunk) for chunk in file.others] == [said["icc"], said["exif"], said["xmp"]]


def test_no_more_than_one_for_each_picture(pixels):
    with pytest.raises(v.BadParameter, match="one picture"):
        v.compress([pixels, pixels], mode="wavelet", icc=profile())


def test_open_files_are_read_once(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", icc_profile=profile())
    out.seek(0)
    assert said_in(v.compress(out, mode="wavelet"))["icc"] == profile()
