"""Latents through the whole chain, over shapes, batches and levels (hypothesis)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaerans_ecs import ContractError, Pipeline, World, compress_latent, decompress_latent, write_file
from vaerans_ecs.systems import (
    ANSDecode,
    ANSEncode,
    Hadamard4,
    Quantize,
    QuantizeU8,
    WaveletCDF53,
    WaveletHaar,
)

shapes = st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(1, 70), st.integers(1, 70))
few = settings(max_examples=40, deadline=None)


def noise(shape, seed, scale=1.0):
    return (np.random.default_rng(seed).normal(0, scale, shape)).astype(np.float32)


@few
@given(shapes, st.integers(1, 3), st.integers(0, 8), st.sampled_from([WaveletCDF53, WaveletHaar]), st.integers(0, 99))
def test_symbols_come_back_exactly_and_values_within_the_step(shape, batch, levels, wavelet, seed):
    world = World(32 << 20)
    latents = noise((batch, *shape), seed)
    pipe = world.pipe([world.spawn_latent(one) for one in latents])
    pipe | Hadamard4() | wavelet(levels) | Quantize(step=0.01)
    before = [np.array(c) for c in pipe.out("SymbolsU8")]
    pipe | ANSEncode() | ANSDecode()
    for sent, received in zip(before, pipe.out("SymbolsU8"), strict=True):
        np.testing.assert_array_equal(sent, received)
    pipe | Quantize.dequantize() | wavelet.inverse() | Hadamard4.inverse()
    for sent, received in zip(latents, pipe.out("Latent4"), strict=True):
        assert np.abs(sent - received).max() < 0.5


@few
@given(shapes, st.integers(0, 8), st.sampled_from([WaveletCDF53, WaveletHaar]), st.integers(0, 99))
def test_wavelets_invert(shape, levels, wavelet, seed):
    world = World(32 << 20)
    latent = noise(shape, seed)
    pipe = world.pipe(world.spawn_latent(latent)) | wavelet(levels) | wavelet.inverse(levels=levels)
    np.testing.assert_allclose(pipe.out(), latent, atol=1e-5)
    whole = np.random.default_rng(seed).integers(-500, 500, shape).astype(np.int16)
    entity = world.new_entity()
    world.set(entity, "Whole", whole, kind="planes")
    pipe = world.pipe(entity).select("Whole") | wavelet(levels) | wavelet.inverse()
    np.testing.assert_array_equal(pipe.out("Whole"), whole)


@few
@given(shapes, st.booleans(), st.integers(0, 99))
def test_eight_bits_keep_a_256th_of_the_range(shape, per_band, seed):
    world = World(32 << 20)
    latent = noise(shape, seed)
    pipe = world.pipe(world.spawn_latent(latent)) | QuantizeU8(per_band=per_band)
    assert pipe.out("SymbolsU8").dtype == np.uint8
    back = np.asarray((pipe | QuantizeU8.dequantize()).out())
    span = (latent.max((1, 2)) - latent.min((1, 2))).max() if per_band else latent.max() - latent.min()
    assert np.abs(back - latent).max() <= span / 255 / 2 + 1e-5


@few
@given(shapes, st.sampled_from(["hadamard4 | cdf53", "haar(levels=2)", "hadamard4"]), st.integers(0, 99))
def test_files(shape, transform, seed):
    latent = noise(shape, seed)
    data = compress_latent(latent, f"{transform} | quantize(step=0.01) | ans")
    assert np.abs(decompress_latent(data) - latent).max() < 0.5


def test_per_band_scales_are_really_used(world, latent):
    """One loud band must not cost the quiet ones their precision."""
    uneven = latent * np.array([1000, 1, 1, 0.001], np.float32)[:, None, None]

    def error_of_quiet(per_band):
        pipe = world.pipe(world.spawn_latent(uneven)) | QuantizeU8(per_band=per_band) | QuantizeU8.dequantize()
        return np.abs(np.asarray(pipe.out())[3] - uneven[3]).max()

    assert error_of_quiet(True) < 1e-5 < error_of_quiet(False)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused_with_their_band(world, latent, value):
    from vaerans_ecs.errors import NonFinite

    broken = latent.copy()
    broken[2, 3, 4] = value
    for quantiser in (QuantizeU8(), Quantize(step=0.5), Quantize(bits=10)):
        with pytest.raises(NonFinite, match="channel 2"):
            world.pipe(world.spawn_latent(broken)).to(quantiser)


def test_a_batch_of_symbols_of_two_types():
    """A coefficient beyond 255 symbols in one latent of a batch changes nothing in the files of the others."""
    latents = [noise((4, 24, 32), seed) for seed in range(3)]
    latents[1][0, 5, 7] = 400
    chain = "cdf53(levels=2) | quantize(step=0.5) | ans(coder=static)"
    world = World(32 << 20)
    ids = [world.spawn_latent(latent) for latent in latents]
    pipe = world.pipe(ids) | Pipeline(chain)
    assert [world.get(e, "SymbolsU8").dtype for e in ids] == [np.uint8, np.uint16, np.uint8]
    for entity, latent in zip(ids, latents, strict=True):
        assert write_file(world, entity) == compress_latent(latent, chain)
        np.testing.assert_allclose(decompress_latent(write_file(world, entity)), latent, atol=1.5)
    pipe | ANSDecode() | Quantize.dequantize() | WaveletCDF53.inverse()
    for back, latent in zip(pipe.out("Latent4"), latents, strict=True):
        np.testing.assert_allclose(back, latent, atol=1.5)


@pytest.mark.parametrize("dtype", ["i2", "i4"])
def test_a_latent_of_whole_numbers_stands_in_no_file(dtype):
    """It would come back as floats, by another wavelet than went in."""
    world = World()
    entity = world.new_entity()
    world.set(entity, "Latent4", np.arange(256, dtype=dtype).reshape(4, 8, 8), "planes")
    world.run("cdf53(levels=2) | quantize(step=1) | ans", entity)
    with pytest.raises(ContractError, match=r"or a latent of f32, not planes \(4, 8, 8\) of i"):
        write_file(world, entity)
