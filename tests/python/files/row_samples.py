"""Pictures for the tests of rows, and how they are handed over, to the command line, too."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import numpy as np
import vaerans_ecs as v

ROOT = Path(__file__).resolve().parents[3]
CLI = Path(os.environ.get("VAERANS_CLI", ROOT / "build" / "release" / "bin" / "vaerans"))


def picture(channels: int, dtype: str = "uint8", height: int = 900, width: int = 300) -> np.ndarray:
    """Two rows of tiles, of one column."""
    rng = np.random.default_rng(channels)
    y, x = np.mgrid[0:height, 0:width]
    top = 250 if dtype == "uint8" else 4000
    planes = [(y * (c + 1) + x * 2) // 9 % top + rng.integers(0, 4, (height, width)) for c in range(channels)]
    return (planes[0] if channels == 1 else np.stack(planes, -1)).astype(dtype)


def strips(image: np.ndarray, rows: int):
    return (image[top : top + rows] for top in range(0, len(image), rows))


def streamed(image, **how):
    out = io.BytesIO()
    v.compress_stream(strips(image, 41), out, image.shape, **how)
    return out.getvalue()


def run(*words: object, stdin: bytes = b"", code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([CLI, *map(str, words)], input=stdin, capture_output=True, timeout=120)
    assert done.returncode == code, done.stderr.decode()
    return done
