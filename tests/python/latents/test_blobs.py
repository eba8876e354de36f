"""Blobs: docs/format_blob.md equals the code, and what Python says about arrays."""

import hashlib
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import Limits, errors
from vaerans_ecs.latents import blob_info, decode_blob, encode_blob

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
sys.path.append(str(ROOT / "tests"))

from reference_decoder import blob as reference  # noqa: E402

# The start of the SHA-256 of the numbers as f32, or of the bits of an exact blob.
PINNED = {
    "exact.vlb": "a05847eb5fce673b",
    "haar.vlb": "510fb791b9e84f2d",
    "rotation.vlb": "72aa0c9408ec4310",
    "text.vlb": "d240feca7ac5b5e1",
    "trellis-text.vlb": "3c67dd30a4170d9d",
    "trellis.vlb": "d2d8a1cf7b143ad9",
    "wide.vlb": "91020d15837214dc",
}


def samples():
    """Arrays and what they are coded with: every layout, width of symbols, and target."""
    rng = np.random.default_rng(20)
    normal = lambda *shape: rng.standard_normal(shape)  # noqa: E731
    yield normal(4, 12, 14).astype(np.float16), {}
    yield normal(3, 9, 7).astype(np.float32) * np.float32([[[1]], [[5]], [[0.01]]]), {"rmse": 0.1}
    yield normal(2, 3, 2, 5, 6).astype(np.float16), {"channel_axis": 1, "rmse": 0.001}
    yield normal(11, 40).astype(np.float32) ** 3, {"channel_axis": -1}
    yield normal(300).astype(np.float16), {"step": 0.3}
    yield normal(5, 1).astype(np.float16), {}
    yield np.full((2, 6, 6), 0.3, np.float32), {}
    yield normal(2, 16, 16).astype(np.float16), {"max_error": 0.05}
    yield normal(6, 16, 16).astype(np.float16), {"bits": 5}
    yield normal(2, 40, 60).astype(np.float16), {"lossless": True}
    yield np.arange(512, dtype=np.uint16).view(np.float16).reshape(8, 64), {"lossless": True, "channel_axis": 1}
    outlier = normal(2, 16, 17).astype(np.float32)
    outlier[0, 3, 16], outlier[1, 15, 2] = 80, -90
    yield outlier, {"rmse": 0.01}
    yield outlier.reshape(2, -1), {"step": 0.2}
    yield from dependent_samples(rng)


def dependent_samples(rng):
    """Those that are long enough for a trellis: each layout, both widths, exceptions, channels without spread."""
    planes = rng.standard_normal((3, 33, 31)).astype(np.float16)
    planes[1] = 0.25
    planes[2, 5, 7], planes[2, 30, 30] = 40, -41
    text = rng.standard_normal((40, 60)).astype(np.float32)
    text[:, 7] = -1
    yield planes, {"rmse": 0.05}
    yield planes, {"rmse": 0.002}
    yield planes, {"bits": 2}
    yield planes.reshape(3, -1), {"rmse": 0.03}
    yield text, {"rmse": 0.02, "channel_axis": 1}
    yield text**5, {"rmse": 0.001, "channel_axis": 1}
    yield text.reshape(2, 20, 3, 20), {"channel_axis": 2}
    yield planes, {"rmse": 0.05, "trellis": False}
    related = np.einsum(
        "ck,bkyx->bcyx", rng.standard_normal((5, 5)) / np.arange(1, 6) ** 2, rng.standard_normal((2, 5, 15, 17))
    )
    related[0, 3, 4, 5], related[1, 0, 14, 16] = 30, -20
    for trellis in (False, True):
        yield related.astype(np.float32), {"rmse": 0.03, "channel_axis": 1, "trellis": trellis}
    yield related.reshape(2, 5, -1).astype(np.float16), {"rmse": 0.01, "channel_axis": 1}


def assert_same(data):
    ours, info = reference.decode(data), blob_info(data)
    assert ours.shape == info.shape
    assert ours.rmse == np.float32(info.rmse)
    if ours.exact:
        assert decode_blob(data).view(np.uint16).tobytes() == ours.values.astype(np.uint16).tobytes()
        return ours
    for name in ("f32", "f16"):
        assert decode_blob(data, name).tobytes() == ours.numbers(name).tobytes()
    return ours


def test_half_numbers_near_the_largest_one_stay_finite():
    half = (np.random.default_rng(1).standard_normal((4, 16, 16)) * 3e4).clip(-65504, 65504).astype(np.float16)
    beyond = 0
    for target in ({"bits": 2.0}, {"bits": 6.0}, {"step": 3000.0}, {"rmse": 0.2}, {"max_error": 900.0}):
        data = encode_blob(half, **target)
        ours, again = reference.decode(data), decode_blob(data)
        beyond += (np.abs(ours.values) >= 65520).sum()
        assert np.isfinite(again).all() and again.tobytes() == ours.numbers("f16").tobytes()
        largest = np.abs(again.astype(np.float64) - half).max()
        assert blob_info(data).largest_error == pytest.approx(largest) and ours.largest_error == np.float32(largest)
        assert decode_blob(data, "f32").tobytes() == ours.numbers("f32").tobytes()
    assert beyond, "no number that rounds to infinity"


