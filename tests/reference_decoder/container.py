"""The container: from a file's bytes to its streams (docs/format.md, "Layout")."""

import zlib
from dataclasses import dataclass, field

from .numbers import ByteReader, ChecksumError
from .rules import BY_NAME, MOST_PARAMETERS, MOST_STEPS, MOST_WIRE_ID, check_parameter

MAGIC, DRAFT_MAGIC = b"\xf6VRS", b"\x96VRS"
LATENT, GREY, SIXTEEN_BIT = 1, 2, 4
NAMED, BASE, RESIDUAL, ALPHA, DIGEST, TILES, PREVIEW, ICC, EXIF, XMP = range(10)
NEEDED_CHUNKS, OPTIONAL_CHUNKS = (BASE, RESIDUAL, ALPHA), (DIGEST, TILES, PREVIEW, ICC, EXIF, XMP)


@dataclass
class Step:
    """A step of a chain. `system` is a wire id, or the name of a plugin; `parameters` likewise."""

    system: int | str
    parameters: dict
    side_info: bytes

    def parameter(self, key: int, default: bool | int | float) -> bool | int | float:
        return self.parameters.get(key, default)


@dataclass
class Stream:
    steps: list[Step]
    payload: bytes


@dataclass
class Chunk:
    number: int
    needed: bool
    name: str  # only of number 0
    content: bytes


@dataclass
class File:
    """`source_bits` are those of the header; the shape is (H, W, channels) of a picture, (C, h, w) of a latent."""

    source_bits: int
    source_shape: tuple[int, int, int]
    base: Stream | None = None
    base_digest: bytes = b""
    source_digest: bytes = b""
    residual: Stream | None = None
    lossless: bool = False
    alpha: Stream | None = None
    others: list[Chunk] = field(default_factory=list)

    @property
    def is_latent(self) -> bool:
        return bool(self.source_bits & LATENT)


def read_container(data: bytes) -> File:
    if data[:4] == DRAFT_MAGIC:
        return read_draft(data)
    reader = ByteReader(data, "file")
    if reader.take(4) != MAGIC:
        reader.fail("this is not a .vrs file")
    if (version := reader.u8()) != 1:
        reader.fail(f"format version {version} is unknown")
    bits, extents = read_extents(reader)
    chunks = read_chunks(reader, data[: reader.at])
    file = File(bits, check_source(reader, bits, extents))
    for chunk in chunks:
        take_in(file, chunk)
    if file.base is None or (file.is_latent and (file.base_digest or file.alpha)):
        reader.fail("no base stream, or a latent with what belongs to pictures")
    return file


def read_extents(reader: ByteReader) -> tuple[int, tuple[int, int, int]]:
    bits = reader.u8()
    first, second = reader.varint(), reader.varint()
    third = reader.varint() if bits & LATENT else 1 if bits & GREY else 3
    return bits, (first, second, third)


def check_source(reader: ByteReader, bits: int, extents: tuple[int, int, int]) -> tuple[int, int, int]:
    if bits > 7 or (bits & LATENT and bits != LATENT) or 0 in extents:
        reader.fail("an impossible source, or one of a later version")
    return extents


def read_chunks(reader: ByteReader, header: bytes) -> list[Chunk]:
    chunks: list[Chunk] = []
    last = False
    while not last:
        begin = reader.at
        kind = reader.u8()
        last = bool(kind & 0x80)
        name = reader.text() if kind & 0x3F == NAMED else ""
        content = reader.take(reader.varint())
        checksum = zlib.crc32(header + reader.data[begin : reader.at])
        if reader.unpack("I") != checksum:
            raise ChecksumError("a checksum does not match: the file is damaged")
        chunks.append(Chunk(kind & 0x3F, bool(kind & 0x40), name, content))
    reader.expect_end()
    if len(chunks) > 64 or len({(c.number, c.name) for c in chunks}) < len(chunks):
        reader.fail("too many chunks, or two of a kind")
    return chunks


