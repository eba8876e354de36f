"""What a newcomer gets wrong in Python, and what the package answers: texts in tests/golden/python_mistakes.txt.

To write them again: VAERANS_REGENERATE=1 pytest tests/spec/test_mistakes.py
"""

import os
import re
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs
from vaerans_ecs import components, systems

GOLDEN = Path(__file__).parents[1] / "golden/python_mistakes.txt"
MISTAKES = [
    "compress(img / 255)",
    'compress(img[..., 0], mode="model")',
    "compress(img.transpose(2, 0, 1))",
    "compress(np.dstack([img, img[..., :2]]))",
    "compress('gone.png')",
    "compress([img, None])",
    "compress(img, 101)",
    "compress(img, quality=75, bpp=1)",
    "compress(img, model='sdxl')",
    "compress(img, pipeline='vae | wavlet | ans')",
    "decompress(img)",
    "decompress(None)",
    "w.spawn_image(None)",
    "w.pipe(e).to(Hadamard4)",
    "w.pipe(e).to(ANSEncode())",
    "w.pipe(e).to(3)",
    "w.pipe(e).out('Latent')",
    "w.latent[e]",
    "w.pipe(99)",
    "w.pipe([])",
    "Hadamard4() | ANSEncode()",
    "WaveletCDF53(levels=99)",
    "Pipeline('blur').run([e])",
    "Pipeline.resolve(['ans'], have='RGB', want='Bitstream')",
    "Context(dtype='f64')",
    "w.set(e, 'Mine', np.zeros(3))",
    "Context(device='gpu')",
    "compress(img, device='cuda:')",
    "compress(img, lossless=True, device='tpu')",
]


def names() -> dict:
    offered = {}
    for module in (components, systems, vaerans_ecs):
        offered |= {name: getattr(module, name) for name in module.__all__}
    y, x = np.mgrid[0:16, 0:24]
    img = np.stack([10 * x, 15 * y, x + y], axis=2).astype(np.uint8)
    world = vaerans_ecs.World(1 << 24)
    return offered | {"np": np, "img": img, "w": world, "e": world.spawn_image(img)}


def answer(code: str) -> str:
    with pytest.raises(Exception) as caught:
        exec(code, names())
    text = re.sub(r"^  /.*\n", "  FOLDER\n", str(caught.value), flags=re.MULTILINE)  # where models are looked for
    return f">>> {code}\n{type(caught.value).__name__}: {text}\n"


def test_answers(monkeypatch, tmp_path):
    monkeypatch.setenv("VAERANS_MODEL_PATH", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    now = "\n".join(map(answer, MISTAKES))
    if os.environ.get("VAERANS_REGENERATE"):
        GOLDEN.write_text(now, encoding="utf-8")
    assert now == GOLDEN.read_text(encoding="utf-8")


def test_no_answer_shows_the_inside():
    text = GOLDEN.read_text(encoding="utf-8")
    for inside in ("bad_cast", "nb_type", "nanobind", "std::", " ()", "_vaerans"):
        assert inside not in text
