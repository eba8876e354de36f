"""What people hand over as a picture that is none: a typed error that says what it is and what to do."""

from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import BadParameter, Context, ImageUnsupported, World, compress, decompress
from vaerans_ecs.errors import ImageUnreadable

Image = pytest.importorskip("PIL.Image")
GOOD = np.full((16, 24, 3), 90, np.uint8)
PAIR = np.zeros((4, 5), np.dtype([("r", "u1"), ("g", "u1")]))


@pytest.fixture
def options():
    return {"pipeline": "vae(photo-f8c4) | cdf53(levels=1) | quantize(step=0.5) | ans"}


class Odd:
    """Offers an array, and then has none."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array today")


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (None, "not NoneType (which cv2.imread gives"),
        (b"bytes", "not bytes; for the bytes of a picture file: io.BytesIO(data)"),
        (7, "not int"),
        ({}, "not dict"),
        (iter([GOOD]), "give a list of pictures"),
        (GOOD.astype(">u2"), "not >u2; in this machine's byte order"),
        (GOOD.astype(np.int64), "array.clip(0, 255)"),
        (GOOD / 255, "(array * 255).round()"),
        (GOOD > 3, "array.astype('uint8') * 255"),
        (GOOD.astype(object), "not object"),
        (GOOD.astype(complex), "not complex128"),
        (PAIR, "not [('r', 'u1'), ('g', 'u1')]"),
        (GOOD[None, None], "(1, 1, 16, 24, 3)"),
        (np.ascontiguousarray(GOOD.transpose(2, 0, 1)), "array.transpose(1, 2, 0)"),
        (Odd(), "no array today"),
    ],
)
def test_what_is_no_picture(thing, text):
    with pytest.raises(ImageUnsupported) as caught:
        compress(thing)
    assert text in str(caught.value)
    with pytest.raises(ImageUnsupported):
        World(1 << 20).spawn_image(thing)
    with pytest.raises(ImageUnsupported):
        v.measure(GOOD, thing)


MODES = {
    "CMYK": "img.convert('RGB')",
    "YCbCr": "img.convert('RGB')",
    "HSV": "img.convert('RGB')",
    "LAB": "ImageCms",
    "I": "scale it",
    "F": "scale it",
    "La": "img.convert('RGBA')",
}


@pytest.mark.parametrize("mode", MODES)
def test_modes_of_pillow(mode):
    with pytest.raises(ImageUnsupported) as caught:
        compress(Image.new(mode, (16, 16)))
    assert f"mode {mode};" in str(caught.value) and MODES[mode] in str(caught.value)


@pytest.mark.parametrize(("mode", "name"), [("CMYK", "a.tif"), ("CMYK", "a.jpg"), ("YCbCr", "a.tif"), ("LAB", "a.tif")])
def test_files_of_other_colours_say_what_converts_them(tmp_path, mode, name):
    Image.new(mode, (16, 16)).save(tmp_path / name)
    text = f"{name}: a picture in {mode}; vaerans takes grey and RGB. Convert it: --convert of the command does"
    for take in (compress, World(1 << 20).spawn_image, lambda path: v.measure(path, GOOD)):
        with pytest.raises(ImageUnsupported) as caught:
            take(tmp_path / name)
        assert text in str(caught.value)


def test_files_of_several_pictures_say_what_to_do(tmp_path):
    Image.fromarray(GOOD).save(tmp_path / "a.gif", save_all=True, append_images=[Image.fromarray(255 - GOOD)])
    for take in (compress, World(1 << 20).spawn_image, lambda path: v.measure(path, GOOD)):
        with pytest.raises(ImageUnsupported, match=r"a\.gif: 2 pages or frames; vaerans takes one picture\. Save one"):
            take(tmp_path / "a.gif")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBX"])
def test_modes_that_lose_nothing_are_taken(mode):
    image = Image.fromarray(GOOD).convert(mode)
    world = World(1 << 20)
    np.testing.assert_array_equal(world.get(world.spawn_image(image), "RGB"), np.asarray(image.convert("RGB")))


def test_opaque_alpha_is_none():
    image = Image.fromarray(GOOD).convert("RGBA")
    world = World(1 << 20)
    np.testing.assert_array_equal(world.get(world.spawn_image(image), "RGB"), GOOD)


@pytest.mark.parametrize("how", [str, Path, lambda path: path.open("rb")])
def test_files(tmp_path, how):
    Image.fromarray(GOOD).save(tmp_path / "a.png")
    world = World(1 << 20)
    np.testing.assert_array_equal(world.get(world.spawn_image(how(tmp_path / "a.png")), "RGB"), GOOD)
    np.testing.assert_array_equal(decompress(compress(how(tmp_path / "a.png"), lossless=True)), GOOD)


def test_files_are_turned_upright(tmp_path):
    wide = np.random.default_rng(1).integers(0, 255, (10, 20, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees
    Image.fromarray(wide).save(tmp_path / "turned.png", exif=exif)
    world = World(1 << 20)
    assert world.get(world.spawn_image(tmp_path / "turned.png"), "RGB").shape == (20, 10, 3)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ImageUnreadable, match=r"gone\.png"):
        compress(tmp_path / "gone.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ImageUnreadable, match=r"text\.png"):
        compress(str(tmp_path / "text.png"))


def test_errors_in_lists_name_the_place():
    with pytest.raises(ImageUnsupported, match=r"picture 1 of the list: .*not NoneType"):
        compress([GOOD, None], lossless=True)


def test_a_transparent_colour_is_alpha():
    image = Image.new("RGB", (16, 16))
    image.info["transparency"] = (0, 0, 0)
    world = World(1 << 20)
    assert not np.asarray(world.get(world.spawn_image(image), "Alpha")).any()


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA"])
def test_alpha_is_kept_beside_rgb(mode):
    world = World(1 << 20)
    entity = world.spawn_image(Image.new(mode, (16, 16)))
    assert world.get(entity, "RGB").shape == (16, 16, 3)
    assert world.get(entity, "Alpha").shape == (16, 16, 1)


def test_a_damaged_file_of_pillow(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:5000])
    with pytest.raises(ImageUnreadable, match="no array can be made"):
        compress(Image.open(tmp_path / "cut.png"))


def test_an_interrupt_is_passed_on():
    class Interrupted:
        def __array__(self, dtype=None, copy=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compress(Interrupted())


@pytest.mark.parametrize("bad", [None, GOOD / 255.0, GOOD[None], b"a.png", GOOD[..., 0]])
def test_collect_loses_one_picture_only(options, bad):
    results = compress([GOOD, bad, GOOD], context=Context(on_error="collect"), **options)
    assert [type(r) for r in results] == [bytes, ImageUnsupported, bytes]
    assert results[1].entity == 1 and results[0] == results[2]
    with pytest.raises(ImageUnsupported):
        compress([GOOD, bad, GOOD], **options)


def test_collect_keeps_places_among_several_failures(options):
    other = np.full((16, 24, 3), 40, np.uint8)
    results = compress([None, GOOD, GOOD[..., 0], b"x", other], context=Context(on_error="collect"), **options)
    assert [isinstance(r, bytes) for r in results] == [False, True, False, False, True]
    assert [r.entity for r in results if not isinstance(r, bytes)] == [0, 2, 3]
    np.testing.assert_array_equal(decompress(results[1]).shape, GOOD.shape)
    assert results[1] == compress(GOOD, **options) and results[4] == compress(other, **options)
    assert all(not isinstance(r, bytes) for r in compress([None, b"x"], context=Context(on_error="collect"), **options))


@pytest.mark.parametrize("name", ["quality", "step", "bpp", "target_bytes", "residual"])
@pytest.mark.parametrize("value", [True, np.True_, "seven", [7]])
def test_numbers_that_are_none(name, value):
    with pytest.raises(BadParameter, match=name):
        compress(GOOD, **{name: value})


def test_numbers_of_numpy(options):
    whole = compress(GOOD, residual=np.int64(2), **options)
    assert whole == compress(GOOD, residual=2, **options)
    assert compress(GOOD, quality=np.float32(50), **options) == compress(GOOD, quality=50, **options)
    with pytest.raises(BadParameter, match="target_bytes"):
        compress(GOOD, target_bytes=100.5)


def test_the_arena_is_not_written_through_dlpack():
    world = World(1 << 20)
    rgb = world.get(world.spawn_image(GOOD), "RGB")
    copied = np.from_dlpack(rgb)
    assert not np.shares_memory(copied, rgb.array)
    shared = np.from_dlpack(rgb, copy=False)
    assert np.shares_memory(shared, rgb.array) and not shared.flags.writeable
    with pytest.raises(BufferError, match="read-only"):
        rgb.__dlpack__(copy=False)
    assert not rgb.array.flags.writeable


def test_the_arena_is_not_written_by_torch():
    torch = pytest.importorskip("torch")
    world = World(1 << 20)
    rgb = world.get(world.spawn_image(GOOD), "RGB")
    for tensor in (torch.from_dlpack(rgb), torch.as_tensor(rgb)):
        tensor[0, 0, 0] = 7
    assert rgb.array[0, 0, 0] == 90


def test_tensors_in_floats_are_told_what_to_do():
    """The remedy, as it is told, gives a picture that is taken."""
    torch = pytest.importorskip("torch")
    tensor = torch.from_numpy(GOOD.copy()) / 255
    with pytest.raises(ImageUnsupported, match=r"not torch\.float32") as raised:
        compress(tensor, mode="wavelet")
    remedy = str(raised.value).rpartition(": ")[2]
    fixed = eval(remedy, {"tensor": tensor, "torch": torch})
    assert compress(fixed, mode="wavelet") == compress(GOOD, mode="wavelet")
