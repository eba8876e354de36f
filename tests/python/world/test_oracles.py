"""Other people's code as the oracle: PyWavelets, scikit-image, SciPy, constriction."""

import numpy as np
import pytest
from PIL import Image
from vaerans_ecs import measure
from vaerans_ecs.systems import (
    ANSDecode,
    ANSEncode,
    GaussianBlur,
    MetricMSSSIM,
    MetricPSNR,
    MetricSSIM,
    MetricSSIMULACRA2,
    WaveletCDF53,
    WaveletCDF97,
    WaveletHaar,
)

MARGIN = 6  # coefficients near the border differ: PyWavelets extends in another way
# PyWavelets: (horizontal, vertical, diagonal) details are our LH, HL, HH (its names say what edges they show).


@pytest.mark.parametrize(
    ("system", "name"), [(WaveletCDF53, "bior2.2"), (WaveletHaar, "haar"), (WaveletCDF97, "bior4.4")]
)
@pytest.mark.parametrize("shape", [(64, 96), (80, 48)])
def test_interior_coefficients_are_those_of_pywavelets(world, system, name, shape):
    pywt = pytest.importorskip("pywt")
    plane = np.random.default_rng(4).normal(size=shape).astype(np.float32)
    pyramid = (world.pipe(world.spawn_latent(plane[None])) | system(levels=1)).out("WaveletPyr")
    low, (horizontal, vertical, diagonal) = pywt.dwt2(plane.astype(np.float64), name, mode="symmetric")
    shift = (low.shape[0] - shape[0] // 2) // 2
    for band, other in (("LL", low), ("LH", horizontal), ("HL", vertical), ("HH", diagonal)):
        ours = pyramid.band(0, 1, band)[MARGIN:-MARGIN, MARGIN:-MARGIN]
        theirs = matching(other, ours, shift)
        np.testing.assert_allclose(ours, theirs, atol=2e-6, err_msg=f"{name} {band}")


def matching(other, ours, shift):
    """The part of `other` under `ours`, with the sign that makes them alike."""
    h, w = ours.shape
    best = None
    for dy in (shift - 1, shift, shift + 1):
        for dx in (shift - 1, shift, shift + 1):
            part = other[MARGIN + dy : MARGIN + dy + h, MARGIN + dx : MARGIN + dx + w]
            for sign in (1, -1):
                error = np.abs(sign * part - ours).max()
                if best is None or error < best[0]:
                    best = error, sign * part
    return best[1]


def pair(picture, height=180, width=200):
    reference = picture(height, width, 3)
    noise = np.random.default_rng(8).normal(0, 9, reference.shape)
    return reference, (reference + noise).round().clip(0, 255).astype(np.uint8)


def metrics(world, reference, test, *systems):
    entity = world.spawn_image(reference)
    world.set(entity, "ReconRGB", test, kind="image")
    pipe = world.pipe(entity)
    for system in systems:
        pipe | system
    return world.metadata(entity)


@pytest.mark.parametrize("shape", [(180, 200), (33, 47), (11, 11)])
def test_psnr_and_ssim_are_those_of_scikit_image(world, picture, shape):
    metric = pytest.importorskip("skimage.metrics")
    reference, test = pair(picture, *shape)
    got = metrics(world, reference, test, MetricPSNR(), MetricSSIM())
    assert got["psnr"] == pytest.approx(metric.peak_signal_noise_ratio(reference, test, data_range=255), abs=1e-6)
    options = {"channel_axis": 2, "data_range": 255}
    gaussian = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    assert got["ssim"] == pytest.approx(metric.structural_similarity(reference, test, **options, **gaussian), abs=1e-6)
    got = metrics(world, reference, test, MetricSSIM(gaussian=False))
    assert got["ssim"] == pytest.approx(metric.structural_similarity(reference, test, **options), abs=1e-6)


def test_equal_pictures(world, img):
    got = metrics(world, img, img, MetricPSNR(), MetricSSIM(), MetricMSSSIM(), MetricSSIMULACRA2())
    assert got["ssimulacra2"] == 100
    assert got["psnr"] == float("inf") and got["ssim"] == pytest.approx(1) and got["ms_ssim"] == pytest.approx(1)


def test_measure_is_the_metrics(world, picture):
    reference, test = pair(picture)
    all_of_them = MetricPSNR(), MetricSSIM(), MetricMSSSIM(), MetricMSSSIM(channels="rgb"), MetricSSIMULACRA2()
    assert measure(reference, test) == pytest.approx(metrics(world, reference, test, *all_of_them))


@pytest.mark.parametrize("shape", [(256, 320), (225, 231), (100, 57), (16, 15), (8, 8)])
@pytest.mark.parametrize("noise", [2, 12])
def test_ssimulacra2_is_that_of_its_package(picture, tmp_path, shape, noise):
    theirs = pytest.importorskip("ssimulacra2")
    reference = picture(*shape, 3)
    test = (reference + np.random.default_rng(8).normal(0, noise, reference.shape)).round().clip(0, 255)
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, pixels in zip(paths, (reference, test), strict=True):
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    expected = theirs.compute_ssimulacra2(*map(str, paths))
    assert measure(reference, test.astype(np.uint8))["ssimulacra2"] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("sigma", [0.5, 1.5, 4.0])
@pytest.mark.parametrize("shape", [(41, 67), (5, 3), (1, 1)])
def test_blur_is_scipy_s(world, picture, sigma, shape):
    ndimage = pytest.importorskip("scipy.ndimage")
    image = picture(*shape, 5)
    ours = (world.pipe(world.spawn_image(image)) | GaussianBlur(sigma=sigma)).out("BlurRGB")
    exact = ndimage.gaussian_filter(image.astype(np.float64), (sigma, sigma, 0), mode="reflect", truncate=4.0)
    difference = np.abs(np.asarray(ours) - exact)
    assert difference.max() <= 0.5 + 1e-3  # rounded to 8 bits, and nothing else


def constriction_bytes(symbols: np.ndarray) -> int:
    """Payload bytes of constriction's ANS coder, under the symbols' own frequencies."""
    constriction = pytest.importorskip("constriction")
    counts = np.bincount(symbols)
    probabilities = (counts / counts.sum()).astype(np.float64)
    model = constriction.stream.model.Categorical(probabilities, perfect=False)
    coder = constriction.stream.stack.AnsCoder()
    coder.encode_reverse(symbols.astype(np.int32), model)
    packed = coder.get_compressed()
    back = constriction.stream.stack.AnsCoder(packed).decode(model, len(symbols))
    np.testing.assert_array_equal(back, symbols)
    return packed.nbytes


@pytest.mark.parametrize(("alphabet", "spread"), [(16, 1.5), (256, 20.0), (256, 0.4), (2, 0.3)])
def test_payload_is_as_small_as_constriction_s(world, alphabet, spread):
    rng = np.random.default_rng(11)
    middle = alphabet / 2
    symbols = rng.normal(middle, spread, (4, 1 << 18)).round().clip(0, alphabet - 1).astype(np.uint8)
    symbols = np.broadcast_to(symbols.reshape(1, -1), (1, 1 << 20))
    entity = world.new_entity()
    world.set(entity, "SymbolsU8", symbols, kind="symbols")
    pipe = world.pipe(entity).select("SymbolsU8") | ANSEncode()
    assert pipe.out("Bitstream").nbytes <= 1.001 * constriction_bytes(symbols[0]) + 64
    np.testing.assert_array_equal((pipe | ANSDecode()).out("SymbolsU8"), symbols)
