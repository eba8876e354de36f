"""Makes tests/must_fail: hostile .vrs files, each below 1 kB, whose errors are pinned in expected.json beside them.

    python tools/fuzz/make_must_fail.py [FOLDER]

Every file is put together from the format's document, with a checksum that fits unless the checksum is the point.
tests/python/files/test_must_fail.py decodes them and compares code and text, and compares the files with what this
script makes. An error text that changes on purpose is brought along by running this script again.
"""

from __future__ import annotations

import argparse
import json
import struct
from pathlib import Path

import vaerans_ecs as vaerans
import vrs_bytes as vrs

ROOT = Path(__file__).resolve().parents[2]

ONE_SAMPLE = vrs.latent(1, 1, 1)
QUANTIZE = vrs.step(vrs.QUANTIZE, (vrs.number(1, 0.5),), b"\x00\x00")
CONSTANT = vrs.step(vrs.ANS, (), b"\x01\x08\x21\x00")  # coder static: one lane, one table with the symbol 0
NO_WORDS = b"\x00"


def chain(*steps: bytes, source: bytes = ONE_SAMPLE, payload: bytes = NO_WORDS) -> bytes:
    return vrs.file(source, vrs.stream(list(steps), payload))


GOOD = chain(QUANTIZE, CONSTANT)
NETWORK = vrs.step(vrs.VAE, (vrs.name(1, "photo-f8c4"),), bytes(8) + b"\x08\x04\x00")
DRAFT = (ROOT / "tests" / "golden" / "draft" / "one-sample.vrs").read_bytes()  # the layout from before 1.0


def latent_chain(*parameters: bytes, wire_id: int, side_info: bytes = b"", source: bytes = ONE_SAMPLE) -> bytes:
    """One more step before the quantiser of a chain that is good without it."""
    return chain(vrs.step(wire_id, parameters, side_info), QUANTIZE, CONSTANT, source=source)


def coded(side_info: bytes, payload: bytes = NO_WORDS, source: bytes = ONE_SAMPLE) -> bytes:
    """A chain whose entropy coder has this side information."""
    return chain(QUANTIZE, vrs.step(vrs.ANS, (), side_info), source=source, payload=payload)


def tile(side_info: bytes, modes_and_stream: bytes) -> bytes:
    """A picture of the pixel coder, of one tile."""
    payload = vrs.varint(len(modes_and_stream)) + modes_and_stream
    return chain(vrs.step(vrs.PREDICT), vrs.step(vrs.ANS, (), side_info), source=vrs.picture(8, 8), payload=payload)


def frames() -> dict[str, bytes]:
    """What stands around the streams."""
    base = vrs.stream([QUANTIZE, CONSTANT], NO_WORDS)
    digest = vrs.chunk(vrs.DIGEST, bytes(8))
    return {
        "empty": b"",
        "text": b"This is no picture.\n",
        "cut-in-header": GOOD[:7],
        "cut-in-chunk": GOOD[:20],
        "cut-at-the-end": GOOD[:-1],
        "flipped-bit": GOOD[:17] + bytes([GOOD[17] ^ 0x10]) + GOOD[18:],
        "flipped-bit-in-header": GOOD[:7] + bytes([GOOD[7] ^ 0x10]) + GOOD[8:],
        "later-version": vrs.file(ONE_SAMPLE, base, version=2),
        "later-source": vrs.file(b"\x09\x01\x01\x01", base),
        "grey-latent": vrs.file(b"\x03\x01\x01\x01", base),
        "last-chunk-is-missing": vrs.file(ONE_SAMPLE, base, vrs.chunk(vrs.XMP, b""))[:-6],
        "left-over-bytes": GOOD + b"\x00",
        "latent-with-digest": vrs.file(ONE_SAMPLE, base, digest),
        "latent-with-alpha": vrs.file(ONE_SAMPLE, base, vrs.chunk(vrs.ALPHA, base)),
        "draft-cut": b"\x96VRS\x01\x00",
        "draft-flipped": DRAFT[:8] + b"\x02" + DRAFT[9:],
        "draft-of-another-version": b"\x96VRS\x02" + DRAFT[5:],
    }


