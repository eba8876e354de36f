"""Which pictures `compress` and `eval` of the package take, refuse and convert: as the program does."""

import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image, ImageCms

from .both_commands import PROGRAM, ROOT, answers

sys.path.append(str(ROOT / "tests/cli/pictures"))

from odd_pictures import chunk, png, profile

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")


@pytest.fixture
def pictures(tmp_path, monkeypatch, img):
    """grey.png, la.png, deep.png, bits.png, opaque.png, two.tif and two.gif (whose first picture is img), cmyk.tif."""
    monkeypatch.chdir(tmp_path)
    first, grey = Image.fromarray(img), Image.fromarray(img[..., 0])
    grey.save("grey.png")
    grey.convert("LA").save("la.png")
    Image.fromarray(img[..., 0].astype(np.uint16) * 257).save("deep.png")
    grey.convert("1").save("bits.png")
    first.convert("RGBA").save("opaque.png")
    for name in ("two.tif", "two.gif"):
        first.save(name, save_all=True, append_images=[Image.fromarray(255 - img)])
    first.convert("CMYK").save("cmyk.tif")
    first.save("img.png")
    return tmp_path


@pytest.mark.parametrize("name", ["grey.png", "la.png", "deep.png", "bits.png"])
@pytest.mark.parametrize("words", ["--mode model", "-m photo-f8c4", "--residual-step 2", "-q 50 --lossless"])
def test_grey_is_refused_where_a_model_or_a_residual_is_named(pictures, capsys, name, words):
    theirs, ours = answers(["compress", name, "-o", "a.vrs", *words.split()], capsys)
    assert ours == theirs and ours.code == 3
    assert f"error[image_unsupported]: {name}: a " in ours.err and "`vaerans compress --convert`" in ours.err
    assert not (pictures / "a.vrs").exists()


@pytest.mark.parametrize("name", ["grey.png", "la.png", "deep.png", "bits.png", "opaque.png", "two.tif"])
def test_what_is_converted_is_the_programs_picture(pictures, capsys, name):
    words = ["compress", name, "-o", "a.vrs", "--force", "--mode", "model", "--convert"]
    theirs, ours = answers(words, capsys)
    assert ours == theirs and ours.code == 0, "the same bytes per pixel, too"
    assert v.file_info("a.vrs").source_shape == (64, 96, 3)


def test_opaque_alpha_is_kept_as_by_the_program(pictures, capsys):
    theirs, ours = answers(["compress", "opaque.png", "-o", "a.vrs", "--force", "--mode", "model"], capsys)
    assert ours == theirs and v.file_info("a.vrs").has_alpha


def test_the_first_of_several_pages_is_taken_if_asked(pictures, img, capsys):
    for words in (["compress", "two.tif", "-o", "a.vrs", "--lossless"], ["compress", "two.gif", "-o", "a.vrs"]):
        theirs, ours = answers(words, capsys)
        assert ours == theirs and "2 pages or frames; vaerans takes one picture. " in ours.err and ours.code == 3
    theirs, ours = answers(["compress", "two.tif", "-o", "a.vrs", "--lossless", "--convert", "-f"], capsys)
    assert ours == theirs
    np.testing.assert_array_equal(v.decompress((pictures / "a.vrs").read_bytes()), img)


def test_pages_are_compared_if_asked(pictures, capsys):
    for words in (["img.png", "two.tif"], ["two.tif", "img.png"]):
        theirs, ours = answers(["eval", *words, "--convert"], capsys)
        assert ours == theirs and "PSNR inf dB" in ours.out
        theirs, ours = answers(["eval", *words], capsys)
        assert ours == theirs and ours.code == 3
        assert ours.err.startswith("vaerans: error[image_unsupported]: two.tif: 2 pages or frames")


def test_inks_are_taken_only_if_asked(pictures, img, psnr, capsys):
    for words in (
        ["compress", "cmyk.tif", "-o", "a.vrs"],
        ["eval", "img.png", "cmyk.tif"],
        ["eval", "cmyk.tif", "img.png"],
    ):
        _, ours = answers([*words, *["-f"] * (words[0] == "compress")], capsys)
        text = "cmyk.tif: a picture in CMYK; vaerans takes grey and RGB. Convert it: --convert of the command does"
        assert ours.code == 3 and ours.err.startswith(f"vaerans: error[image_unsupported]: {text}")
    _, ours = answers(["compress", "cmyk.tif", "-o", "a.vrs", "-f", "--lossless", "--convert"], capsys)
    assert ours.code == 0 and psnr(v.decompress((pictures / "a.vrs").read_bytes()), img) > 40


