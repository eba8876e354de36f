"""What docs/format.md says that readers refuse, the library and the reference decoder refuse; and what both read, they
read alike in every bit, also where no encoder writes it.
"""

import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import compress, compress_latent, decompress, decompress_latent, errors

ROOT = Path(__file__).resolve().parents[3]
sys.path += [str(ROOT / "tests"), str(ROOT / "tools" / "fuzz")]

import vrs_bytes as vrs  # noqa: E402
from reference_decoder import FormatError, Priors, decode  # noqa: E402
from reference_decoder.container import read_container  # noqa: E402

PRIORS = Priors.of_checkout(ROOT)
MUST_FAIL = json.loads((ROOT / "tests" / "must_fail" / "expected.json").read_text(encoding="utf-8"))
ONE = vrs.latent(1, 1, 1)
ANS = vrs.step(vrs.ANS, (), b"\x01\x08\x21\x00")  # one symbol, 0
THREE = vrs.step(vrs.ANS, (), b"\x01\x0a\x40\x84\x00")  # three subbands of it
STEP, LEVELS = vrs.number(1, 0.5), vrs.integer(1, 4)
NAN = float("nan")


def quantize(*parameters, side_info=b"\x00\x02"):
    return vrs.step(vrs.QUANTIZE, parameters or (STEP,), side_info)


def of_one(*steps):
    """A latent of one sample under these steps."""
    return vrs.file(ONE, vrs.stream([*steps, ANS], b"\x00"))


def named(name, *parameters):
    return b"\x00" + vrs.text(name) + vrs.varint(len(parameters)) + b"".join(parameters) + b"\x00"


def refusal_of(data):
    """The library's error; the reference decoder's is demanded."""
    with pytest.raises(FormatError):
        decode(data, PRIORS)
    read = decompress_latent if data[5] & vrs.LATENT else decompress
    with pytest.raises(errors.VaeransError) as raised:
        read(data)
    return type(raised.value)


def assert_read_alike(data):
    ours = np.array(decode(data, PRIORS).base.values, np.float32)
    theirs = decompress_latent(data)
    assert ours.tobytes() == theirs.tobytes()
    return theirs


def f64(wire_id, value):
    return vrs.varint(wire_id) + b"\x04" + struct.pack("<d", value)


def with_checksum(body):
    return bytes(body) + struct.pack("<I", zlib.crc32(body))


