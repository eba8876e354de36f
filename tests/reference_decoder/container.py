"""The container: from a file's bytes to its streams (docs/format.md, "Layout")."""

import zlib
from dataclasses import dataclass

from .numbers import ByteReader, ChecksumError

MAGIC = b"\x96VRS"
RESIDUAL, LOSSLESS, DIGEST = 1, 2, 4
KNOWN_FLAGS = (0, RESIDUAL, RESIDUAL | LOSSLESS, DIGEST)
PICTURE, LATENT = 0, 1


@dataclass
class Step:
    """A step of a chain. `system` is a wire id, or a plugin's name; `parameters` likewise."""

    system: int | str
    parameters: dict
    side_info: bytes


@dataclass
class Stream:
    steps: list[Step]
    payload: bytes


@dataclass
class File:
    flags: int
    source_kind: int
    source_shape: tuple[int, int, int]
    base: Stream
    base_digest: bytes = b""
    source_digest: bytes = b""
    residual: Stream | None = None


def read_container(data: bytes) -> File:
    if len(data) < 10 or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise ChecksumError("the checksum does not match: the file is damaged, cut short, or no .vrs file")
    reader = ByteReader(data[:-4], "file")
    if reader.take(4) != MAGIC:
        reader.fail("this is not a .vrs file")
    if (version := reader.u8()) != 1:
        reader.fail(f"format version {version} is unknown")
    if (flags := reader.u8()) not in KNOWN_FLAGS:
        reader.fail(f"flags {flags} are unknown")
    file = File(flags, *read_source(reader), read_stream(reader))
    read_tail(reader, file)
    reader.expect_end()
    return file


def read_source(reader: ByteReader) -> tuple[int, tuple[int, int, int]]:
    kind = reader.u8()
    shape = (reader.varint(), reader.varint(), reader.varint())
    if kind not in (PICTURE, LATENT) or 0 in shape or (kind == PICTURE and shape[2] != 3):
        reader.fail("an impossible source")
    return kind, shape


def read_tail(reader: ByteReader, file: File):
    """What follows the base stream."""
    if file.flags != 0 and file.source_kind != PICTURE:
        reader.fail("a latent with what belongs to pictures")
    if file.flags & (DIGEST | RESIDUAL):
        file.base_digest = reader.take(8)
    if file.flags & RESIDUAL:
        file.source_digest = reader.take(8)
        file.residual = read_stream(reader)


def read_stream(reader: ByteReader) -> Stream:
    steps = [read_step(reader) for _ in range(reader.varint())]
    size = reader.varint()
    if not steps or size == 0:
        reader.fail("a stream without steps or without a payload")
    return Stream(steps, reader.take(size))


def read_step(reader: ByteReader) -> Step:
    system = reader.varint() or reader.text()
    parameters = {}
    for _ in range(reader.varint()):
        key = reader.text() if isinstance(system, str) else reader.varint()
        parameters[key] = read_value(reader)
    return Step(system, parameters, reader.take(reader.varint()))


def read_value(reader: ByteReader):
    tag = reader.u8()
    if tag in (0, 1):
        return tag == 1
    if tag == 2:
        return reader.svarint()
    if tag in (3, 4):
        return reader.unpack("f" if tag == 3 else "d")
    if tag == 5:
        return read_name(reader)
    return reader.fail(f"a value of the unknown kind {tag}")


def read_name(reader: ByteReader) -> str:
    """A text is a name, never a path, which could choose what is opened on the reader's machine."""
    name = reader.text()
    if "/" in name or "\\" in name or name in (".", ".."):
        reader.fail("a name that is a path")
    return name
