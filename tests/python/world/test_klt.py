"""The Karhunen-Loève transform, with NumPy's eigenvectors as the oracle."""

import numpy as np
import pytest
from vaerans_ecs import Pipeline, compress_latent, decompress_latent, file_info
from vaerans_ecs.errors import BadParameter, ShapeError
from vaerans_ecs.systems import KLT, KLTInverse


def correlated(channels, h=40, w=56, seed=3):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(channels, channels)) * np.exp2(-np.arange(channels) / 3)
    smooth = rng.normal(size=(channels, h, w)).cumsum(2)
    smooth -= smooth.mean((1, 2), keepdims=True)
    return np.einsum("ab,bhw->ahw", mix, smooth / smooth.std((1, 2), keepdims=True)).astype(np.float32)


def covariance(planes):
    return np.cov(planes.reshape(planes.shape[0], -1).astype(np.float64), bias=True)


@pytest.mark.parametrize("channels", [2, 4, 16, 32])
def test_channels_become_the_eigenvectors(world, channels):
    latent = correlated(channels)
    turned = np.array(world.pipe(world.spawn_latent(latent)).to(KLT(noise=0.07)).out("YUVW4"))
    before, after = covariance(latent), covariance(turned)
    assert np.trace(after) == pytest.approx(np.trace(before), rel=1e-5), "a rotation"
    # Bits a sample: half the log of the variances over the noise; the eigenvalues are the least.
    noise = 0.07**2 * np.trace(before) / channels
    eigenvalues = np.linalg.eigh(before)[0]
    least, bits, plain = (0.5 * np.log2(v + noise).mean() for v in (eigenvalues, np.diag(after), np.diag(before)))
    assert plain - least > 0.2
    # A pair is left as it is where turning it would save less than the 9 to 17 bits that it takes.
    assert bits - least < (channels - 1) / 2 * 17 / (40 * 56)


@pytest.mark.parametrize("channels", [1, 3, 4, 32])
def test_files_hold_the_rotations(channels):
    latent = correlated(channels)
    chain = "klt | cdf53(levels=3) | quantize(step=0.02) | ans"
    data = compress_latent(latent, chain)
    assert file_info(data).recipe.startswith("klt | cdf53")
    np.testing.assert_allclose(decompress_latent(data), latent, atol=0.02 * channels + 0.05)
    if channels > 1:
        assert len(data) < 0.95 * len(compress_latent(latent, chain.removeprefix("klt | ")))


def test_nothing_is_sent_where_nothing_is_gained():
    latent = np.random.default_rng(1).normal(size=(4, 32, 32)).astype(np.float32)
    plain, turned = (compress_latent(latent, f"{klt}quantize(step=0.1) | ans") for klt in ("", "klt | "))
    assert len(turned) - len(plain) <= 6, "a step without parameters and side information of one byte"


def test_parameters():
    assert KLT().recipe == "klt" and str(Pipeline("klt(noise=0.5)")) == "klt(noise=0.5)"
    assert isinstance(KLT().inverse(), KLTInverse)
    with pytest.raises(BadParameter, match="'noise' is a number, 0 to 1, not 2"):
        KLT(noise=2)


def test_too_many_channels(world):
    with pytest.raises(ShapeError, match="at most 64 channels"):
        world.pipe(world.spawn_latent(np.zeros((65, 2, 2), np.float32))).to(KLT())