def test_the_reference_decoder_gives_the_same_bits():
    found = set()
    for array, options in samples():
        data = encode_blob(array, **options)
        ours = assert_same(data)
        wide = bool(ours.symbols and max(ours.symbols) > 255)
        info = blob_info(data)
        assert (ours.trellis, ours.rotated) == (info.trellis, info.rotated)
        found.add((ours.exact, ours.haar, ours.trellis, ours.rotated, wide, info.exceptions > 0))
    for part in range(5):
        assert {kind[part] for kind in found} == {True, False}
    assert {kind[2:4] for kind in found if kind[5]} == {(False, False), (False, True), (True, False), (True, True)}
    assert {kind[2] for kind in found if kind[4]} == {True, False}


@pytest.mark.parametrize("name", PINNED)
def test_golden_blobs(name):
    ours = assert_same((GOLDEN / name).read_bytes())
    values = ours.values.astype("<u2" if ours.exact else "<f4")
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == PINNED[name]


def test_no_golden_blob_is_left_out():
    assert set(PINNED) == {path.name for path in GOLDEN.glob("*.vlb")}


@pytest.mark.parametrize("name", PINNED)
def test_damage_under_a_right_checksum_is_told_or_harmless(name):
    """No other exception than the package's own, whatever the bytes are."""
    data = (GOLDEN / name).read_bytes()[:-4]
    refused = 0
    for at in range(3, min(len(data), 400)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        try:
            decode_blob(bytes(damaged) + zlib.crc32(damaged).to_bytes(4, "little"), "f32")
        except errors.VaeransError:
            refused += 1
    assert refused > 20


def test_a_trellis_takes_less_for_the_same_error():
    array = np.random.default_rng(3).standard_normal((8, 64, 64)).astype(np.float16)
    plain = encode_blob(array, rmse=0.02, trellis=False)
    assert blob_info(encode_blob(array, rmse=0.02)).trellis and not blob_info(plain).trellis
    assert 8 * (len(plain) - len(encode_blob(array, rmse=0.02))) / array.size > 0.15


def test_flags_of_a_newer_version_are_refused_and_an_older_one_refuses_a_trellis():
    """The flags stand behind the common header; a reader of before the trellis knew those below 8."""
    data = bytearray((GOLDEN / "trellis.vlb").read_bytes()[:-4])
    flags = 4 + 4 + 3 + 1 + 12  # magic and version, kind … axis, a shape of three bytes, target, errors
    assert data[flags] & 8 and data[flags] < 32
    data[flags] |= 32
    with pytest.raises(errors.UnsupportedVersion, match="flag"):
        blob_info(bytes(data) + zlib.crc32(data).to_bytes(4, "little"))


def test_one_target_at_a_time():
    with pytest.raises(errors.BadParameter, match="rmse and bits"):
        encode_blob(np.zeros(3, np.float32), rmse=0.1, bits=3)


def test_arrays_of_other_types_are_refused():
    with pytest.raises(errors.DTypeError, match="float64"):
        encode_blob(np.zeros(3))
    with pytest.raises(errors.ShapeError, match="channel axis"):
        encode_blob(np.zeros(3, np.float32), channel_axis=2)


def test_an_array_that_is_not_contiguous():
    array = np.random.default_rng(1).standard_normal((8, 12, 4)).astype(np.float32).transpose(2, 0, 1)
    back = decode_blob(encode_blob(array, rmse=0.01))
    assert back.shape == array.shape
    assert np.sqrt(np.mean((back - array) ** 2)) < 0.011


def test_what_few_bytes_may_claim_is_up_to_the_reader():
    """Constant numbers take no bytes; each takes 12 to decode."""
    many = encode_blob(np.full((1, 1000, 1000), 0.5, np.float16))
    assert len(many) < 300
    for read in (blob_info, decode_blob):
        with pytest.raises(errors.LimitExceeded, match="1000000 numbers take more than max_memory"):
            read(many, limits=Limits(max_memory=12_000_000))
        assert read(many, limits=Limits(max_memory=13_000_000)).shape == (1, 1000, 1000)
    with pytest.raises(errors.BadParameter, match="limits is Limits"):
        decode_blob(many, limits=12)


def test_bfloat16_of_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.random.default_rng(2).standard_normal((4, 8, 8)).astype(ml_dtypes.bfloat16)
    data = encode_blob(array, lossless=True)
    back = decode_blob(data)
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()
    assert decode_blob(data, "f32").tobytes() == array.astype(np.float32).tobytes()


def test_tensors_of_torch():
    torch = pytest.importorskip("torch")
    tensor = torch.randn(4, 8, 8).to(torch.bfloat16)
    back = torch.from_numpy(decode_blob(encode_blob(tensor, lossless=True), "f32"))
    assert torch.equal(back, tensor.float())


def test_blobs_are_whatever_shows_its_bytes():
    blob = encode_blob(np.linspace(-1, 1, 256, dtype=np.float32).reshape(4, 8, 8))
    for shown in (bytearray(blob), memoryview(blob), np.frombuffer(blob, np.uint8)):
        assert blob_info(shown).shape == (4, 8, 8)
        assert (decode_blob(shown) == decode_blob(blob)).all()
    for wrong in (None, "text", 3):
        for read in (blob_info, decode_blob):
            with pytest.raises(errors.InvalidArgument, match="a blob is bytes, not"):
                read(wrong)
