"""compress(lossless=True) and max_error: the pixel coder, which needs no model."""

import numpy as np
import pytest
from vaerans_ecs import BadParameter, Context, World, compress, decompress, file_info
from vaerans_ecs.systems import ANSDecode, ANSEncode, Predict, PredictInverse


@pytest.mark.parametrize("shape", [(64, 96), (17, 31), (1, 1), (1, 70)])
def test_lossless(picture, shape):
    image = picture(*shape, 6)
    data = compress(image, lossless=True)
    np.testing.assert_array_equal(decompress(data), image)
    info = file_info(data)
    assert info.lossless and not info.has_residual and info.model == ""
    assert info.recipe == "predict(max_error=0) | ans"
    assert compress(image, max_error=0) == data


def test_the_error_is_bounded(picture):
    image = picture(50, 70, 2)
    size = len(compress(image, lossless=True))
    for bound in (1, 2, 5):
        data = compress(image, max_error=bound)
        assert np.abs(decompress(data).astype(int) - image).max() == bound
        assert len(data) < size and not file_info(data).lossless
        size = len(data)


def test_many_pictures_and_threads(picture):
    images = [picture(40, 50, seed) for seed in range(3)] + [picture(30, 20, 9)]
    files = compress(images, lossless=True, threads=2)
    assert files == [compress(image, lossless=True, threads=1) for image in images]
    for image, back in zip(images, decompress(files), strict=True):
        np.testing.assert_array_equal(image, back)


def test_as_a_chain(picture):
    image = picture(20, 30, 1)
    world = World(arena_bytes=64 << 20)
    entity = world.spawn_image(image)
    pipe = world.pipe(entity).to(Predict(max_error=1)).to(ANSEncode(coder="mixing"))
    stream = pipe.out("Bitstream")
    assert 0 < len(stream) < image.size
    recon = pipe.to(ANSDecode()).to(Predict.inverse()).out("ReconRGB")
    assert np.abs(np.asarray(recon).astype(int) - image).max() == 1
    assert isinstance(PredictInverse(), type(Predict.inverse()))


@pytest.mark.parametrize(
    "beside",
    [{"quality": 50}, {"step": 1.0}, {"bpp": 1}, {"target_bytes": 9}, {"residual": 4}, {"pipeline": "predict | ans"}],
)
def test_nothing_goes_beside_them(picture, beside):
    with pytest.raises(BadParameter, match="go without"):
        compress(picture(8, 8, 1), lossless=True, **beside)


def test_bounds_out_of_range(picture):
    for bound in (-1, 101):
        with pytest.raises(BadParameter, match="0 to 100"):
            compress(picture(8, 8, 1), max_error=bound)
    with pytest.raises(BadParameter, match="lossless"):
        compress(picture(8, 8, 1), lossless=True, max_error=1)


def test_other_symbols_are_refused(picture):
    with pytest.raises(BadParameter, match="planes that predict makes"):
        compress(
            picture(64, 64, 1), pipeline="vae(photo-f8c4) | quantize(step=1) | ans(coder=mixing)", context=Context()
        )