def chunks() -> dict[str, bytes]:
    """Chunks that are missing, wrong or of a later version."""
    base = vrs.stream([QUANTIZE, CONSTANT], NO_WORDS)
    residual = vrs.chunk(vrs.RESIDUAL, b"\x02" + bytes(16) + base)
    return {
        "no-base": vrs.sealed(vrs.header(ONE_SAMPLE), vrs.chunk(vrs.XMP, b"")),
        "two-bases": vrs.file(ONE_SAMPLE, base, vrs.chunk(vrs.BASE, base)),
        "two-digests": vrs.file(
            vrs.picture(8, 8), base, vrs.chunk(vrs.RESIDUAL, bytes(17) + base), vrs.chunk(vrs.DIGEST, bytes(8))
        ),
        "digest-before-residual": vrs.file(
            vrs.picture(8, 8), base, vrs.chunk(vrs.DIGEST, bytes(8)), vrs.chunk(vrs.RESIDUAL, bytes(17) + base)
        ),
        "two-of-a-name": vrs.file(ONE_SAMPLE, base, *[vrs.chunk(vrs.NAMED, b"", name="depth")] * 2),
        "base-may-be-skipped": vrs.sealed(vrs.header(ONE_SAMPLE), vrs.chunk(vrs.BASE, base, needed=False)),
        "digest-too-short": vrs.file(vrs.picture(8, 8), base, vrs.chunk(vrs.DIGEST, bytes(7))),
        "digest-too-long": vrs.file(vrs.picture(8, 8), base, vrs.chunk(vrs.DIGEST, bytes(9))),
        "residual-half-lossless": vrs.file(vrs.picture(8, 8), base, residual),
        "later-chunk": vrs.file(ONE_SAMPLE, base, vrs.chunk(40, b"", needed=True)),
        "later-named-chunk": vrs.file(
            ONE_SAMPLE, base, vrs.chunk(vrs.NAMED, b"", needed=True, name="org.example.depth")
        ),
        "name-of-a-chunk-with-half-a-character": vrs.file(ONE_SAMPLE, base, b"\x00\x01\xc3\x00"),
        "too-many-chunks": vrs.file(ONE_SAMPLE, base, *[vrs.chunk(vrs.NAMED, b"", name=str(i)) for i in range(64)]),
    }


def shapes() -> dict[str, bytes]:
    """Sources that are impossible or too large."""
    return {
        "no-rows": chain(QUANTIZE, CONSTANT, source=vrs.latent(1, 0, 1)),
        "grey-picture-of-a-network": chain(NETWORK, QUANTIZE, CONSTANT, source=vrs.picture(8, 8, vrs.GREY)),
        "sixteen-bit-picture-of-a-network": chain(
            NETWORK, QUANTIZE, CONSTANT, source=vrs.picture(8, 8, vrs.SIXTEEN_BIT)
        ),
        "side-over-limit": chain(QUANTIZE, CONSTANT, source=vrs.latent(1, 2**40, 1)),
        "pixels-over-limit": chain(QUANTIZE, CONSTANT, source=vrs.picture(60000, 60000)),
        "channels-over-limit": chain(QUANTIZE, CONSTANT, source=vrs.latent(100000, 1, 1)),
        "superfluous-byte-in-number": chain(QUANTIZE, CONSTANT, source=b"\x01\x81\x00\x01\x01"),
        "number-over-64-bits": chain(QUANTIZE, CONSTANT, source=b"\x01" + b"\xff" * 10 + b"\x01\x01"),
    }


