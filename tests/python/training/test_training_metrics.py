"""What training minimises is what the codec reports: its metrics in PyTorch against the codec's own."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v

ROOT = Path(__file__).resolve().parents[3]
SIDES = ((512, 768), (301, 257), (200, 180))  # six scales, odd sides, fewer scales


@pytest.fixture
def torch(monkeypatch):
    """PyTorch, with the package training on the path."""
    monkeypatch.syspath_prepend(ROOT)
    return pytest.importorskip("torch", reason="PyTorch is missing: ./dev setup --training")


def metric():
    return importlib.import_module("training.autoencoder.ssimulacra2")


def pair(height, width, noise, seed=5):
    """A picture of waves of all lengths in three colours, and the same with noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width][..., None] / np.array([37.0, 23.0, 11.0])
    picture = 128 + 60 * np.sin(x + y * y / 9) + 50 * np.cos(y * 3 - x)
    worse = picture + noise * random.standard_normal(picture.shape)
    return tuple(np.clip(np.round(p), 0, 255).astype(np.uint8) for p in (picture, worse))


def tensors(torch, *pictures):
    return (torch.from_numpy(p).permute(2, 0, 1)[None].float() / 127.5 - 1 for p in pictures)


@pytest.mark.parametrize("noise", [2, 8, 30])
@pytest.mark.parametrize(("height", "width"), SIDES)
def test_the_score_is_the_codecs(torch, height, width, noise):
    a, b = pair(height, width, noise)
    score = metric().score(metric().damage(*tensors(torch, a, b))).item()
    assert score == pytest.approx(v.measure(a, b)["ssimulacra2"], abs=0.05)


def test_equal_pictures_score_100_and_pull_nowhere(torch):
    a, _ = pair(200, 180, 0)
    x, y = tensors(torch, a, a)
    y.requires_grad_()
    damage = metric().damage(x, y)
    damage.sum().backward()
    assert metric().score(damage).item() == pytest.approx(100, abs=0.2)  # variances in float32
    assert y.grad.isfinite().all()


def test_a_step_against_the_slope_helps(torch):
    x, y = tensors(torch, *pair(200, 180, 20))
    y.requires_grad_()
    before = metric().damage(x, y)
    before.sum().backward()
    after = metric().damage(x, y - 0.02 * y.grad / y.grad.abs().max())
    assert after.item() < 0.99 * before.item()
