"""Bitstream.probs: what each coder coded with, held against the symbols and the size of the stream."""

import numpy as np
import pytest
from vaerans_ecs import World, systems


def coded(picture, coder):
    """Symbols and stream of the difference of two pictures; the context coder has a prior for such."""
    world = World(64 << 20)
    image = picture(96, 128, 3)
    entity = world.spawn_image(image)
    pipe = world.pipe(entity).to(systems.GaussianBlur(sigma=1.0), out="ReconRGB").to(systems.Residual())
    pipe.to("rct").to("cdf53(levels=3)").to("quantize(step=2)").to(systems.ANSEncode(coder=coder))
    return world.symbols[entity], world.bitstream[entity]


def bits_under(symbols, probs):
    flat, bits = symbols.q.ravel(), 0.0
    for band, p in zip(symbols.subbands, probs, strict=True):
        values = flat[band.offset : band.offset + band.h * band.w]
        bits -= np.log2(p[values]).sum()
    return bits


@pytest.mark.parametrize("coder", ["static", "context", "constriction"])
def test_they_are_distributions_of_these_symbols(picture, coder):
    symbols, stream = coded(picture, coder)
    assert stream.info.coder == coder and len(stream.probs) == len(symbols.subbands)
    for p in stream.probs:
        assert p.dtype == np.float64 and (p >= 0).all() and p.sum() == pytest.approx(1)
    entropy = sum(
        band.h * band.w * entropy_of(symbols.q.ravel()[band.offset : band.offset + band.h * band.w])
        for band in symbols.subbands
    )
    # No fixed distribution beats the symbols' own; one that the coder used is not much worse.
    assert entropy * 0.9999 <= bits_under(symbols, stream.probs) < 1.5 * entropy


@pytest.mark.parametrize("coder", ["static", "context", "constriction"])
def test_the_stream_is_as_large_as_they_say(picture, coder):
    symbols, stream = coded(picture, coder)
    assert 0.9 < 8 * len(stream) / bits_under(symbols, stream.probs) < 1.1


def test_asking_leaves_the_world_as_it_was(picture):
    symbols, stream = coded(picture, "context")
    used, before = symbols.world.arena.used, symbols.q.copy()
    assert len(stream.probs) == len(stream.probs)
    assert symbols.world.arena.used == used
    np.testing.assert_array_equal(symbols.q, before)


def test_binary_decisions_have_none(picture):
    world = World(64 << 20)
    entity = world.spawn_image(picture(32, 32, 1))
    world.pipe(entity).to("predict").to(systems.ANSEncode(coder="mixing"))
    assert world.bitstream[entity].probs == []


def entropy_of(values):
    p = np.bincount(values) / max(len(values), 1)
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())