def steps() -> dict[str, bytes]:
    """Steps that nobody knows, that do not fit, or whose parameters are out of range."""
    return {
        "no-steps": chain(),
        "too-many-steps": chain(*[vrs.step(vrs.CDF53)] * 70, QUANTIZE, CONSTANT),
        "unknown-system": latent_chain(wire_id=999),
        "unknown-plugin": chain(b"\x00" + vrs.text("nonesuch") + b"\x00\x00", QUANTIZE, CONSTANT),
        "inverse-as-step": chain(b"\x00" + vrs.text("dequantize") + b"\x00\x00", CONSTANT),
        "unknown-parameter": latent_chain(vrs.integer(9, 1), wire_id=vrs.CDF53),
        "unknown-kind-of-value": latent_chain(b"\x01\x09", wire_id=vrs.CDF53),
        "levels-out-of-range": latent_chain(vrs.integer(1, 99), wire_id=vrs.CDF53),
        "model-name-is-a-path": chain(
            vrs.step(vrs.VAE, (vrs.name(1, "../secrets"),), bytes(11)), QUANTIZE, CONSTANT, source=vrs.picture(8, 8)
        ),
        "name-with-an-escape-sequence": chain(
            vrs.step(vrs.VAE, (vrs.name(1, "photo\x1b[31m"),), bytes(11)), QUANTIZE, CONSTANT, source=vrs.picture(8, 8)
        ),
        "name-with-half-a-character": chain(
            vrs.step(vrs.VAE, (b"\x01\x05\x06photo\xc3",), bytes(11)), QUANTIZE, CONSTANT, source=vrs.picture(8, 8)
        ),
        "step-is-nan": chain(vrs.step(vrs.QUANTIZE, (vrs.number(1, float("nan")),), b"\x00\x00"), CONSTANT),
        "hadamard-of-three-channels": latent_chain(wire_id=vrs.HADAMARD4, source=vrs.latent(3, 1, 1)),
        "ends-without-coder": chain(QUANTIZE),
        "side-information-cut": vrs.file(ONE_SAMPLE, b"\x02\x0a\x00\xff\x01"),
        "side-information-over-limit": vrs.file(ONE_SAMPLE, b"\x02\x0a\x00" + vrs.varint(2**50)),
        "klt-too-many-rotations": latent_chain(
            wire_id=vrs.KLT, side_info=b"\x70" + bytes(20), source=vrs.latent(2, 1, 1)
        ),
    }