REFUSED = {
    "too many levels": vrs.step(vrs.CDF53, (vrs.integer(1, 33),)),
    "levels below 0": vrs.step(vrs.HAAR, (vrs.integer(1, -1),)),
    "levels that are no whole number": vrs.step(vrs.CDF53, (vrs.number(1, 4.0),)),
    "levels twice": vrs.step(vrs.CDF53, (LEVELS, LEVELS)),
    "an unknown parameter": vrs.step(vrs.CDF53, (LEVELS, vrs.integer(2, 4))),
    "a parameter of a system without": vrs.step(vrs.HADAMARD4, (vrs.integer(1, 4),)),
    "a name with its parameter's": named("cdf53", vrs.text("levels") + b"\x02\x08"),
    "the name of an inverse": named("cdf53_inverse"),
    "the name of a plugin": named("org.example.none"),
    "a wire id over 65535": vrs.step(70000),
    "a wire id that is none": vrs.step(4),
    "a wavelet of subbands": vrs.step(vrs.CDF53, (LEVELS,)) * 2,
    "rct of a latent": vrs.step(vrs.RCT),
    "ycocg of a latent": vrs.step(vrs.YCOCG),
    "restore of subbands": vrs.step(vrs.CDF53, (LEVELS,)) + vrs.step(vrs.RESTORE, (vrs.integer(1, 0),)),
    "strength over 80": vrs.step(vrs.RESTORE, (vrs.integer(1, 81),)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_steps_that_are_refused(name):
    steps = 2 if name in ("a wavelet of subbands", "restore of subbands") else 1
    stream = vrs.varint(steps + 2) + REFUSED[name] + quantize() + ANS + b"\x00"
    assert refusal_of(vrs.file(ONE, stream)) is not errors.InternalError


QUANTISERS = {
    "a step of 0": (vrs.number(1, 0.0),),
    "a step below 0": (vrs.number(1, -1.0),),
    "a step over 1e9": (f64(1, 1.1e9),),
    "a step that is no number": (vrs.number(1, NAN),),
    "a step that is a text": (vrs.name(1, "x"),),
    "bits 1": (STEP, vrs.integer(2, 1)),
    "bits 17": (STEP, vrs.integer(2, 17)),
    "deadzone below a half": (STEP, vrs.number(3, 0.25)),
    "deadzone 1": (STEP, vrs.number(3, 1.0)),
    "rdo, which is no decoder's": (STEP, vrs.number(4, 0.0)),
}


@pytest.mark.parametrize("name", QUANTISERS)
def test_parameters_of_quantisers_that_are_refused(name):
    side_info = b"\x00" * 8 if "bits" in name else b"\x00\x02"
    kind = refusal_of(of_one(quantize(*QUANTISERS[name], side_info=side_info)))
    assert kind is (errors.CorruptStream if "rdo" in name else errors.BadParameter)


def test_numbers_of_steps_and_parameters():
    hadamards = [vrs.step(vrs.HADAMARD4)] * 14
    assert assert_read_alike(of_one(*hadamards, quantize())) == 0.5
    assert refusal_of(of_one(*hadamards, vrs.step(vrs.HADAMARD4), quantize())) is errors.LimitExceeded
    assert refusal_of(of_one(vrs.step(vrs.CDF53, (LEVELS,) * 65), quantize())) is errors.LimitExceeded


@pytest.mark.parametrize("offset", [(1 << 30) + 1, -(1 << 30) - 1, 1 << 40, -(1 << 63)])
def test_offsets_beyond_their_range(offset):
    assert refusal_of(of_one(quantize(side_info=b"\x00" + vrs.signed(offset)))) is errors.CorruptStream


@pytest.mark.parametrize("offset", [0, 1, -1, (1 << 24) + 1, -(1 << 24) - 3, 123456789, 1 << 30, -(1 << 30)])
@pytest.mark.parametrize("step", [0.1, 3.3333333, 1e-38, 1.4e-45, 1e-300, 1e9, 7])
def test_values_of_any_offset_and_step(offset, step):
    """A whole number is rounded before the product, and a step that vanishes gives +0."""
    parameter = vrs.integer(1, step) if isinstance(step, int) else f64(1, step)
    value = assert_read_alike(of_one(quantize(parameter, side_info=b"\x00" + vrs.signed(offset))))
    assert value.ravel()[0] == np.float32(step) * np.float32(offset)
    assert step != 1e-300 or not np.signbit(value).any()


def test_values_whose_symbols_differ():
    latent = np.random.default_rng(4).normal(0, 30, (3, 9, 13)).astype(np.float32)
    stream = read_container(compress_latent(latent, "quantize(step=0.003) | ans")).base
    for offset in ((1 << 24) - 7000, -(1 << 24) - 9000, (1 << 30) - 3, -(1 << 30)):
        quantiser = quantize(vrs.number(1, 0.7), side_info=stream.steps[0].side_info[:1] + vrs.signed(offset))
        coder = vrs.step(vrs.ANS, (), stream.steps[1].side_info)
        assert_read_alike(vrs.file(vrs.latent(3, 9, 13), vrs.stream([quantiser, coder], stream.payload)))


@pytest.mark.parametrize("system", [vrs.HADAMARD4, vrs.CDF53, vrs.HAAR, vrs.CDF97])
def test_side_information_that_is_ignored(system):
    parameters = () if system == vrs.HADAMARD4 else (LEVELS,)
    plain = of_one(vrs.step(system, parameters), quantize())
    junk = of_one(vrs.step(system, parameters, b"xyz"), quantize())
    assert assert_read_alike(junk) == decompress_latent(plain) == 0.5


@pytest.mark.parametrize("name", ["cdf53", "haar", "cdf97"])
def test_systems_by_their_names(name):
    """With parameters by wire id, or with none."""
    for parameters in ((), (vrs.integer(1, 2),)):
        assert assert_read_alike(of_one(named(name, *parameters), quantize())) == 0.5
    assert refusal_of(of_one(named(name, vrs.integer(1, 33)), quantize())) is errors.BadParameter


PICTURE = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


def steps_of(stream, changed, **how):
    """The stream's steps as bytes, one of them with another side information or parameters."""
    out = []
    for step in stream.steps:
        mine = how if step.system == changed else {}
        kept = tuple(parameter(key, value) for key, value in step.parameters.items())
        more = mine.get("side_info", b"")
        out.append(vrs.step(step.system, mine.get("parameters", kept), step.side_info + more))
    return out


def parameter(key, value):
    kind = vrs.truth if isinstance(value, bool) else vrs.integer if isinstance(value, int) else vrs.number
    return kind(key, value)


@pytest.mark.parametrize(
    ("options", "system", "how"),
    [
        ({"lossless": True}, vrs.PREDICT, {"side_info": b"x"}),
        ({"lossless": True}, vrs.PREDICT, {"parameters": (vrs.integer(1, 101),)}),
        ({"lossless": True}, vrs.PREDICT, {"parameters": (vrs.integer(1, 0), vrs.integer(2, 5))}),
        ({"mode": "wavelet"}, vrs.YCOCG, {"side_info": b"x"}),
        ({"mode": "wavelet"}, vrs.RESTORE, {"side_info": b"x"}),
        ({"mode": "wavelet"}, vrs.QUANTIZE_BANDS, {"side_info": b"x"}),
        ({"mode": "wavelet"}, vrs.QUANTIZE_BANDS, {"parameters": (vrs.number(1, 9.0), vrs.number(2, 0.05))}),
        ({"mode": "wavelet"}, vrs.QUANTIZE_BANDS, {"parameters": (vrs.number(1, 9.0), vrs.integer(5, 300))}),
        ({"mode": "wavelet"}, vrs.QUANTIZE_BANDS, {"parameters": (vrs.number(1, 2e9),)}),
    ],
)
def test_chains_of_pictures_that_are_refused(options, system, how):
    data = compress(PICTURE, **options)
    stream = read_container(data).base
    assert system in [step.system for step in stream.steps]
    untouched = vrs.file(vrs.picture(5, 4), vrs.stream(steps_of(stream, None), stream.payload))
    np.testing.assert_array_equal(decompress(untouched), decompress(data))
    assert refusal_of(vrs.file(vrs.picture(5, 4), vrs.stream(steps_of(stream, system, **how), stream.payload)))


def test_a_pictures_chain_on_a_latent():
    stream = read_container(compress(PICTURE, mode="wavelet")).base
    assert refusal_of(vrs.file(vrs.latent(3, 5, 4), vrs.stream(steps_of(stream, None), stream.payload)))
    draft = bytearray((ROOT / "tests" / "golden" / "draft" / "bands.vrs").read_bytes()[:-4])
    draft[6] ^= 1
    with pytest.raises(FormatError, match="ycocg cannot follow on planes"):
        decode(with_checksum(draft), PRIORS)


def test_symbols_that_are_larger_than_their_type():
    draft = bytearray((ROOT / "tests" / "golden" / "draft" / "bands.vrs").read_bytes()[:-4])
    draft[29] ^= 1
    with pytest.raises(FormatError, match="a symbol that is larger than its type"):
        decode(with_checksum(draft), PRIORS)
    with pytest.raises(errors.CorruptStream, match="larger than its symbols allow"):
        decompress(with_checksum(draft))


@pytest.mark.parametrize(("step", "read"), [(1.0, True), (1.0 + 1e-9, True), (2.5, False), (70000.0, False)])
def test_steps_of_whole_numbers(step, read):
    picture = np.full((1, 1, 3), 7, np.uint8)
    file = read_container(compress(picture, lossless=True))
    base = vrs.stream(steps_of(file.base, None), file.base.payload)
    steps = [vrs.step(vrs.RCT, (), b"junk"), quantize(f64(1, step)), THREE]
    digests = 2 * hashlib.sha256(picture.tobytes()).digest()[:8]
    data = vrs.file(vrs.picture(1, 1), base, vrs.chunk(vrs.RESIDUAL, b"\0" + digests + vrs.stream(steps, b"\0")))
    if read:
        assert decode(data, PRIORS).residual.values == [2, 1, 2]
        np.testing.assert_array_equal(decompress(data), [[[9, 8, 9]]])
    else:
        assert refusal_of(data) is errors.CorruptStream


@pytest.mark.parametrize("label", sorted(label for label in MUST_FAIL if "over-limit" not in label))
def test_files_that_must_fail(label):
    """But for limits, which are the library's own."""
    with pytest.raises(FormatError):
        decode((ROOT / "tests" / "must_fail" / f"{label}.vrs").read_bytes(), PRIORS)


@pytest.mark.parametrize(
    "quantiser",
    [vrs.step(vrs.QUANTIZE_U8, (vrs.truth(1, False),), struct.pack("<ff", 2, 5)),
     vrs.step(vrs.QUANTIZE, (vrs.number(1, 1.0), vrs.integer(2, 4)), struct.pack("<ff", 2, 5) * 3)],
)  # fmt: skip
def test_affine_quantisers_are_of_floats(quantiser):
    """In a residual stream they would be of whole numbers, which have no room for a scale and a zero."""
    pixel = np.full((1, 1, 3), 7, np.uint8)
    head = vrs.header(vrs.picture(1, 1))
    base = compress(pixel, lossless=True)[len(head) + 2 : -4]  # one chunk of less than 128 bytes, and its checksum
    digest = hashlib.sha256(pixel.tobytes()).digest()[:8]
    symbols = vrs.step(vrs.ANS, (), b"\x01\x08\x21\x00")
    residual = b"\x00" + 2 * digest + vrs.stream([vrs.step(vrs.RCT, (), b""), quantiser, symbols], b"\x00")
    data = vrs.sealed(head, vrs.chunk(vrs.BASE, base), vrs.chunk(vrs.RESIDUAL, residual))
    assert refusal_of(data) is errors.DTypeError
