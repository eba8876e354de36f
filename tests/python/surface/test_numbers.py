"""Numbers at their limits: right, or refused, never another number in silence."""

from __future__ import annotations

import os
import signal
import struct
import zlib

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import models
from vaerans_ecs.errors import CorruptStream, LimitExceeded, ShapeError
from vaerans_ecs.systems import MetricSSIMULACRA2


def round_trip(values: np.ndarray, recipe: str) -> np.ndarray:
    return v.decompress_latent(v.compress_latent(values.astype(np.float32), recipe))


def full(value: float) -> np.ndarray:
    return np.full((4, 8, 8), value, np.float32)


@pytest.mark.parametrize("sign", [1, -1])
def test_indices_of_2_to_the_30_are_refused(sign):
    step = 2.0**-20
    below = full(sign * 1023.9375)  # its index, just below 2^30, is a whole number of steps that float32 holds
    assert np.array_equal(round_trip(below, f"quantize(step={step}) | ans"), below)
    for value in (1024, 2000, 3e38):
        with pytest.raises(LimitExceeded, match="2\\^30 steps"):
            v.compress_latent(full(sign * value), f"quantize(step={step}) | ans")
    with pytest.raises(LimitExceeded):
        v.compress_latent(full(sign * 2000), "quantize(step=1e-6) | ans")


@pytest.mark.parametrize("recipe", ["quantize_u8", "quantize_u8(per_band=false)", "quantize(bits=16)"])
def test_ranges_that_no_float_holds_are_refused(recipe):
    checks = np.indices((4, 8, 8)).sum(0) % 2
    with pytest.raises(LimitExceeded, match="further apart"):
        round_trip(np.where(checks, 3.4e38, -3.4e38), f"{recipe} | ans")
    large = np.where(checks, 1.6e38, -1.6e38).astype(np.float32)
    back = round_trip(large, f"{recipe} | ans")
    assert np.all(np.isfinite(back)) and np.allclose(back, large, rtol=1e-5)


@pytest.mark.parametrize("bits", range(2, 17))
def test_the_largest_float_stays_finite(bits):
    largest = np.finfo(np.float32).max
    for low in (0, 1e38):
        latent = np.array([[[largest, low], [low, low]]], np.float32)
        back = round_trip(latent, f"quantize(bits={bits}) | ans")
        assert np.allclose(back, latent, rtol=1e-6)


@pytest.fixture
def wide():
    """Latents in the thousands, as of a VAE whose scaling nobody knows."""

    def encode(x):
        return x.reshape(x.shape[0], 3, x.shape[2] // 8, 8, x.shape[3] // 8, 8).mean((3, 5)) * 1000

    def decode(z):
        return (z / 1000).repeat(8, 2).repeat(8, 3)

    with models.CallableVAE(encode, decode, name="wide", channels=3) as model:
        yield model


def test_a_generous_rate_takes_a_step_so_fine_that_finer_ones_buy_nothing(wide):
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    tight, generous = v.compress(picture, model=wide, bpp=1), v.compress(picture, model=wide, bpp=50)
    assert len(tight) <= 64 * 64 / 8 and generous == v.compress(picture, model=wide, bpp=500)

    def error_of(data: bytes) -> float:
        return np.mean((v.decompress(data).astype(float) - picture) ** 2)

    step = float(v.file_info(generous).recipe.split("step=")[1].split(")")[0])
    assert error_of(generous) <= error_of(tight)
    assert error_of(v.compress(picture, model=wide, step=step / 4)) > 0.99 * error_of(generous)


@pytest.mark.parametrize(
    ("side", "scales"), [(176, 5), (175, 4), (88, 4), (87, 3), (44, 3), (43, 2), (22, 2), (21, 1), (11, 1), (10, 0)]
)
def test_ms_ssim_says_over_how_many_scales_it_is(side, scales):
    picture = np.random.default_rng(1).integers(0, 256, (side, 200, 3), dtype=np.uint8)
    quality = v.measure(picture, picture ^ 1)
    assert quality["ms_ssim_scales"] == scales
    assert np.isnan(quality["ms_ssim"]) == np.isnan(quality["ms_ssim_rgb"]) == (scales == 0)


@pytest.mark.parametrize(("side", "there"), [(8, True), (7, False), (1, False)])
def test_ssimulacra2_needs_eight_pixels(side, there):
    picture = np.random.default_rng(1).integers(0, 256, (side, 200, 3), dtype=np.uint8)
    assert np.isnan(v.measure(picture, picture ^ 1)["ssimulacra2"]) != there
    entity = (world := v.World()).spawn_image(picture)
    world.set(entity, "ReconRGB", picture, kind="image")
    if there:
        world.pipe(entity) | MetricSSIMULACRA2()
    else:
        with pytest.raises(ShapeError, match="at least 8 x 8"):
            world.pipe(entity) | MetricSSIMULACRA2()


class Stop(BaseException):
    pass


def interrupt(_):
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):  # Python notices it between two of its instructions
        pass


def leave(_):
    raise SystemExit(3)


def stop(_):
    raise Stop


@pytest.fixture
def heeds_interrupts():
    """Programs that a shell starts in the background ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.parametrize("on_error", ["raise", "collect"])
@pytest.mark.parametrize(("way", "kind"), [(interrupt, KeyboardInterrupt), (leave, SystemExit), (stop, Stop)])
def test_what_ends_a_program_ends_a_call(img, way, kind, on_error):
    with models.CallableVAE(way, way, name="ends", channels=4), pytest.raises(kind):
        v.compress([img, img], model="ends", context=v.Context(on_error=on_error))


def test_an_exception_is_still_one_pictures_failure(img):
    def encode(_):
        raise ValueError("no")

    with models.CallableVAE(encode, name="fails", channels=4) as model:
        (result,) = v.compress([img], model=model, context=v.Context(on_error="collect"))
    assert "ValueError: no" in str(result)


@pytest.mark.parametrize("letter", [b"\xff", b"\n", b"\x1b"])
def test_texts_in_files_are_plain(wide, img, letter):
    good = v.compress(img, model=wide, quality=50)
    at = good.index(b"wide")
    body = good[:at] + letter + good[at + 1 : -4]
    bad = body + struct.pack("<I", zlib.crc32(body))
    with pytest.raises(CorruptStream, match="a text that is not UTF-8"):
        v.decompress(bad)
    with pytest.raises(CorruptStream):
        v.file_info(bad)
    first, second = v.decompress([good, bad], context=v.Context(on_error="collect"))
    assert isinstance(first, np.ndarray) and isinstance(second, CorruptStream)


def test_few_bytes_do_not_claim_many_pixels():
    flat = np.full((8, 4, 4), 1, np.float32)
    data = v.compress_latent(flat, "quantize | ans")
    assert data[6:9] == bytes([8, 4, 4])
    body = data[:6] + bytes([8]) + b"\x80\x20" * 2 + data[9:-4]  # 4096 x 4096
    claim = body + struct.pack("<I", zlib.crc32(body))
    with pytest.raises(LimitExceeded, match="max_pixels_per_byte"):
        v.decompress_latent(claim)
    limits = v.Context().limits
    assert limits.max_pixels_per_byte == 4096
