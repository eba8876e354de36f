"""Streams are exchanged with constriction, word for word, in both directions: ANSEncode(coder='constriction').

The contract: the probabilities of a subband are counts / counts.sum() in float64 over the symbols 0 … largest (at least
two of them), its model is Categorical(probabilities, perfect=False), and the payload is what AnsCoder.get_compressed()
gives after the subbands were encoded in reverse: the last one first.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaerans_ecs import World
from vaerans_ecs.systems import ANSDecode, ANSEncode, Hadamard4, Quantize, WaveletCDF53

constriction = pytest.importorskip("constriction")


def model_of(subband):
    counts = np.bincount(subband, minlength=2)
    return constriction.stream.model.Categorical(counts / counts.sum(), perfect=False)


def all_subbands(symbols):
    values = np.asarray(symbols).ravel()
    parts = [values[s.offset : s.offset + s.h * s.w] for s in symbols.subbands] or list(np.asarray(symbols))
    return [part.astype(np.int32) for part in parts]


def subbands_of(symbols):
    return [part for part in all_subbands(symbols) if part.size]


def their_words(subbands):
    coder = constriction.stream.stack.AnsCoder()
    for subband in reversed(subbands):
        coder.encode_reverse(subband, model_of(subband))
    return coder.get_compressed()


def words_of(bitstream):
    """The payload as words; a stream without words is one zero byte, as a tensor cannot be empty."""
    payload = bytes(bitstream)
    return np.zeros(0, np.uint32) if payload == b"\0" else np.frombuffer(payload, "<u4")


def symbols_entity(world, values):
    entity = world.new_entity()
    world.set(entity, "SymbolsU8", values, kind="symbols")
    return world.pipe(entity).select("SymbolsU8")


def exchange(pipe):
    symbols = pipe.out("SymbolsU8")
    sent = np.array(symbols)
    subbands = subbands_of(symbols)
    pipe | ANSEncode(coder="constriction")
    words = words_of(pipe.out("Bitstream"))
    np.testing.assert_array_equal(words, their_words(subbands))  # what we read is what they write

    # And they read what we write, knowing no more than the stream does.
    coder = constriction.stream.stack.AnsCoder(words.astype(np.uint32))
    probabilities = [p for p, s in zip(pipe.out("Bitstream").probs, all_subbands(symbols), strict=True) if s.size]
    for subband, p in zip(subbands, probabilities, strict=True):
        model = constriction.stream.model.Categorical(p, perfect=False)
        np.testing.assert_array_equal(coder.decode(model, len(subband)), subband)
    assert coder.is_empty()
    np.testing.assert_array_equal((pipe | ANSDecode()).out("SymbolsU8"), sent)


@st.composite
def symbols(draw):
    """(channels, n) symbols: flat, steep, sparse, constant and lonely ones, of 8 and of 16 bits."""
    dtype, top = draw(st.sampled_from([(np.uint8, 255), (np.uint8, 3), (np.uint16, 5000), (np.uint16, 65535)]))
    shape = draw(st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 7, 100, 3000])))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    kind = draw(st.sampled_from(["flat", "steep", "sparse", "constant"]))
    if kind == "flat":
        return rng.integers(0, top, shape, endpoint=True).astype(dtype)
    if kind == "steep":
        return rng.laplace(top / 2, draw(st.floats(0.05, top / 8)), shape).round().clip(0, top).astype(dtype)
    if kind == "sparse":
        return (rng.random(shape) < 0.01).astype(dtype) * dtype(top)
    return np.full(shape, draw(st.integers(0, top)), dtype)


@settings(max_examples=200, deadline=None)
@given(symbols())
def test_symbols_of_many_distributions(values):
    exchange(symbols_entity(World(16 << 20), values))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.01, 3), st.integers(0, 1 << 32))
def test_bands_of_latents(height, width, step, seed):
    world = World(16 << 20)
    latent = np.random.default_rng(seed).normal(0, 1, (4, height, width)).astype(np.float32)
    pipe = world.pipe(world.spawn_latent(latent)) | Hadamard4() | WaveletCDF53(3) | Quantize(step=step)
    exchange(pipe)
