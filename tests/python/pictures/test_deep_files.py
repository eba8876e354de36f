"""Files and images of Pillow of 16 bits, and in colours of their own: nothing of either is lost without a word."""

import io
import itertools
import struct
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import Context, ImageUnsupported, compress, decompress, file_metadata
from vaerans_ecs.cli.pictures import as_plain_rgb
from vaerans_ecs.errors import ImageUnreadable
from vaerans_ecs.pictures import deep_image

sys.path.append(str(Path(__file__).resolve().parents[2] / "cli/pictures"))

from odd_pictures import chunk, plain, png, profile

Image = pytest.importorskip("PIL.Image")
tifffile = pytest.importorskip("tifffile")

RNG = np.random.default_rng(5)
DEEP = {c: RNG.integers(0, 65536, (13, 21, *([c] if c > 1 else []))).astype(np.uint16) for c in (1, 2, 3, 4)}
SHALLOW = plain()


def deep_png(channels, *chunks, **how):
    return png(DEEP[channels].reshape(13, 21, channels), *chunks, **how)


def back(image, **options):
    return decompress(compress(image, lossless=True, **options))


def assert_same(image, right, **options):
    made = back(image, **options)
    assert made.dtype == right.dtype and np.array_equal(made, right)


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("channels", DEEP)
def test_png_of_16_bits(tmp_path, channels, interlace):
    data = deep_png(channels, interlace=interlace)
    (tmp_path / "a.png").write_bytes(data)
    for source in (tmp_path / "a.png", io.BytesIO(data), Image.open(io.BytesIO(data)), Image.open(tmp_path / "a.png")):
        assert_same(source, DEEP[channels])
    assert_same(io.BytesIO(data), DEEP[channels], strip=True)


