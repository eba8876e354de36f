"""Small files that claim much: what each costs before it is refused, or decoded."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import sandbox
import vaerans_ecs as v

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools" / "fuzz"))

import vrs_bytes as vrs  # noqa: E402

QUANTIZE = vrs.step(vrs.QUANTIZE, (vrs.number(1, 0.5),), b"\x00\x00")
STATIC = vrs.step(vrs.ANS, (), b"\x01\x08\x21\x00")


def chain(source: bytes, *steps: bytes) -> bytes:
    return vrs.file(source, vrs.stream([*steps, QUANTIZE, STATIC], b"\x00"))


def network(name: str) -> bytes:
    return vrs.step(vrs.VAE, (vrs.name(1, name),), bytes(8) + b"\x08\x20\x00")


def flat(side: int, **options: object) -> bytes:
    """A picture of one colour, as an encoder writes it."""
    return v.compress(np.full((side, side, 3), 7, np.uint8), threads=1, **options)


def with_chunk(file: bytes, more: bytes) -> bytes:
    """A file of one chunk with another one behind it."""
    header, base = v.file_info(file).chunks
    first = file[base.offset : base.offset + base.bytes - 4]
    return vrs.sealed(file[: header.bytes], bytes([first[0] & ~vrs.LAST]) + first[1:], more)


def flat_latent(side: int, recipe: str) -> bytes:
    return v.compress_latent(np.zeros((4, side, side), np.float32), recipe, threads=1)


def decodable() -> dict[str, bytes]:
    """Files that say what they claim: they decode, or a limit refuses them."""
    thirteen = " | ".join(["hadamard4"] * 13)
    return {
        "16 megapixels of one colour, lossless": flat(4096, lossless=True),
        "16 megapixels of one colour, wavelet": flat(4096, mode="wavelet", step=30.0),
        "a flat latent of 16 million samples": flat_latent(2048, "quantize(step=2) | ans(coder=static)"),
        "the same with thirteen transforms": flat_latent(2048, f"{thirteen} | quantize(step=2) | ans(coder=static)"),
        "the same with a wavelet of 32 levels": flat_latent(2048, "cdf53(levels=32) | quantize(step=2) | ans"),
    }


def impossible() -> dict[str, bytes]:
    """Files that claim what no encoder would write."""
    levels = vrs.step(vrs.CDF53, (vrs.integer(1, 32),))
    metadata = vrs.chunk(vrs.XMP, b"\x01\xff\xff\xff\xff\x0f" + bytes(900))
    return {
        "16 megapixels by a model of another hash": chain(vrs.picture(4096, 4096), network("photo-f8c32")),
        "64 megapixels by a model of another hash": chain(vrs.picture(8192, 8192), network("photo-f8c32")),
        "16 megapixels by a model that is not there": chain(vrs.picture(4096, 4096), network("nonesuch")),
        "1024 channels of 16 thousand samples each": chain(vrs.latent(1024, 128, 128), levels),
        "268 megapixels in 39 bytes": chain(vrs.latent(1, 16384, 16384)),
        "4 GiB of metadata in 1 kB": with_chunk(flat(8, lossless=True), metadata),
    }


def stored() -> dict[str, bytes]:
    """Those that others found, where the collection lies beside the checkout."""
    folder = ROOT.parent / "shared" / "faults"
    return {f"shared/faults/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.vrs"))}


def measure(program: str) -> list[dict[str, Any]]:
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for label, data in (decodable() | impossible() | stored()).items():
            path = Path(folder) / "bomb.vrs"
            path.write_bytes(data)
            run = sandbox.run([program, "verify", "--full", str(path)])
            verdict = "crashed" if run.crashed else "hung" if run.hung else "decoded" if run.status == 0 else "refused"
            out.append(
                {"file": label, "bytes": len(data), "result": verdict, "peak": run.peak, "cpu": round(run.cpu, 2)}
            )
            print(out[-1], file=sys.stderr)
    return out
