"""The shipped pictures come from their script, and are what their README says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
PICTURES = ROOT / "examples" / "pictures"
SIZES = {"lake": (512, 768), "crop": (61, 97), "edges": (64, 64)}
Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools" / "pictures")
    import make_pictures

    yield make_pictures
    for name in ("make_pictures", "render", "landscape", "noise"):
        sys.modules.pop(name, None)


def shipped(name: str) -> np.ndarray:
    return np.asarray(Image.open(PICTURES / f"{name}.png"))


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name):
    assert shipped(name).shape == (*SIZES[name], 3)
    assert shipped(name).dtype == np.uint8
    assert (PICTURES / f"{name}.png").stat().st_size < 1_000_000
    assert f"| `{name}.png` | {SIZES[name][1]} × {SIZES[name][0]} |" in (PICTURES / "README.md").read_text("utf-8")


def test_edges_and_crop_are_made_as_shipped(script, tmp_path):
    np.testing.assert_array_equal(script.edges(), shipped("edges"))
    np.testing.assert_array_equal(shipped("lake")[330:391, 120:217], shipped("crop"))
    (tmp_path / "crop.png").write_bytes(script.png(shipped("crop")))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "crop.png")), shipped("crop"))


@pytest.mark.long
def test_lake_is_made_as_shipped(script):
    """Other CPUs may round a sine differently: nearly all samples are equal, and none of the rest is far."""
    made = script.developed(script.halved(script.picture(2 * 768, 2 * 512), 2)).astype(int)
    assert np.mean(made != shipped("lake")) < 0.01
    assert np.mean(np.abs(made - shipped("lake"))) < 0.05