def test_every_filter_of_png_is_undone():
    pixels, rows = DEEP[3], b""
    lines = [np.zeros(126, np.uint8), *(np.frombuffer(row.astype(">u2").tobytes(), np.uint8) for row in pixels)]
    for y, (above, line) in enumerate(itertools.pairwise(lines)):
        left, corner = (np.concatenate([np.zeros(6, np.uint8), part[:-6]]).astype(int) for part in (line, above))
        up = above.astype(int)
        guess = left + up - corner
        near = np.abs(np.stack([guess - left, guess - up, guess - corner]))
        paeth = np.choose(near.argmin(0), [left, up, corner])
        taken = [np.zeros(126, int), left, up, (left + up) // 2, paeth][y % 5]
        rows += bytes([y % 5]) + (line - taken).astype(np.uint8).tobytes()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 21, 13, 16, 2, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert_same(io.BytesIO(data), pixels)


def test_a_transparent_colour_of_16_bits():
    for channels in (1, 3):
        colours = DEEP[channels].reshape(13, 21, channels)
        key = [int(value) for value in colours[3, 4]]
        data = png(colours, chunk(b"tRNS", struct.pack(f">{channels}H", *key)))
        alpha = np.where((colours == key).all(-1), 0, 65535).astype(np.uint16)
        for source in (io.BytesIO(data), Image.open(io.BytesIO(data))):
            assert_same(source, np.dstack([colours, alpha]))


TIFFS = [
    {},
    {"compression": "zlib", "predictor": 2},
    {"tile": (16, 16)},
    {"byteorder": ">"},
    {"byteorder": ">", "compression": "zlib"},
]


@pytest.mark.parametrize("how", TIFFS, ids=str)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_of_16_bits(channels, how):
    out = io.BytesIO()
    kind = {"photometric": "minisblack" if channels == 1 else "rgb", "extrasamples": [2] * (channels == 4)}
    tifffile.imwrite(out, DEEP[channels], **kind, **how)
    assert_same(io.BytesIO(out.getvalue()), DEEP[channels])
    assert_same(Image.open(out), DEEP[channels])


def test_tiffs_that_pillow_cannot_give():
    for pixels, how in (
        (DEEP[3].transpose(2, 0, 1).copy(), {"planarconfig": "separate"}),
        (DEEP[4], {"extrasamples": ["assocalpha"]}),
    ):
        out = io.BytesIO()
        tifffile.imwrite(out, pixels, photometric="rgb", **how)
        for source in (io.BytesIO(out.getvalue()), Image.open(out)):
            with pytest.raises(ImageUnsupported, match="tifffile"):
                compress(source)


def test_grey_tiffs_from_white():
    out = io.BytesIO()
    tifffile.imwrite(out, DEEP[1], photometric="miniswhite")
    assert_same(io.BytesIO(out.getvalue()), 65535 - DEEP[1])


@pytest.mark.parametrize("kind", ["P5", "P6", "P2", "P3"])
def test_netpbm_of_more_than_8_bits(kind):
    for most in (65535, 1023):
        pixels = DEEP[3 if kind in ("P6", "P3") else 1].astype(np.int64) % (most + 1)
        body = pixels.astype(">u2").tobytes() if kind in ("P5", "P6") else " ".join(map(str, pixels.ravel())).encode()
        data = f"{kind}\n# made here\n21 13\n{most}\n".encode() + body
        assert_same(io.BytesIO(data), np.rint(pixels / most * 65535).astype(np.uint16))
        with pytest.raises(ImageUnreadable):
            compress(io.BytesIO(data[:-9]))


def test_plain_rgb_is_rounded_and_never_clipped():
    rounded = np.rint(DEEP[3] / 257).astype(np.uint8)
    assert np.array_equal(np.asarray(as_plain_rgb(io.BytesIO(deep_png(3)))), rounded)
    for kind in (np.int32, np.float32):
        out = io.BytesIO()
        tifffile.imwrite(out, DEEP[1].astype(kind))
        with pytest.raises(ImageUnsupported, match="scale it"):
            as_plain_rgb(io.BytesIO(out.getvalue()))


def test_images_that_pillow_has_loaded(tmp_path):
    """What is lost then is not had again; a copy says that 8 bits are meant."""
    (tmp_path / "a.png").write_bytes(deep_png(3))
    tifffile.imwrite(tmp_path / "a.tif", DEEP[3], photometric="rgb")
    for source in (tmp_path / "a.png", tmp_path / "a.tif", io.BytesIO(deep_png(3))):
        image = Image.open(source)
        image.load()
        with pytest.raises(ImageUnsupported, match=r"loaded with 8.*image\.copy\(\)"):
            compress(image)
        assert_same(image.copy(), np.asarray(image))
        one, other = compress([image, SHALLOW], context=Context(on_error="collect"))
        assert isinstance(one, ImageUnsupported) and isinstance(other, bytes)


def test_decoders_that_give_8_bits_of_more():
    out = io.BytesIO()
    Image.fromarray(SHALLOW).save(out, "JPEG2000")
    data = bytearray(out.getvalue())
    data[data.index(b"\xff\x4f\xff\x51") + 42] = 15
    for source in (io.BytesIO(bytes(data)), Image.open(io.BytesIO(bytes(data)))):
        with pytest.raises(ImageUnsupported, match="of 16 bits, of which Pillow keeps 8"):
            compress(source)


def test_avif_of_ten_bits_or_other_colours():
    features = pytest.importorskip("PIL.features")
    if not features.check("avif"):
        pytest.skip("Pillow without AVIF")
    out = io.BytesIO()
    Image.fromarray(SHALLOW).save(out, "AVIF")
    assert compress(io.BytesIO(out.getvalue()))
    deep, wide = bytearray(out.getvalue()), bytearray(out.getvalue())
    deep[deep.index(b"av1C") + 6] |= 0x40  # which no decoder is fooled by, so that none is asked
    image = SimpleNamespace(format="AVIF", mode="RGB", tile=[("avif", (0, 0, 40, 24), 0, ())], fp=io.BytesIO(deep))
    with pytest.raises(ImageUnsupported, match="of which Pillow keeps 8"):
        deep_image(image)
    at = wide.index(b"colrnclx") + 8
    wide[at : at + 4] = struct.pack(">HH", 9, 16)
    with pytest.raises(ImageUnsupported, match="primaries 9, transfer 16"):
        compress(io.BytesIO(bytes(wide)))


def test_damaged_files_of_16_bits():
    for make in (io.BytesIO, lambda file: Image.open(io.BytesIO(file))):
        with pytest.raises(ImageUnreadable):
            compress(make(deep_png(3)[:-600]))


def test_the_orientation_and_metadata_go_along():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    data = deep_png(3, chunk(b"eXIf", exif.tobytes()[6:]))
    made = compress(io.BytesIO(data), lossless=True)
    assert np.array_equal(decompress(made), np.rot90(DEEP[3], -1))
    assert b"maker" in file_metadata(made).exif
    assert b"maker" in file_metadata(compress(Image.open(io.BytesIO(data)))).exif


def test_whoever_takes_pictures_takes_16_bits(tmp_path):
    (tmp_path / "grey.png").write_bytes(deep_png(1))
    (tmp_path / "a.png").write_bytes(deep_png(3))
    for name, right in (("grey.png", DEEP[1]), ("a.png", DEEP[3])):
        assert v.measure(Image.open(tmp_path / name), right)["psnr"] == np.inf
        assert v.measure(tmp_path / name, right)["psnr"] == np.inf
        out = io.BytesIO()
        v.compress_stream(Image.open(tmp_path / name), out)
        assert np.array_equal(decompress(out.getvalue()), right)
    world = v.World(1 << 24)
    assert np.array_equal(world.get(world.spawn_image(Image.open(tmp_path / "a.png")), "RGB"), DEEP[3])
    with pytest.raises(ImageUnsupported, match="takes 8-bit RGB"):
        compress(tmp_path / "a.png", mode="model")
    assert_same(tmp_path / "a.png", np.rint(DEEP[3] / 257).astype(np.uint8), value_range=(0, 65535))


def icc(name):
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile(name)))