def take_in(file: File, chunk: Chunk):
    reader = ByteReader(chunk.content, f"chunk {chunk.number} {chunk.name}")
    if chunk.needed != (chunk.number in NEEDED_CHUNKS) and (chunk.needed or chunk.number in NEEDED_CHUNKS):
        reader.fail("an unknown chunk that is needed, or a chunk that is marked wrongly")
    if chunk.number == BASE:
        file.base = read_stream(reader)
    elif chunk.number == RESIDUAL:
        read_residual(reader, file)
    elif chunk.number == ALPHA:
        file.alpha = read_stream(reader)
    elif chunk.number == DIGEST:
        if file.base_digest:
            reader.fail("a digest beside that of a residual")
        file.base_digest = reader.take(8)
        reader.expect_end()
    else:
        file.others.append(chunk)


def unpacked(chunk: Chunk) -> bytes:
    """What a chunk of metadata holds; nothing where a later version packed it."""
    reader = ByteReader(chunk.content, f"chunk {chunk.number}")
    method = reader.u8()
    if method > 1:
        return b""
    if method == 0:
        return reader.rest()
    size = reader.varint()
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(reader.rest(), size + 1)
    except zlib.error as error:
        return reader.fail(str(error))
    if size > 64 << 20 or len(data) != size or not inflate.eof or inflate.unused_data:
        return reader.fail("deflated data that do not fit")
    return data


def read_residual(reader: ByteReader, file: File):
    if (lossless := reader.u8()) > 1:
        reader.fail("a residual that is neither lossless nor lossy")
    file.lossless = lossless == 1
    if file.base_digest:
        reader.fail("a digest beside that of a residual")
    file.base_digest, file.source_digest = reader.take(8), reader.take(8)
    file.residual = read_stream(reader)


def read_draft(data: bytes) -> File:
    """A file from before format 1.0 (docs/format.md, "Files from before 1.0")."""
    if len(data) < 10 or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise ChecksumError("the checksum does not match: the file is damaged or cut short")
    reader = ByteReader(data[:-4], "file")
    if reader.take(5) != DRAFT_MAGIC + b"\x01" or (flags := reader.u8()) not in (0, 1, 3, 4):
        reader.fail("a layout or flags that are unknown")
    kind, shape = reader.u8(), (reader.varint(), reader.varint(), reader.varint())
    if kind > 1 or 0 in shape or (kind == 0 and shape[2] != 3) or (kind == 1 and flags):
        reader.fail("an impossible source")
    file = File(kind, shape, read_stream(reader, sized=True), lossless=flags == 3)
    if flags:
        file.base_digest = reader.take(8)
    if flags & 1:
        file.source_digest = reader.take(8)
        file.residual = read_stream(reader, sized=True)
    reader.expect_end()
    return file


def read_stream(reader: ByteReader, sized: bool = False) -> Stream:
    """The payload is the rest, unless its size comes first."""
    steps = [read_step(reader) for _ in range(at_most(MOST_STEPS, reader, "steps"))]
    payload = reader.take(reader.varint()) if sized else reader.rest()
    if not steps or not payload:
        reader.fail("a stream without steps or without a payload")
    return Stream(steps, payload)


def at_most(most: int, reader: ByteReader, what: str) -> int:
    if (n := reader.varint()) > most:
        reader.fail(f"{n} {what}")
    return n


def read_step(reader: ByteReader) -> Step:
    system: int | str = reader.varint()
    if system > MOST_WIRE_ID:
        reader.fail("a wire id that is too large")
    if system == 0:
        named = reader.text()
        system = BY_NAME.get(named, named)
    parameters: dict = {}
    for _ in range(at_most(MOST_PARAMETERS, reader, "parameters")):
        key = reader.text() if isinstance(system, str) else reader.varint()
        value = read_value(reader)
        check_parameter(system, key, value, parameters)
        parameters[key] = value
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
