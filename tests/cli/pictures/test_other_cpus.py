"""Files decode to the encoder's pixels on older processors, emulated by qemu."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EMULATOR = shutil.which("qemu-x86_64")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(EMULATOR is None, reason="qemu-x86_64 is missing: apt-get install qemu-user"),
]


@pytest.mark.parametrize("cpu", ["Haswell", "SandyBridge", "Nehalem"])  # AVX2; AVX; SSE4.2
def test_the_same_pixels_on_an_older_cpu(cli, cpu, tmp_path):
    target = tmp_path / "out.png"
    command = [EMULATOR, "-cpu", cpu, cli.program, "decompress", ROOT / "tests" / "golden" / "digest.vrs", "-o", target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=True)
    assert "the encoder's very pixels" in done.stdout
    assert target.exists()