def test_profiles_of_16_bits_become_srgb():
    y = (((SHALLOW / 255) ** 1.8) * 1.0)[..., [1, 0, 2]]  # the profile's red is green
    srgb = np.where(y <= 0.0031308, y * 12.92, 1.055 * y ** (1 / 2.4) - 0.055) * 65535
    data = png(SHALLOW.astype(np.uint16) * 257, icc("swapped"))
    for source in (io.BytesIO(data), Image.open(io.BytesIO(data))):
        made = compress(source, lossless=True)
        assert not file_metadata(made).icc
        assert np.abs(decompress(made) - srgb).max() < 150  # what primaries are rounded to, in 65,535 steps
    assert_same(io.BytesIO(png(DEEP[3], icc("srgb"))), DEEP[3])
    broken = chunk(b"iCCP", b"x\0\0" + zlib.compress(profile("swapped").replace(b"rTRC", b"rXXX")))
    assert_same(io.BytesIO(png(DEEP[3], broken)), DEEP[3])  # nothing can be converted by it
    with pytest.raises(ImageUnsupported, match="profile cannot be used"):
        compress(io.BytesIO(png(DEEP[3], chunk(b"iCCP", b"x\0\0" + zlib.compress(profile_of_a_table())))))


def profile_of_a_table():
    """RGB by a table of Lab colours at the corners of the cube: an lut8Type of ICC.1, clause 10.11."""
    identity = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    corners = np.random.default_rng(1).integers(0, 256, 24, np.uint8).tobytes()
    lut = b"mft1\0\0\0\0" + bytes([3, 3, 2, 0]) + identity + bytes(range(256)) * 3 + corners + bytes(range(256)) * 3
    head = bytearray(profile("swapped")[:128])
    head[20:24] = b"Lab "
    head[:4] = struct.pack(">I", 128 + 4 + 12 + len(lut))
    return bytes(head) + struct.pack(">I4sII", 1, b"A2B0", 144, len(lut)) + lut


