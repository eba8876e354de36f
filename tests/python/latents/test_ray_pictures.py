"""What the actors of vaerans_ecs.ray make of pictures, without a cluster."""

import io

import numpy as np
import pytest
from vaerans_ecs import decompress, file_metadata
from vaerans_ecs.ray import _Compress, _Pictures

Image = pytest.importorskip("PIL.Image")


def png(image, **options):
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def samples(*shape, dtype=np.uint8):
    return np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape).astype(dtype)


def compressed(column, values):
    actor = _Compress({"lossless": True}, _Pictures("key", None, None, as_they_are=True))
    return actor({"key": np.arange(len(values)), column: values})


def test_files_stay_what_they_are():
    kinds = {"grey": samples(12, 15), "deep": samples(12, 15, dtype=np.uint16), "clear": samples(12, 15, 4)}
    said = b"II*\0\x08\0\0\0" + bytes(6)  # an empty directory
    files = [png(Image.fromarray(array)) for array in kinds.values()]
    made = compressed(
        "bytes", [*files, b"no picture", png(Image.fromarray(samples(12, 15, 3)), exif=b"Exif\0\0" + said)]
    )
    assert [bool(error) for error in made["error"]] == [False, False, False, True, False]
    for data, array in zip(made["data"], kinds.values(), strict=False):
        back = decompress(data)
        assert back.dtype == array.dtype and np.array_equal(back, array)
    assert file_metadata(made["data"][-1]).exif == said


def test_palettes_are_their_colours():
    image = Image.fromarray(samples(12, 15, 3)).quantize(8)
    (data,) = compressed("image", [image])["data"]
    assert np.array_equal(decompress(data), np.asarray(image.convert("RGB")))


def test_models_get_rgb():
    image = Image.fromarray(samples(12, 15))
    (made,) = _Pictures("key", None, None).of({"key": ["a"], "bytes": [png(image)]})
    assert np.array_equal(made, np.asarray(image.convert("RGB")))


def test_models_get_rgb_of_inks_too():
    out = io.BytesIO()
    Image.fromarray(samples(12, 15, 3)).convert("CMYK").save(out, "TIFF")
    (made,) = _Pictures("key", None, None).of({"key": ["a"], "bytes": [out.getvalue()]})
    assert np.array_equal(made, np.asarray(Image.open(out).convert("RGB")))
