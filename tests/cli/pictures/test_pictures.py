"""Kinds of pictures: what is converted, what is refused, and what the refusal says."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms


def lossless_pixels(cli, name: str, *options: object) -> np.ndarray:
    """What the program makes of a picture file: --lossless gives back what was read."""
    cli("compress", name, "--lossless", "-o", "kept.vrs", "--force", *options)
    cli("decompress", "kept.vrs", "-o", "kept.png", "--force")
    return np.asarray(Image.open(cli.path("kept.png")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(cli, smooth, orientation):
    # What Pillow's exif_transpose makes of each orientation, by the definition of the tag.
    upright = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: a[::-1].transpose(1, 0, 2),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: a[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    pixels = smooth(24, 40)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for suffix in ("png", "jpg"):
        Image.fromarray(pixels).save(cli.path(f"turned.{suffix}"), exif=exif)
        stored = np.asarray(Image.open(cli.path(f"turned.{suffix}")))
        got = lossless_pixels(cli, f"turned.{suffix}").astype(int)
        # Two JPEG decoders may differ by a little.
        assert np.abs(got - upright(stored)).max() <= (0 if suffix == "png" else 3)


def test_an_srgb_profile_changes_no_pixel(cli, smooth):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(smooth()).save(cli.path("tagged.png"), icc_profile=profile)
    assert np.array_equal(lossless_pixels(cli, "tagged.png"), smooth())


def linear_profile() -> bytes:
    """sRGB's colorants with a linear curve: mid grey becomes much lighter."""
    fixed = lambda *v: struct.pack(f">{len(v)}i", *(round(x * 65536) for x in v))  # noqa: E731
    xyz = lambda *v: b"XYZ \0\0\0\0" + fixed(*v)  # noqa: E731
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    tags = [
        (b"wtpt", xyz(0.9642, 1, 0.8249)),
        (b"rXYZ", xyz(0.4361, 0.2225, 0.0139)),
        (b"gXYZ", xyz(0.3851, 0.7169, 0.0971)),
    ]
    tags += [(b"bXYZ", xyz(0.1431, 0.0606, 0.7141)), (b"rTRC", curve), (b"gTRC", curve), (b"bTRC", curve)]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI12s", at + len(body), b"", 0x02400000, b"mntrRGB XYZ ").ljust(36, b"\0") + b"acsp"
    return head.ljust(68, b"\0") + fixed(0.9642, 1, 0.8249) + bytes(48) + struct.pack(">I", len(tags)) + table + body


def test_other_profiles_are_converted(cli):
    Image.new("RGB", (16, 16), (55, 55, 55)).save(cli.path("linear.png"), icc_profile=linear_profile())
    # 55/255 of linear light is 128/255 in sRGB.
    assert np.abs(lossless_pixels(cli, "linear.png", "--strip").astype(int) - 128).max() <= 1


def test_a_broken_profile_is_ignored(cli, smooth):
    Image.fromarray(smooth()).save(cli.path("broken.png"), icc_profile=b"x" * 200)
    assert np.array_equal(lossless_pixels(cli, "broken.png"), smooth())


def test_cmyk_is_converted(cli):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(cli.path("red.jpg"))
    red, green, blue = lossless_pixels(cli, "red.jpg")[8, 8]
    assert red > 180 and green < 100 and blue < 100