@pytest.mark.parametrize("name", ["a.tif", "a.bmp", "a.png", "a.gif", "a.tga"])
@pytest.mark.parametrize("greys", [2, 9, 60])
def test_palettes_of_greys_are_what_the_program_makes_of_them(tmp_path, monkeypatch, capsys, name, greys):
    monkeypatch.chdir(tmp_path)
    numbers = np.random.default_rng(greys).integers(0, greys, (37, 53), np.uint8)
    values = np.random.default_rng(1).permutation(256)[:greys].astype(np.uint8)
    image = Image.fromarray(numbers)
    image.putpalette(np.repeat(values, 3).tobytes())
    image.save(name, **{"icc_profile": profile("swapped")} if name == "a.tif" else {})
    for words in (["--lossless"], ["--lossless", "--strip"], ["-q", "50"]):
        theirs, ours = answers(["compress", name, "-o", "a.vrs", "-f", *words], capsys)
        assert ours == theirs and v.file_info("a.vrs").source_shape[2] == (1 if name in ("a.tif", "a.bmp") else 3)
    answers(["compress", name, "-o", "a.vrs", "-f", "--lossless"], capsys)
    decoded = v.decompress("a.vrs")
    np.testing.assert_array_equal(decoded if decoded.ndim == 2 else decoded[..., 0], values[numbers])


