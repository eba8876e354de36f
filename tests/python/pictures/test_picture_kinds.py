"""Grey, alpha and 16 bit: every kind of picture comes back as it was, and is refused where it would not."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import BadParameter, Context, World, compress, decompress, file_info, measure
from vaerans_ecs.errors import ImageUnsupported

sys.path.append(str(Path(__file__).resolve().parents[2]))

from reference_decoder import Priors
from reference_decoder import decode as reference_decode

Image = pytest.importorskip("PIL.Image")

KINDS = [(), (2,), (3,), (4,)]


def picture(channels=(), dtype=np.uint8, size=(19, 23)):
    """A slope with noise in all of its bits."""
    y, x = np.indices(size)
    slope = (3 * y + 5 * x)[(..., *(None for _ in channels))]
    most = np.iinfo(dtype).max
    noise = np.random.default_rng(7).integers(0, max(1, most // 40), (*size, *channels))
    return np.minimum(slope * (most // 300) + noise, most).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", KINDS)
def test_lossless_gives_every_kind_back(channels, dtype):
    image = picture(channels, dtype)
    data = compress(image, lossless=True)
    back = decompress(data)
    assert back.dtype == dtype and back.shape == image.shape
    assert np.array_equal(back, image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_one_channel_is_grey(dtype):
    image = picture((1,), dtype)
    assert np.array_equal(decompress(compress(image, lossless=True)), image[..., 0])


@pytest.mark.parametrize("channels", KINDS)
def test_errors_stay_within_the_bound(channels):
    image = picture(channels, np.uint16)
    back = decompress(compress(image, max_error=50))
    error = np.abs(back.astype(int) - image)
    assert error.max() == 50
    if channels in ((2,), (4,)):
        assert not error[..., -1].any(), "alpha is exact"


def test_strides_do_not_matter():
    image = picture((4,), np.uint16)
    assert np.array_equal(decompress(compress(image[::-1, ::2], lossless=True)), image[::-1, ::2])
    grey = picture((), np.uint16)
    assert np.array_equal(decompress(compress(grey[:, ::3], lossless=True)), grey[:, ::3])
    assert np.array_equal(decompress(compress(grey.T, lossless=True)), grey.T)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_fields_of_a_structure_are_pictures(dtype):
    """They lie at distances that are no multiple of their size."""
    image = picture((), dtype)
    fields = np.zeros(image.shape, [("a", "u1"), ("grey", dtype), ("colours", dtype, 3)])
    fields["grey"], fields["colours"] = image, image[..., None] // [1, 2, 3]
    for given in (fields["grey"], fields["colours"]):
        assert np.array_equal(decompress(compress(given, lossless=True)), given)
    with pytest.raises(ImageUnsupported, match="byte order"):
        compress(fields["grey"].astype(">u2"))


def test_alpha_stays_exact_beside_lossy_colours():
    image = picture((4,), size=(64, 80))
    data = compress(image, quality=60, mode="wavelet")
    back = decompress(data)
    assert back.shape == image.shape
    assert np.array_equal(back[..., 3], image[..., 3])
    assert np.abs(back[..., :3].astype(int) - image[..., :3]).max() > 0
    assert any(chunk.name == "alpha" for chunk in file_info(data).chunks)


def test_alpha_counts_for_a_size():
    image = picture((4,), size=(64, 80))
    alone = len(compress(image[..., 3], lossless=True))
    data = compress(image, target_bytes=alone + 3000, mode="wavelet")
    assert len(data) <= alone + 3000
    with pytest.raises(BadParameter, match="alpha channel alone"):
        compress(image, target_bytes=alone // 2, mode="wavelet")


@pytest.mark.parametrize(
    ("mode", "channels", "dtype"),
    [("L", (), np.uint8), ("LA", (2,), np.uint8), ("RGBA", (4,), np.uint8), ("I;16", (), np.uint16)],
)
def test_images_of_pillow(mode, channels, dtype):
    array = picture(channels, dtype)
    image = Image.fromarray(array)
    assert image.mode == mode
    assert np.array_equal(decompress(compress(image, lossless=True)), array)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", KINDS)
def test_a_region_is_of_the_same_kind(channels, dtype):
    image = picture(channels, dtype, (40, 1300))  # two tiles
    part = decompress(compress(image, lossless=True), region=(600, 3, 100, 20))
    assert part.dtype == dtype
    assert np.array_equal(part, image[3:23, 600:700])


def test_palettes_become_their_colours():
    image = Image.fromarray(picture((3,))).quantize(16)
    assert np.array_equal(decompress(compress(image, lossless=True)), np.asarray(image.convert("RGB")))
    image.info["transparency"] = 3
    assert np.array_equal(decompress(compress(image, lossless=True)), np.asarray(image.convert("RGBA")))


def test_a_palette_of_clear_colours_has_alpha():
    """Its `info` tells nothing of that."""
    image = Image.fromarray(np.random.default_rng(3).integers(0, 256, (19, 23, 4), np.uint8)).quantize(16)
    colours = np.asarray(image.convert("RGBA"))
    assert image.mode == "P" and "transparency" not in image.info and len(np.unique(colours[..., 3])) > 4
    assert np.array_equal(decompress(compress(image, lossless=True)), colours)
    assert np.array_equal(decompress(compress(image, quality=60))[..., 3], colours[..., 3])
    world = World(arena_bytes=1 << 24)
    entity = world.spawn_image(image)
    assert np.array_equal(np.asarray(world.get(entity, "RGB")), colours[..., :3])
    assert np.array_equal(np.squeeze(world.get(entity, "Alpha")), colours[..., 3])


@pytest.mark.parametrize("colours", [0, 255], ids=["greys", "colours"])
def test_a_file_in_a_palette_of_clear_colours_has_alpha(tmp_path, colours):
    """A TGA with 32 bits a colour; one of greys is none of grey."""
    palette = np.random.default_rng(5).integers(0, 256, (8, 4), np.uint8)
    palette[:, :3] = np.where(colours, palette[:, :3], palette[:, :1])
    numbers = np.arange(30, dtype=np.uint8).reshape(5, 6) % 8
    header = struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 8, 32, 0, 0, 6, 5, 8, 0x28)
    path = tmp_path / "clear.tga"
    path.write_bytes(header + palette.tobytes() + numbers.tobytes())
    assert np.array_equal(decompress(compress(path, lossless=True)), palette[numbers][..., [2, 1, 0, 3]])


def test_few_values_of_many_cost_what_they_are():
    eight = picture(size=(120, 120))
    stretched = eight.astype(np.uint16) * 257
    assert len(compress(stretched, lossless=True)) < 1.1 * len(compress(eight, lossless=True)) + 300


LOSSY = [((), np.uint8), ((2,), np.uint8), ((), np.uint16), ((2,), np.uint16), ((3,), np.uint16), ((4,), np.uint16)]


@pytest.mark.parametrize(("channels", "dtype"), LOSSY)
def test_every_quality_keeps_the_kind(channels, dtype):
    image = picture(channels, dtype, (64, 80))
    for options in ({"quality": 60}, {"bpp": 8.0, "mode": "wavelet"}, {"psnr": 40}, {"ssimulacra2": 80}):
        back = decompress(compress(image, **options))
        assert back.dtype == dtype and back.shape == image.shape
        error = np.abs(back.astype(int) - image) / np.iinfo(dtype).max
        if channels in ((2,), (4,)):
            assert not error[..., -1].any(), "alpha is exact"
        assert 0 < error.mean() < 0.02


@pytest.mark.parametrize(("channels", "dtype"), [((), np.uint8), ((), np.uint16), ((3,), np.uint16)])
def test_models_say_what_they_take(channels, dtype):
    for options in ({"mode": "model"}, {"model": "photo-f8c4"}, {"quality": 50, "mode": "wavelet", "residual": 2}):
        with pytest.raises(ImageUnsupported, match="takes 8-bit RGB"):
            compress(picture(channels, dtype), **options)


WAYS = {"an image": lambda path: Image.open(path), "a path": str, "a file": lambda path: path.open("rb")}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("image", "what"),
    [
        (picture(), "a grey picture; "),
        (picture((2,)), "a grey picture with alpha; "),
        (picture() > 100, "a grey picture; "),
        (picture((), np.uint16), "a 16-bit grey picture; "),
    ],
)
def test_models_refuse_grey_however_it_is_given(tmp_path, way, image, what):
    """An array of the same is refused as well: test_models_say_what_they_take."""
    Image.fromarray(image).save(tmp_path / "g.png")
    named = f"{tmp_path / 'g.png'}: " if way == "a path" else ""
    for options in ({"mode": "model"}, {"model": "photo-f8c4"}, {"quality": 50, "residual": 2}):
        with pytest.raises(ImageUnsupported) as raised:
            compress(WAYS[way](tmp_path / "g.png"), **options)
        assert str(raised.value).startswith(f"{named}{what}a model takes 8-bit RGB")
        assert ("img.convert('RGB')" in str(raised.value)) == (image.dtype != np.uint16)
    assert decompress(compress(WAYS[way](tmp_path / "g.png"), lossless=True)).ndim == image.ndim


@pytest.mark.parametrize("way", WAYS)
def test_models_take_the_same_however_it_is_given(tmp_path, way):
    opaque = np.dstack([picture((3,)), np.full((19, 23), 255, np.uint8)])
    for image in (picture((3,)), picture((4,)), opaque):
        Image.fromarray(image).save(tmp_path / "c.png")
        data = compress(WAYS[way](tmp_path / "c.png"), model="photo-f8c4")
        assert data == compress(image, model="photo-f8c4")
        assert decompress(data).shape == image.shape


def test_a_grey_picture_costs_no_other_of_a_list(tmp_path):
    grey, colour = Image.fromarray(picture()), Image.fromarray(picture((3,)))
    with pytest.raises(ImageUnsupported, match="picture 1 of the list: a grey picture; a model takes"):
        compress([colour, grey], mode="model")
    one, other = compress([colour, grey], mode="model", context=Context(on_error="collect"))
    assert one == compress(colour, mode="model") and isinstance(other, ImageUnsupported) and other.entity == 1


@pytest.mark.parametrize(("channels", "dtype"), [((), np.uint8), ((), np.uint16), ((3,), np.uint16)])
def test_the_reference_decoder_gives_the_same_of_wavelets(channels, dtype):
    image = picture(channels, dtype, (21, 34))
    for step in ("3", "2, visual=true", "2, visual=true, dependent=true"):
        data = compress(image, pipeline=f"ycocg | cdf97(levels=3) | quantize_bands(step={step}) | ans(coder=mixing)")
        ours = reference_decode(data, Priors({})).base
        back = decompress(data)
        assert back.dtype == dtype
        assert np.array_equal(np.array(ours.values, dtype).reshape(back.shape), back)


@pytest.mark.parametrize(("channels", "dtype"), [((), np.uint8), ((), np.uint16), ((3,), np.uint16)])
def test_measures_of_every_kind(channels, dtype):
    image = picture(channels, dtype, (64, 80))
    back = decompress(compress(image, psnr=45))
    error = np.mean((back.astype(float) - image) ** 2)
    found = measure(image, back)
    assert found["psnr"] == pytest.approx(10 * np.log10(np.iinfo(dtype).max ** 2 / error), abs=1e-6)
    assert 0.9 < found["ms_ssim"] < 1 and found["ssimulacra2"] > 60
    assert measure(image, image)["psnr"] == np.inf


@pytest.mark.parametrize("channels", KINDS)
def test_a_world_holds_colours_and_alpha(channels):
    image = picture(channels, np.uint16)
    world = World(arena_bytes=1 << 24)
    entity = world.spawn_image(image)
    rgb = np.asarray(world.get(entity, "RGB"))
    colours = image if channels == (3,) else image[..., : image.shape[2] - 1] if channels else image[..., None]
    assert np.array_equal(rgb, colours)
    assert ("Alpha" in world.keys(entity)) == (channels in ((2,), (4,)))


@pytest.mark.parametrize("max_error", [0, 20])
@pytest.mark.parametrize(("channels", "top"), [((), 65535), ((), 4000), ((3,), 65535), ((2,), 65535), ((4,), 700)])
def test_the_reference_decoder_gives_the_same(channels, top, max_error):
    image = (picture(channels, np.uint16, (11, 13)).astype(np.uint32) * top // 65535).astype(np.uint16)
    data = compress(image, max_error=max_error)
    back = decompress(data)
    file = reference_decode(data, Priors({}))
    flat = back.reshape(-1, back.shape[2] if back.ndim == 3 else 1)
    colours = flat[:, : flat.shape[1] - (file.alpha is not None)]
    assert file.base.values == colours.ravel().tolist()
    if file.alpha is not None:
        assert file.alpha.values == flat[:, -1].tolist()


def test_the_reference_decoder_knows_levels():
    image = picture(size=(40, 50)).astype(np.uint16) // 16 * 4100
    data = compress(image, lossless=True)
    assert np.array_equal(decompress(data), image)
    assert reference_decode(data, Priors({})).base.values == image.ravel().tolist()


@pytest.mark.parametrize("options", [{}, {"mode": "wavelet"}], ids=str)
def test_deep_alpha_of_few_levels_counts_for_the_size(options):
    """Its levels stand beside its stream, and were not counted."""
    rng = np.random.default_rng(0)
    levels = np.sort(rng.choice(65536, 300, replace=False)).astype(np.uint16)
    y, x = np.mgrid[0:160, 0:160]
    picture = np.empty((160, 160, 4), np.uint16)
    picture[..., :3] = ((np.sin(x / 9) + np.cos(y / 7)) * 12000 + 30000)[..., None]
    picture[..., 3] = levels[rng.integers(0, 300, (160, 160))]
    target = len(compress(picture[..., 3], lossless=True)) + 1000
    file = compress(picture, target_bytes=target, **options)
    assert len(file) <= target
    np.testing.assert_array_equal(decompress(file)[..., 3], picture[..., 3])
