"""Makes ONNX Runtime's CUDA provider small enough to carry to a machine without a network (284 MB → about 20 MB by xz).

    python3 tools/cuda/slim_provider.py libonnxruntime_providers_cuda.so OUT.so [--arch 90]

Machine code stands in the section .nv_fatbin: containers of entries, one for each architecture. Code of other
architectures than the wanted one is overwritten with zeros, which a packer makes nothing of; so is code of kernels that
no network of ours calls (attention, mixtures of experts, quantised products). The file keeps its size and all of its
addresses; a kernel that was dropped is "no kernel image for this device" if it is called after all.
"""

import argparse
import mmap
import re
import struct
import subprocess
from pathlib import Path

CONTAINER = 0xBA55ED50
MACHINE_CODE = 2
ZSTD = b"\x28\xb5\x2f\xfd"
UNUSED = re.compile(
    rb"flash|cutlass|attention|moe|llm|fmha|beam|MatMulNBits|sampling|TopK|Rnn|Rotary|kernel_mha|LayerNorm",
    re.IGNORECASE,
)
NO_DEVICE_YET = 255  # an architecture's number that no machine has: the entry is never chosen


def section(data, wanted):
    """(offset, size) of an ELF file's section."""
    table = struct.unpack_from("<Q", data, 40)[0]
    each, count, names_at = struct.unpack_from("<HHH", data, 58)
    heads = [struct.unpack_from("<IIQQQQ", data, table + i * each) for i in range(count)]
    for name, _, _, _, offset, size in heads:
        start = heads[names_at][4] + name
        if data[start : data.find(b"\0", start)] == wanted:
            return offset, size
    raise SystemExit(f"there is no section {wanted.decode()}")


def entries(data, offset, size):
    """(offset of its header, kind, bytes of its header, of its payload, architecture) of every entry."""
    at, end = offset, offset + size
    while at + 16 <= end:
        magic, _, head, length = struct.unpack_from("<IHHQ", data, at)
        if magic != CONTAINER:
            at += 8  # containers are aligned
            continue
        entry, at = at + head, at + head + length
        while entry < at:
            kind, _, entry_head, payload = struct.unpack_from("<HHIQ", data, entry)
            yield entry, kind, entry_head, payload, struct.unpack_from("<I", data, entry + 28)[0]
            entry += entry_head + payload


def kernels(payload):
    """Names of the kernels in a cubin, which may be packed by zstd."""
    if payload.startswith(ZSTD):
        payload = subprocess.run(["zstd", "-dcqf"], input=payload, capture_output=True).stdout
    return set(re.findall(rb"\.text\.([\w$.]+)", payload))


def wanted(payload):
    names = kernels(payload)
    return not names or 2 * sum(bool(UNUSED.search(name)) for name in names) <= len(names)


def slim(data, arch):
    """Zeroes what is not wanted; -> bytes of machine code kept."""
    kept = 0
    for at, kind, head, size, made_for in list(entries(data, *section(data, b".nv_fatbin"))):
        begin, end = at + head, at + head + size
        if kind == MACHINE_CODE and made_for == arch and wanted(data[begin:end]):
            kept += size
            continue
        data[begin:end] = bytes(size)
        struct.pack_into("<I", data, at + 28, NO_DEVICE_YET)
    return kept


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("provider", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--arch", type=int, default=90, help="compute capability, e.g. 90")
    args = p.parse_args()
    args.out.write_bytes(args.provider.read_bytes())
    with args.out.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        print(f"kept {slim(data, args.arch):,} bytes of machine code for sm_{args.arch}")


if __name__ == "__main__":
    main()