def test_a_palette_with_one_colour_is_none_of_greys(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    image = Image.fromarray(np.zeros((9, 8), np.uint8))
    image.putpalette([5, 5, 5, 1, 2, 3])
    for name in ("a.tif", "a.bmp"):
        image.save(name)
        theirs, ours = answers(["compress", name, "-o", "a.vrs", "-f", "--lossless"], capsys)
        assert ours == theirs and v.file_info("a.vrs").source_shape == (9, 8, 3)


@pytest.mark.parametrize(
    ("channels", "space", "more", "deep"),
    [
        (4, "rgb", ["unspecified"], False),
        (4, "rgb", ["unspecified"], True),
        (5, "rgb", ["unassalpha", "unspecified"], False),
        (2, "minisblack", ["unspecified"], False),
    ],
)
def test_channels_of_a_tiff_that_nobody_knows_are_refused(tmp_path, monkeypatch, capsys, channels, space, more, deep):
    tifffile = pytest.importorskip("tifffile")
    monkeypatch.chdir(tmp_path)
    samples = np.random.default_rng(channels).integers(0, 256, (13, 21, channels), np.uint8)
    samples = samples.astype(np.uint16) * 257 if deep else samples
    tifffile.imwrite("a.tif", samples, photometric=space, extrasamples=more, planarconfig="contig")
    for words in ([], ["--convert"], ["--lossless"]):
        theirs, ours = answers(["compress", "a.tif", "-o", "a.vrs", *words], capsys)
        assert ours == theirs and ours.code == 3
    text = f"a TIFF picture with channels of unknown meaning ({channels} in all)"
    assert ours.err == f"vaerans: error[image_unsupported]: a.tif: {text}\n"
    with pytest.raises(v.ImageUnsupported, match="channels of unknown meaning"):
        v.compress(Image.open("a.tif"), lossless=True)


def test_grey_multiplied_by_alpha_is_converted(tmp_path, monkeypatch, capsys):
    tifffile = pytest.importorskip("tifffile")
    monkeypatch.chdir(tmp_path)
    samples = np.full((13, 21, 2), (60, 100), np.uint8)
    tifffile.imwrite("a.tif", samples, photometric="minisblack", extrasamples=["assocalpha"], planarconfig="contig")
    _, ours = answers(["compress", "a.tif", "-o", "a.vrs", "-f", "--convert", "--lossless"], capsys)
    white = 60 + 255 - 100
    assert ours.code == 0 and abs(v.decompress("a.vrs").astype(int) - white).max() <= 1


def test_the_limit_of_pixels_is_the_programs_not_pillows(pictures, monkeypatch, capsys):
    words = ["compress", "img.png", "-o", "a.vrs", "-f"]
    for more in ([], ["--convert"], ["--strip", "--lossless"]):
        theirs, ours = answers([*words, *more, "--max-pixels", "6000"], capsys)
        assert ours == theirs and ours.code == 3
        assert "[limit_exceeded]: img.png: 96 x 64 pixels; the limit is 6000 pixels and 262144 per side" in ours.err
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for name in ("img.png", "deep.png", "opaque.png"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            theirs, ours = answers(["compress", name, "-o", "a.vrs", "-f", "--max-pixels", "6144"], capsys)
        assert ours == theirs and ours.code == 0
    assert Image.MAX_IMAGE_PIXELS == 100


def test_what_a_header_claims_is_refused_before_it_is_decoded(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(png(np.zeros((1, 20000, 1), np.uint8)))
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[20:24] = (20000).to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    (tmp_path / "a.png").write_bytes(data)
    theirs, ours = answers(["compress", "a.png", "-o", "a.vrs"], capsys)
    assert ours == theirs and ours.code == 3 and "a.png: 20000 x 20000 pixels; the limit is 268435456" in ours.err


UNFIT = {
    "text": b"not a profile",
    "cut": profile("swapped")[:128] + bytes(40),  # it begins as one of RGB, and holds nothing
    "Lab": ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
}


@pytest.mark.parametrize("kind", UNFIT)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "deep.png"])
def test_a_profile_that_cannot_be_used_costs_no_picture(tmp_path, monkeypatch, capsys, img, kind, name):
    icc = UNFIT[kind]
    monkeypatch.chdir(tmp_path)
    if name == "deep.png":
        samples = img.astype(np.uint16) * 257
        (tmp_path / name).write_bytes(png(samples, chunk(b"iCCP", b"x\0\0" + zlib.compress(icc))))
    else:
        samples = img
        Image.fromarray(img).save(
            name, icc_profile=icc, **{"quality": 100, "subsampling": 0} if name == "a.jpg" else {}
        )
    for words in ([], ["--strip"], ["--convert"]):
        theirs, ours = answers(["compress", name, "-o", "a.vrs", "-f", "--lossless", *words], capsys)
        assert ours.code == 0
        assert ours == theirs or (kind, name) == ("cut", "a.png")  # which libpng leaves out
        right = img if "--convert" in words else samples
        assert np.abs(v.decompress("a.vrs").astype(int) - right).max() <= (8 if name == "a.jpg" else 0)


def pam(channels: int, most: int, kind: str = "", comment: str = "") -> bytes:
    """13 x 5 pixels of a fixed noise."""
    samples = np.random.default_rng(most).integers(0, most + 1, 13 * 5 * channels)
    head = f"P7\n{comment}WIDTH 13\nHEIGHT 5\nDEPTH {channels}\nMAXVAL {most}\n"
    return (
        f"{head}{f'TUPLTYPE {kind}' * bool(kind)}\nENDHDR\n".encode()
        + samples.astype(np.uint8 if most < 256 else ">u2").tobytes()
    )


PAMS = [
    *((channels, most, "", "") for channels in (1, 2, 3, 4) for most in (1, 10, 255, 256, 1000, 65535)),
    (1, 1, "BLACKANDWHITE", ""),
    (2, 255, "GRAYSCALE_ALPHA", "# WIDTH 7 ENDHDR\n"),
    (4, 65535, "RGB_ALPHA", ""),
]


@pytest.mark.parametrize(("channels", "most", "kind", "comment"), PAMS)
def test_pam_is_read_whole(tmp_path, monkeypatch, capsys, channels, most, kind, comment):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pam").write_bytes(pam(channels, most, kind, comment))
    theirs, ours = answers(["compress", "a.pam", "-o", "ours.vrs", "-f", "--lossless"], capsys)
    assert ours == theirs and ours.code == 0
    subprocess.run([PROGRAM, "compress", "a.pam", "-o", "theirs.vrs", "--lossless"], check=True)
    assert (tmp_path / "ours.vrs").read_bytes() == (tmp_path / "theirs.vrs").read_bytes()


@pytest.mark.parametrize(
    "data",
    [
        pam(3, 255)[:-1],
        pam(3, 65535)[:-1],
        pam(3, 255) + pam(3, 255),
        pam(3, 65535) + pam(3, 65535),
        pam(3, 200)[:-1] + b"\xff",
        pam(3, 255, "GRAYSCALE"),
        pam(5, 255),
        pam(3, 255).replace(b"MAXVAL 255", b"MAXVAL 0"),
        pam(3, 255).replace(b"WIDTH 13", b"WIDTH x"),
        pam(3, 255).replace(b"WIDTH 13", b"WIDE 13"),
        pam(3, 255).partition(b"ENDHDR")[0],
        pam(3, 255)[:20],
        b"no picture",
    ],
)
def test_pams_that_are_none_are_refused_in_the_programs_words(tmp_path, monkeypatch, capsys, data):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pam").write_bytes(data)
    for words in ([], ["--convert"]):
        theirs, ours = answers(["compress", "a.pam", "-o", "a.vrs", *words], capsys)
        assert ours == theirs and ours.code == 3
