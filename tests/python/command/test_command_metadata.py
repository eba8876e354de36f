"""What pictures that `decompress` of the package writes say beside their pixels: the program's files and words."""

import json
import struct
import subprocess
import sys

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from vaerans_ecs.cli.run import main

from .both_commands import PROGRAM, ROOT, answers

sys.path.append(str(ROOT / "tests/cli/pictures"))

from odd_pictures import profile

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")

PACKET = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>a sea gull, schön</x:xmpmeta>".encode()
LABELS = {"icc": "ICC profile", "exif": "EXIF", "xmp": "XMP"}
HELD = {"png": "icc exif xmp", "tif": "icc exif xmp", "webp": "icc exif xmp", "jpg": "icc exif xmp"} | {
    "ppm": "",
    "npy": "",
}


@pytest.fixture
def said(tmp_path, monkeypatch, img):
    """p.vrs with all three kinds; what they are."""
    monkeypatch.chdir(tmp_path)
    tags = Image.Exif()
    tags[0x010F], tags[0x0112] = "A maker of cameras", 1
    tags.get_ifd(0x8769)[0x9003] = "2026:11:29 12:00:00"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    said = {"icc": profile, "exif": tags.tobytes()[6:], "xmp": PACKET}
    v.save("p.vrs", img, lossless=True, **said)
    return said


def read_back(name: str) -> tuple[bytes, str, str, bytes]:
    """Profile, maker, time and packet of a picture file."""
    image = Image.open(name)
    packet = image.info.get("xmp") or b""
    tags = image.getexif()
    return image.info.get("icc_profile", b""), tags.get(0x010F), tags.get_ifd(0x8769).get(0x9003), packet.rstrip(b"\0")


@pytest.mark.parametrize("suffix", HELD)
def test_it_comes_back_or_is_said_not_to(said, capsys, suffix):
    theirs, ours = answers(["decompress", "p.vrs", "-f", "-o", f"q.{suffix}", "--json"], capsys)
    assert (ours.code, json.loads(ours.out)) == (theirs.code, json.loads(theirs.out))
    kept = [LABELS[kind] for kind in HELD[suffix].split()]
    dropped = [label for label in LABELS.values() if label not in kept]
    assert (json.loads(ours.out).get("kept", []), json.loads(ours.out).get("dropped", [])) == (kept, dropped)
    if kept:
        assert read_back(f"q.{suffix}") == (said["icc"], "A maker of cameras", "2026:11:29 12:00:00", PACKET)
    theirs, ours = answers(["decompress", "p.vrs", "-f", "-o", f"q.{suffix}"], capsys)
    assert ours.out == theirs.out


@pytest.mark.parametrize("suffix", ["png", "ppm"])
def test_of_parts_too(said, capsys, suffix):
    words = ["decompress", "p.vrs", "-f", "-o", f"q.{suffix}", "--region", "1,2,5,4"]
    for more in ([], ["--strip"]):
        theirs, ours = answers([*words, *more], capsys)
        assert ours == theirs
    theirs, ours = answers([*words, "--json"], capsys)
    assert json.loads(ours.out) == json.loads(theirs.out)