def deep_png(value: int, channels: int) -> bytes:
    """A 16 x 16 PNG of 16-bit samples, which Pillow cannot write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 16, 16, 16, {1: 0, 3: 2}[channels], 0, 0, 0)
    rows = (b"\0" + struct.pack(">H", value) * (16 * channels)) * 16
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


KINDS = {
    "a grey picture": (Image.new("L", (16, 16), 99), 99),
    "a grey picture with alpha": (Image.new("LA", (16, 16), (99, 255)), 99),
    "a 16-bit grey picture": (deep_png(0x6363, 1), 99),
    "a 16-bit colour picture": (deep_png(0x6363, 3), 99),
}


@pytest.mark.parametrize("text", KINDS)
def test_refused_unless_converted(cli, text):
    picture, value = KINDS[text]
    if isinstance(picture, bytes):
        cli.path("odd.png").write_bytes(picture)
    else:
        picture.save(cli.path("odd.png"))
    refused = cli("compress", "odd.png", code=3)
    assert refused.err.startswith(f"vaerans: error[image_unsupported]: odd.png: {text}; ")
    assert "vaerans compress --convert" in refused.err
    assert "odd.vrs" not in cli.files()
    assert np.all(lossless_pixels(cli, "odd.png", "--convert") == value)


def test_alpha_is_laid_over_white(cli):
    Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(cli.path("clear.png"))
    assert np.all(lossless_pixels(cli, "clear.png", "--convert") == 255)


def test_many_frames(cli):
    frames = [Image.new("RGB", (16, 16), (v, 0, 0)) for v in (10, 200)]
    frames[0].save(cli.path("moving.tif"), save_all=True, append_images=frames[1:])
    assert "2 pages or frames" in cli("compress", "moving.tif", code=3).err
    assert np.all(lossless_pixels(cli, "moving.tif", "--convert")[..., 0] == 10)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
def test_truncated_pictures_are_errors(cli, smooth, suffix):
    noisy = smooth() ^ np.random.default_rng(0).integers(0, 16, (64, 96, 3), np.uint8)
    data = io.BytesIO()
    Image.fromarray(noisy).save(data, format={"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix))
    cli.path(f"cut.{suffix}").write_bytes(data.getvalue()[: len(data.getvalue()) * 7 // 10])
    assert "error[image_unreadable]" in cli("compress", f"cut.{suffix}", code=3).err
    assert cli.files() == {f"cut.{suffix}"}


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (70, 1), (7, 9), (8, 8), (17, 65)])
def test_odd_sizes(cli, smooth, size):
    Image.fromarray(smooth(*size)).save(cli.path("odd.png"))
    assert np.array_equal(lossless_pixels(cli, "odd.png"), smooth(*size))


def in_palette(bits: int, colors: int, transparent: int = 0) -> Image.Image:
    """A picture of so many colours in an order of no sense, not all of which occur; the first may be transparent."""
    rng = np.random.default_rng(bits)
    image = Image.fromarray(rng.integers(0, max(1, colors - 1), (37, 53), np.uint8), "P")
    image.putpalette(rng.integers(0, 256, 3 * colors, np.uint8).tobytes())
    if transparent:
        image.info["transparency"] = bytes(range(10, 10 + transparent))
    return image


@pytest.mark.parametrize(("bits", "colors", "transparent"), [(1, 2, 0), (2, 3, 0), (4, 16, 0), (8, 256, 0), (8, 90, 7)])
def test_palettes_come_back_as_they_were(cli, bits, colors, transparent):
    source = in_palette(bits, colors, transparent)
    options = {"transparency": source.info["transparency"]} if transparent else {}
    source.save(cli.path("in.png"), bits=bits, **options)
    cli("compress", "in.png", "--lossless", "-o", "kept.vrs")
    cli("decompress", "kept.vrs", "-o", "back.png")
    there, back = Image.open(cli.path("in.png")), Image.open(cli.path("back.png"))
    assert back.mode == "P" and back.getpalette() == there.getpalette()
    assert back.info.get("transparency") == there.info.get("transparency")
    # Bits of a sample stand at byte 24 of a PNG.
    assert cli.path("back.png").read_bytes()[24] == cli.path("in.png").read_bytes()[24]
    np.testing.assert_array_equal(np.asarray(back.convert("RGBA")), np.asarray(there.convert("RGBA")))
    cli("decompress", "kept.vrs", "-o", "back.tif")
    assert Image.open(cli.path("back.tif")).mode == ("RGBA" if transparent else "RGB")


def test_palettes_that_are_not_wanted_or_not_right_any_more(cli, smooth):
    in_palette(8, 200).save(cli.path("in.png"))
    size = lambda *options: (  # noqa: E731
        cli("compress", "in.png", "-o", "kept.vrs", "-f", *options) and cli.path("kept.vrs").stat().st_size
    )
    mode = lambda: (  # noqa: E731
        cli("decompress", "kept.vrs", "-o", "back.png", "-f") and Image.open(cli.path("back.png")).mode
    )
    with_palette = size("--lossless")
    assert mode() == "P"
    assert size("--lossless", "--strip") < with_palette - 300
    assert mode() == "RGB"
    size("--mode", "wavelet", "-q", "30")  # other pixels, of no palette
    assert mode() == "RGB"
    cli("compress", "in.png", "--lossless", "-o", "kept.vrs", "-f")
    cli("strip", "kept.vrs", "-o", "bare.vrs")
    cli("decompress", "bare.vrs", "-o", "bare.png")
    assert Image.open(cli.path("bare.png")).mode == "RGB"


def test_a_palette_of_a_png_whose_gamma_is_applied_is_not_kept(cli):
    in_palette(8, 200).save(cli.path("in.png"))
    data = cli.path("in.png").read_bytes()
    chunk = b"gAMA" + struct.pack(">I", 100_000)
    at = 8 + 25
    cli.path("in.png").write_bytes(
        data[:at] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at:]
    )
    cli("compress", "in.png", "--lossless", "-o", "kept.vrs")
    cli("decompress", "kept.vrs", "-o", "back.png")
    assert Image.open(cli.path("back.png")).mode == "RGB"
