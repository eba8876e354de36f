"""The dial between the wavelet coder and the model, with the shipped model on a photo that nothing is tuned on."""

from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as vaerans
from PIL import Image

PHOTO = Path(__file__).resolve().parents[4] / "shared" / "kodak" / "kodim15.png"
pytestmark = pytest.mark.skipif(not PHOTO.is_file(), reason="the Kodak photos are not in shared/kodak")


@pytest.fixture(scope="module")
def photo():
    """(256,384,3) uint8, the middle of a Kodak photo."""
    return np.asarray(Image.open(PHOTO).crop((128, 128, 512, 384)))


def score(photo, file):
    return vaerans.measure(photo, vaerans.decompress(file))["ssimulacra2"]


def is_by_model(file):
    return "vae(" in str(vaerans.file_info(file).recipe)


def test_a_low_quality_is_the_models_in_fewer_bytes(photo):
    file = vaerans.compress(photo, quality=25)
    wavelet = vaerans.compress(photo, quality=25, mode="wavelet")
    assert is_by_model(file)
    assert len(file) < 0.97 * len(wavelet)
    assert score(photo, file) == pytest.approx(25, abs=2)


def test_a_score_is_met_from_above_by_the_model_too(photo):
    file = vaerans.compress(photo, ssimulacra2=30)
    assert is_by_model(file)
    assert 30 <= score(photo, file) < 32
    assert len(file) < len(vaerans.compress(photo, ssimulacra2=30, mode="wavelet"))


def test_within_the_same_bytes_the_model_looks_better(photo):
    file = vaerans.compress(photo, bpp=0.15)
    assert is_by_model(file)
    assert 8 * len(file) <= 0.15 * photo.shape[0] * photo.shape[1]
    assert score(photo, file) > score(photo, vaerans.compress(photo, bpp=0.15, mode="wavelet")) + 1


def test_qualities_that_no_model_reaches_are_the_wavelets(photo):
    assert not is_by_model(vaerans.compress(photo, quality=75))


def test_bytes_and_scores_rise_across_the_hand_over(photo):
    files = [vaerans.compress(photo, quality=quality) for quality in range(10, 81, 10)]
    sizes, scores = [len(f) for f in files], [score(photo, f) for f in files]
    assert sizes == sorted(sizes) and scores == sorted(scores)
    assert is_by_model(files[0]) and not is_by_model(files[-1])


@pytest.mark.parametrize("target", [-100, -300])
def test_scores_below_what_any_step_gives_end_at_the_coarsest(photo, target):
    # The search went on to coarser steps until all was nothing, and beyond what a file can say.
    file = vaerans.compress(photo[:64, :64], ssimulacra2=target)
    assert len(file) < 200
    assert score(photo[:64, :64], file) >= target
