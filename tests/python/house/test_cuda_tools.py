"""tools/cuda without a GPU: what is left out of the provider that travels, and the probe that answers there."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT))

from tools.cuda import slim_provider  # noqa: E402

PROBE = ROOT / "build/release/bin/vaerans_cuda_probe"


def entry(kind, arch, payload):
    """As nvcc writes them: a header of 64 bytes, then the code."""
    return struct.pack("<HHIQIII", kind, 1, 64, len(payload), 0, 0, 0) + struct.pack("<I", arch) + bytes(32) + payload


def container(*entries):
    body = b"".join(entries)
    return struct.pack("<IHHQ", slim_provider.CONTAINER, 1, 16, len(body)) + body


def library(code):
    """The least that is an ELF file with a section .nv_fatbin."""
    names = b"\0.nv_fatbin\0.shstrtab\0"
    data = bytearray(b"\x7fELF" + bytes(60)) + code + names
    table = len(data)
    for name, offset, size in ((0, 0, 0), (1, 64, len(code)), (12, 64 + len(code), len(names))):
        data += struct.pack("<IIQQQQ", name, 1, 0, 0, offset, size) + bytes(24)
    struct.pack_into("<Q", data, 40, table)
    struct.pack_into("<HHH", data, 58, 64, 3, 2)
    return data


def test_a_provider_keeps_the_code_of_one_architecture_without_what_no_network_calls():
    add, attention, old = (f"\0.text._ZN{name}E\0".encode().ljust(48, b"\1") for name in ("3add", "9flash_fwd", "3add"))
    code = container(entry(2, 80, old), entry(2, 90, add)) + container(entry(1, 90, old), entry(2, 90, attention))
    data = library(code)
    before = bytes(data)
    assert slim_provider.slim(data, 90) == len(add)
    assert len(data) == len(before)
    kept = [(kind, size, arch) for _, kind, _, size, arch in slim_provider.entries(data, 64, len(code))]
    assert kept == [(2, 48, 255), (2, 48, 90), (1, 48, 255), (2, 48, 255)]
    assert bytes(data).count(add) == 1
    assert attention not in data


def test_without_the_section_nothing_is_guessed():
    data = library(container())
    data[data.index(b".nv_fatbin") + 1] = ord("x")
    with pytest.raises(SystemExit, match=r"no section \.nv_fatbin"):
        slim_provider.slim(data, 90)


@pytest.mark.skipif(not PROBE.exists(), reason="vaerans_cuda_probe is not built (VAERANS_BUILD_BENCH)")
def test_the_probe_answers_each_line_by_a_line(tmp_path):
    from training.exact.latents import SMALL, latents, pinned

    latents(4, SMALL).tofile(tmp_path / "latents")
    shape = f"{SMALL[0]} 4 {SMALL[1]} {SMALL[2]}"
    decoder = ROOT / "models/photo-f8c4/decoder.onnx"
    asked = f"exact {decoder} CPUExecutionProvider {tmp_path}/latents {shape}\nnonsense\nchain photo-f8c4 cpu 1 kept\n"
    environment = os.environ | {"VAERANS_MODEL_PATH": str(ROOT / "models")}
    done = subprocess.run([PROBE], input=asked, capture_output=True, text=True, timeout=120, env=environment)
    exact, nonsense, chain = map(json.loads, done.stdout.splitlines())
    assert exact["cpu"] == exact["found"] == pinned(decoder)
    assert "head of tools/cuda/probe.cpp" in nonsense["error"]
    assert chain["mp_s"] > 0 and not chain["stayed"]
