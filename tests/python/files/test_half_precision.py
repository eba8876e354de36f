"""Files are the same whatever precision the caller keeps in a world, and decode to the same picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import vaerans_ecs as v

HALF = {"context": v.Context(dtype="f16", threads=1)}
LATENT = "hadamard4 | cdf53(levels=2) | quantize(step=0.05) | ans"


@pytest.fixture
def file(img, sdxl):
    """A file with a residual: its base picture has a digest, which a decoder holds against its own."""
    return v.compress(img, model=sdxl, quality=60, residual="lossless")


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "model"},
        {"mode": "model", "bpp": 1.0},
        {"mode": "model", "residual": "lossless"},
        {"mode": "model", "digest": True},
        {"mode": "wavelet", "preview": True},
        {"mode": "wavelet", "ssimulacra2": 70},
        {"mode": "wavelet", "residual": 4},
        {"lossless": True},
    ],
    ids=str,
)
def test_compress(img, sdxl, options):
    model = {"model": sdxl} if options.get("mode") == "model" else {}
    file = v.compress(img, **options, **model, **HALF)
    assert file == v.compress(img, **options, **model)
    np.testing.assert_array_equal(v.decompress(file, **HALF), v.decompress(file))


def test_a_residual_stays_exact(img, file):
    np.testing.assert_array_equal(v.decompress(file, **HALF), img)
    np.testing.assert_array_equal(v.decompress(file, region=(8, 8, 40, 24), **HALF), img[8:32, 8:48])


def test_entities(img, file):
    world = v.World(arena_bytes=16 << 20)
    entity = v.read_file(world, file)
    decoded = v.decode_entities(world, [entity], HALF["context"])
    np.testing.assert_array_equal(decoded.out()[0], img)
    assert decoded.key == "ReconRGB"


def test_latents(latent):
    file = v.compress_latent(latent, LATENT, **HALF)
    assert file == v.compress_latent(latent, LATENT)
    np.testing.assert_array_equal(v.decompress_latent(file, **HALF), v.decompress_latent(file))


def test_rows(img):
    files = []
    for how in ({}, HALF):
        out = io.BytesIO()
        v.compress_stream([img], out, img.shape, quality=60, **how)
        files.append(out.getvalue())
    assert files[0] == files[1]
    rows = v.decompress_stream(io.BytesIO(files[0]), **HALF).read()
    np.testing.assert_array_equal(rows, v.decompress(files[0]))
