"""Files decode to the encoder's pixels on older processors, emulated by qemu."""

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
EMULATOR = shutil.which("qemu-x86_64")
SIZE = 192, 128  # as many kernels as a large one goes through, and minutes less
CODERS = {
    "model": ["--mode", "model", "--digest"],
    "wavelet": ["--mode", "wavelet", "-q", "80", "--digest"],
    "lossless": ["--lossless"],
    "fast": ["--lossless", "-e", "1"],
    "dense": ["--lossless", "-e", "8"],
    "near lossless": ["--max-error", "2"],
}
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(EMULATOR is None, reason="qemu-x86_64 is missing: apt-get install qemu-user"),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    target = tmp_path_factory.mktemp("source") / "a.ppm"
    with Image.open(ROOT / "examples" / "pictures" / "lake.png") as picture:
        picture.convert("RGB").crop((100, 100, 100 + SIZE[0], 100 + SIZE[1])).save(target)
    return target


@pytest.mark.parametrize("coder", CODERS)
@pytest.mark.parametrize("cpu", ["Haswell", "SandyBridge", "Nehalem"])  # AVX2; AVX; SSE4.2
def test_the_same_pixels_on_an_older_cpu(cli, source, cpu, coder, tmp_path):
    def run(*words, emulator=()):
        command = [*emulator, cli.program, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=1800, check=True, cwd=tmp_path).stdout

    run("compress", source, "-o", "a.vrs", *CODERS[coder])
    run("decompress", "a.vrs", "-o", "here.ppm")
    said = run("decompress", "a.vrs", "-o", "there.ppm", emulator=(EMULATOR, "-cpu", cpu))
    assert "--digest" not in CODERS[coder] or "the encoder's very pixels" in said
    assert (tmp_path / "there.ppm").read_bytes() == (tmp_path / "here.ppm").read_bytes()
