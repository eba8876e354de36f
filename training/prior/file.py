"""Where a trained prior goes: prior.bin in a model's folder, or a source file of the library. The layout is defined in
src/coding/context/context_prior.hpp."""

import hashlib
import json

SOURCE_HEADER = (
    "// Made by `python -m training.prior.train --residual`; a new one makes residual streams of old files "
    "unreadable.\n"
)


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def svarint(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def serialise(rows, tables, zero_flags, samples):
    levels = samples.keys[0][0]
    out = bytearray(b"VPRI") + bytes([2, samples.channels - 1, levels, samples.points])
    for freq in tables:
        out += bytes([len(freq)]) + b"".join(map(varint, freq))
    out += b"".join(map(varint, zero_flags.flatten().tolist()))
    for key in samples.keys:
        weights, means, bias = rows[key]
        for c in range(samples.channels):
            numbers = weights[:, c].tolist() + means[:, c].tolist() + bias[c].tolist()
            out += b"".join(map(svarint, numbers))
    return bytes(out)


def install(folder, content):
    """Writes prior.bin and its hash into the card, the card last and atomically."""
    (folder / "prior.bin").write_bytes(content)
    card_path = folder / "model.json"
    card = json.loads(card_path.read_text())
    card["prior"] = {"file": "prior.bin", "sha256": hashlib.sha256(content).hexdigest()}
    card_path.with_suffix(".tmp").write_text(json.dumps(card, indent=2) + "\n")
    card_path.with_suffix(".tmp").replace(card_path)


def write_source(path, content):
    """The bytes as the inside of a C array."""
    lines = (content[i : i + 24] for i in range(0, len(content), 24))
    path.write_text(SOURCE_HEADER + "".join(",".join(map(str, line)) + ",\n" for line in lines))