def test_profiles_of_palettes():
    image = Image.fromarray(SHALLOW).quantize(32)
    out = io.BytesIO()
    image.save(out, "PNG", icc_profile=profile("swapped"))
    for source in (io.BytesIO(out.getvalue()), Image.open(out)):
        kept = compress(source, lossless=True)
        assert file_metadata(kept).icc == profile("swapped")
        assert np.array_equal(decompress(kept), np.asarray(image.convert("RGB")))
    whole = io.BytesIO(png(np.asarray(image.convert("RGB")), icc("swapped")))
    for source in (io.BytesIO(out.getvalue()), Image.open(out)):
        stripped = compress(source, lossless=True, strip=True)
        assert not file_metadata(stripped).icc
        assert np.array_equal(decompress(stripped), back(whole, strip=True))


@pytest.mark.parametrize("most", [255, 65535])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_gamma_of_png(channels, most):
    pixels = SHALLOW[..., :1] if channels < 3 else SHALLOW
    pixels = np.dstack([pixels, SHALLOW[..., 1]]) if channels in (2, 4) else pixels
    pixels = pixels if most == 255 else pixels.astype(np.uint16) * 257
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    light = pixels / most
    right = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    right = np.rint(right * most).astype(pixels.dtype)
    if channels in (2, 4):
        right[..., -1] = pixels[..., -1]
    assert_same(io.BytesIO(png(pixels, linear)), right[..., 0] if channels == 1 else right)
    plain_pixels = pixels[..., 0] if channels == 1 else pixels
    for said in (chunk(b"sRGB", b"\0"), icc("srgb")) if channels > 2 else (chunk(b"sRGB", b"\0"),):
        assert_same(io.BytesIO(png(pixels, said, linear)), plain_pixels)
    assert_same(io.BytesIO(png(pixels, chunk(b"gAMA", struct.pack(">I", 45_455)))), plain_pixels)


def test_the_gamma_of_a_palette():
    out = io.BytesIO()
    image = Image.fromarray(SHALLOW).quantize(16)
    image.save(out, "PNG")
    linear = chunk(b"gAMA", struct.pack(">I", 100_000))
    palette = out.getvalue()[:33] + linear + out.getvalue()[33:]
    assert_same(io.BytesIO(palette), back(io.BytesIO(png(np.asarray(image.convert("RGB")), linear))))


def test_colours_that_are_not_srgb_are_refused():
    with pytest.raises(ImageUnsupported, match="high dynamic range, primaries 9, transfer 16"):
        compress(io.BytesIO(png(SHALLOW, chunk(b"cICP", bytes([9, 16, 0, 1])))))
    assert_same(io.BytesIO(png(SHALLOW, chunk(b"cICP", bytes([1, 13, 0, 1])))), SHALLOW)
    primaries = chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
    for gamma in ((), (chunk(b"gAMA", struct.pack(">I", 45_455)),)):
        with pytest.raises(ImageUnsupported, match="cHRM"):
            compress(io.BytesIO(png(SHALLOW, primaries, *gamma)))


def test_a_value_range_is_of_colours():
    image = Image.fromarray(SHALLOW).quantize(16)
    assert_same(image, np.asarray(image.convert("RGB")), value_range=(0, 255))
    assert_same(Image.fromarray(SHALLOW[..., 0] / 255), SHALLOW[..., 0], value_range=(0, 1))
    for mode in ("CMYK", "HSV", "LAB", "YCbCr"):
        with pytest.raises(ImageUnsupported, match=f"mode {mode}"):
            compress(Image.new(mode, (8, 8)), value_range=(0, 255))
        with pytest.raises(ImageUnsupported, match=f"mode {mode}"):
            v.compress_stream(Image.new(mode, (8, 8)), io.BytesIO())