def coders() -> dict[str, bytes]:
    """Side information and payloads that no coder wrote."""
    dependent = vrs.truth(4, True)
    return {
        "no-payload": vrs.file(ONE_SAMPLE, b"\x02" + QUANTIZE + CONSTANT),
        "unknown-coder": coded(b"\x09"),
        "no-coder": coded(b""),
        "static-seven-lanes": coded(b"\x01\xe0"),
        "static-tables-cut": coded(b"\x01\x08"),
        "static-words-left": coded(b"\x01\x08\x21\x00", payload=bytes(range(8))),
        "context-unknown-prior": coded(b"\x02\x01\x02\x03\x04\x00\x00\x00"),
        "constriction-counts-over-size": coded(b"\x03\x8c\xff\xff"),
        "constriction-cut": coded(b"\x03"),
        "graphic-tiles-too-large": graphic(b"\x01\x00", side_log=12),
        "graphic-unknown-form": graphic(b"\x03\x00"),
        "graphic-window-over-window": graphic(bytes([1, 2, 0, 0, 4, 8, 0, 0, 4, 8, 0, 0])),
        "graphic-window-outside": graphic(bytes([1, 1, 1, 0, 8, 8, 0])),
        "graphic-windows-too-many": graphic(
            b"\x01\x11" + bytes(v for i in range(17) for v in (i % 8, i // 8, 1, 1)) + bytes(17)
        ),
        "graphic-windows-without-end": graphic(b"\x01" + vrs.varint(2**40)),
        "graphic-cut": graphic(bytes([2, 0, 1, 1, 2, 3, 4, 5, 6, 0, 0, 0])),
        "dense-without-a-coded-plane": tile(b"\x04\x05\x00\x09", b"\x95\x01\x02\x03"),
        "dense-in-a-stream-without": tile(b"\x04\x01\x00\x09", b"\x80" + bytes(8)),
        "fast-with-a-bound": tile(b"\x04\x07\x01\x09", b"\x15\x01\x02\x03"),
        "fast-and-dense": tile(b"\x04\x07\x00\x09", b"\x80" + bytes(8)),
        "fast-planes-over-the-tile": tile(b"\x04\x07\x00\x09", b"\x00" + vrs.varint(2**40) + b"\x08\x08"),
        "fast-cut": tile(b"\x04\x07\x00\x09", b"\x14\x01\x02\x08" + struct.pack("<Q", 2**32)),
        "dependent-bands-of-a-latent": coded(b"\x04\x06", source=vrs.latent(2, 1, 1)),
        "dependent-bands-cut": wavelet_picture(dependent, side_info=bytes(7), payload=b"\x01\x05\x01\x02\x03\x04\x05"),
        "dependent-bands-without-centers": wavelet_picture(dependent, side_info=bytes(4), payload=b"\x00"),
        "dependent-with-a-map-of-steps": wavelet_picture(dependent, side_info=bytes(7) + b"\x00", payload=b"\x00"),
        "dependent-of-another-kind": wavelet_picture(vrs.integer(4, 1), side_info=bytes(7), payload=b"\x00"),
        "restored-too-strongly": restored_picture((vrs.integer(1, 81),)),
        "restored-with-side-information": restored_picture((vrs.integer(1, 40),), b"\x00"),
        "dense-cut": tile(b"\x04\x05\x00\x09", b"\x80" + struct.pack("<Q", 2**32)),
    }


def graphic(tile: bytes, side_log: int = 11) -> bytes:
    """A graphic of 8 x 8 pixels, of one tile."""
    steps = [
        vrs.step(vrs.PREDICT, (vrs.integer(1, 0),)),
        vrs.step(vrs.ANS, (), bytes([4, 4, side_log])),
    ]
    return vrs.file(vrs.picture(8, 8), vrs.stream(steps, vrs.varint(len(tile)) + tile))


def wavelet_picture(parameter: bytes, side_info: bytes, payload: bytes) -> bytes:
    """8 x 8 pixels of the wavelet coder, with dependent indices in the payload."""
    quantizer = vrs.step(vrs.QUANTIZE_BANDS, (vrs.number(1, 4.0), parameter), side_info)
    steps = [vrs.step(vrs.YCOCG), vrs.step(vrs.CDF97, (vrs.integer(1, 1),)), quantizer]
    return vrs.file(vrs.picture(8, 8), vrs.stream([*steps, vrs.step(vrs.ANS, (), b"\x04\x06")], payload))


def restored_picture(parameters: tuple[bytes, ...], side_info: bytes = b"") -> bytes:
    """8 x 8 pixels of the wavelet coder, restored."""
    restore = vrs.step(vrs.RESTORE, parameters, side_info)
    steps = [vrs.step(vrs.YCOCG), restore, vrs.step(vrs.CDF97, (vrs.integer(1, 1),))]
    steps += [vrs.step(vrs.QUANTIZE_BANDS, (vrs.number(1, 4.0),), bytes(7)), vrs.step(vrs.ANS, (), b"\x04\x02")]
    return vrs.file(vrs.picture(8, 8), vrs.stream(steps, b"\x00"))


def cases() -> dict[str, bytes]:
    return frames() | chunks() | shapes() | steps() | coders()


def error_of(data: bytes) -> dict[str, str]:
    """Code and text of the error that decoding gives, without the list of systems that happen to be registered."""
    try:
        picture = vaerans.file_info(data).source_key == "RGB"
        (vaerans.decompress if picture else vaerans.decompress_latent)(data)
    except vaerans.VaeransError as error:
        return {"code": error.code, "text": str(error).partition("; known:")[0]}
    raise SystemExit("a file that must fail was decoded")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "tests" / "must_fail")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for label, data in sorted(cases().items()):
        (folder / f"{label}.vrs").write_bytes(data)
        expected[label] = error_of(data)
        print(f"{label}: {expected[label]['code']}: {expected[label]['text']}")
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
