"""The main job on the Kodak photos: the floors that the shipped model has to hold. Skipped without the photos."""

from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as vaerans
from PIL import Image
from vaerans_ecs.systems import MetricPSNR, OnnxVAEDecode, OnnxVAEEncode

KODAK = Path(__file__).resolve().parents[4] / "shared" / "kodak"
MISSING = "the 24 Kodak photos (kodim01.png … kodim24.png) are not in shared/kodak beside the checkout"
pytestmark = pytest.mark.skipif(not KODAK.is_dir(), reason=MISSING)


@pytest.fixture(scope="module")
def photos():
    return [np.asarray(Image.open(path).convert("RGB")) for path in sorted(KODAK.glob("*.png"))]


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(np.float64) - b) ** 2))


# Mean PSNR without quantisation: at least what the model reached, and not more than so few channels can hold.
BOUNDS = {"photo-f8c4": (25.8, 32.0), "photo-f8c32": (30.0, 38.0), "photo-f8c64": (31.0, 40.0)}


@pytest.fixture(scope="module", params=BOUNDS)
def model(request):
    return request.param


@pytest.fixture(scope="module")
def ceiling(photos, model):
    """PSNR in dB of each photo through the VAE alone."""
    world = vaerans.World(arena_bytes=2 << 30)
    ids = world.spawn_batch_rgb(photos)
    world.pipe(ids).to(OnnxVAEEncode(model=model)).to(OnnxVAEDecode()).to(MetricPSNR())
    return np.array([world.metadata(e)["psnr"] for e in ids])


def test_the_model_keeps_its_floor(ceiling, model):
    low, high = BOUNDS[model]
    assert low <= ceiling.mean() <= high


def test_the_highest_quality_is_near_the_ceiling(photos, ceiling, model):
    decoded = vaerans.decompress(vaerans.compress(photos, quality=100, model=model))
    coded = np.array([psnr(a, b) for a, b in zip(photos, decoded, strict=True)])
    assert np.all(coded > 15)
    assert ceiling.mean() - 1.5 <= coded.mean() <= ceiling.mean() + 0.1


def test_rates_are_met(photos):
    for photo in photos[:3]:
        data = vaerans.compress(photo, bpp=0.1, mode="model")
        assert 0.09 <= 8 * len(data) / (photo.shape[0] * photo.shape[1]) <= 0.1


def test_two_shapes_are_two_runs_and_equal_single_ones(photos, model):
    upright = [p for p in photos if p.shape[0] > p.shape[1]][:3]
    eight = upright + [p for p in photos if p.shape[0] < p.shape[1]][:5]
    context = vaerans.Context(trace=True)
    world = vaerans.World(arena_bytes=1 << 30)
    ids = world.spawn_batch_rgb(eight)
    world.pipe(ids, context).to(OnnxVAEEncode(model=model)).to(OnnxVAEDecode())
    for name in ("vae(", "vae_decode"):
        steps = [t for t in context.trace if t["system"].startswith(name)]
        assert len(steps) == 2
        assert sum(t["values"]["session_runs"] for t in steps) == 2
    for photo, entity in list(zip(eight, ids, strict=True))[::3]:
        alone = vaerans.World(arena_bytes=1 << 30)
        single = alone.spawn_image(photo)
        alone.pipe(single).to(OnnxVAEEncode(model=model)).to(OnnxVAEDecode())
        batch = np.asarray(world.get(entity, "Latent4"))
        np.testing.assert_allclose(np.asarray(alone.get(single, "Latent4")), batch, atol=1e-4 * np.abs(batch).max())
        difference = np.asarray(alone.get(single, "ReconRGB")).astype(int) - np.asarray(world.get(entity, "ReconRGB"))
        assert np.abs(difference).max() <= 1


@pytest.mark.long
def test_every_photo_comes_back_bit_exact(photos):
    for photo in photos:
        data = vaerans.compress(photo, residual="lossless", mode="model")
        np.testing.assert_array_equal(vaerans.decompress(data), photo)