def test_what_is_missing_of_a_damaged_file_is_told_in_the_programs_words(said, tmp_path, capsys):
    noise = np.random.default_rng(1).integers(0, 256, (900, 900, 3), np.uint8)
    data = bytearray(v.compress(noise, lossless=True))
    data[len(data) // 3] ^= 1
    (tmp_path / "d.vrs").write_bytes(data)
    words = ["decompress", "d.vrs", "-f", "-o", "q.png", "--allow-partial"]
    for more in ([], ["--quiet"]):
        theirs, ours = answers([*words, *more], capsys)
        assert ours == theirs and "missing" in ours.out + ours.err
    theirs, ours = answers([*words, "--json"], capsys)
    assert json.loads(ours.out) == json.loads(theirs.out) and json.loads(ours.out)["missing"]


def test_what_does_not_fit_into_a_jpeg_is_left_out(said, img, capsys):
    v.save("l.vrs", img, lossless=True, xmp=b"x" * 70000)
    theirs, ours = answers(["decompress", "l.vrs", "-f", "-o", "q.jpg"], capsys)
    assert "without XMP, which .jpg does not hold" in ours.out and (ours.code, ours.out) == (0, theirs.out)


def test_fields_that_lay_out_a_file_never_reach_a_tiff(said, img):
    tags = Image.Exif()
    tags[0x010F], tags[0x0100], tags[0x0101], tags[0x0103], tags[0x0111] = "A maker", 5, 7, 5, 8
    v.save("h.vrs", img, lossless=True, exif=tags.tobytes()[6:])
    assert main(["decompress", "h.vrs", "-o", "h.tif"]) == 0
    np.testing.assert_array_equal(np.asarray(Image.open("h.tif")), img)
    assert Image.open("h.tif").getexif()[0x010F] == "A maker"


def camera_exif(order: str, orientation: int) -> bytes:
    """As of a camera: a maker note at its place, and a second directory with a thumbnail behind it."""
    note, thumbnail = b"a note that names places in this file" + bytes(11), b"\xff\xd8 a thumbnail \xff\xd9"
    first, camera = 8, 8 + 2 + 2 * 12 + 4
    note_at = camera + 2 + 12 + 4
    second = note_at + len(note)
    thumbnail_at = second + 2 + 2 * 12 + 4
    block = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", first)
    block += struct.pack(order + "H HHIHxx HHII I", 2, 0x0112, 3, 1, orientation, 0x8769, 4, 1, camera, second)
    block += struct.pack(order + "H HHII I", 1, 0x927C, 7, len(note), note_at, 0) + note
    thumb = (0x0201, 4, 1, thumbnail_at, 0x0202, 4, 1, len(thumbnail))
    return block + struct.pack(order + "H HHII HHII I", 2, *thumb, 0) + thumbnail


PACKET_OF = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><d tiff:Make='M' tiff:Orientation={0}{1}{0}/></x:xmpmeta>"


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("orientation", [2, 6])
def test_of_turned_pictures_the_orientation_alone_changes(tmp_path, monkeypatch, img, order, orientation, capsys):
    monkeypatch.chdir(tmp_path)
    exif, packet = camera_exif(order, orientation), PACKET_OF.format('"', orientation).encode()
    Image.fromarray(img).save("p.jpg", exif=b"Exif\0\0" + exif, xmp=packet)
    theirs, ours = answers(["compress", "p.jpg", "-o", "p.vrs", "-f", "--lossless"], capsys)
    assert ours == theirs and ours.code == 0
    made = v.file_metadata("p.vrs")
    assert made.exif == camera_exif(order, 1) and made.xmp == PACKET_OF.format('"', 1).encode()
    turned = {2: img[:, ::-1], 6: np.rot90(img, -1)}[orientation]
    assert v.decompress("p.vrs").shape == turned.shape


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_an_orientation_of_xmp_alone_becomes_1(tmp_path, monkeypatch, img, suffix, quote, capsys):
    monkeypatch.chdir(tmp_path)
    packet, more = PACKET_OF.format(quote, 6), {}
    if suffix == "png":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", packet)
    else:
        more = {"tiffinfo": {700: packet.encode()}} if suffix == "tif" else {"xmp": packet.encode(), "lossless": True}
    Image.fromarray(img).save(f"p.{suffix}", **more)
    theirs, ours = answers(["compress", f"p.{suffix}", "-o", "p.vrs", "-f", "--lossless"], capsys)
    assert ours == theirs and v.file_metadata("p.vrs").xmp == PACKET_OF.format(quote, 1).encode()
    upright = img if suffix == "tif" else np.rot90(img, -1)  # a TIFF has a field of its own
    np.testing.assert_array_equal(v.decompress("p.vrs"), upright)


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.tif", "p.webp", "grey.png", "palette.png", "clear.png"])
def test_what_is_converted_keeps_its_colours_and_what_is_said(said, img, name):
    """By grey, which becomes RGB, no profile of RGB is kept."""
    image = Image.fromarray(img)
    kinds = {"grey.png": image.convert("L"), "palette.png": image.quantize(9), "clear.png": image.convert("RGBA")}
    image = kinds.get(name, image)
    if name == "clear.png":
        image.putalpha(77)
    more = {"lossless": True} if name == "p.webp" else {"quality": 100, "subsampling": 0} if name == "p.jpg" else {}
    image.save(name, icc_profile=profile("swapped"), exif=b"Exif\0\0" + said["exif"], **more)
    words = ["compress", name, "-f", "--lossless", "--convert", "-o"]
    subprocess.run([PROGRAM, *words, "theirs.vrs"], check=True, capture_output=True)
    assert main([*words, "ours.vrs"]) == 0
    theirs, ours = v.file_metadata("theirs.vrs"), v.file_metadata("ours.vrs")
    assert ours.icc == theirs.icc and bool(ours.icc) == (name != "grey.png")
    assert ours.exif and (ours.exif == theirs.exif or name == "p.tif")  # whose fields are written anew
    off = v.decompress("ours.vrs").astype(int) - v.decompress("theirs.vrs")
    assert np.abs(off).max() <= (1 if name == "clear.png" else 0)
