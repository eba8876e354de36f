"""More odd pictures: BMP, TGA and ICO of every kind, and PNGs of another gamma. See odd_pictures.py."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator

import numpy as np
from odd_pictures import HEIGHT, WIDTH, Odd, chunk, deep, plain, png, save, with_alpha
from PIL import Image

Masks = tuple[int, int, int, int]
RGB555: Masks = (0x7C00, 0x3E0, 0x1F, 0)
RGB565: Masks = (0xF800, 0x7E0, 0x1F, 0)
BGRX: Masks = (0xFF0000, 0xFF00, 0xFF, 0)
BGRA: Masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
RGBA: Masks = (0xFF, 0xFF00, 0xFF0000, 0xFF000000)


def dib_header(size: int, bits: int, compression: int, height: int, colors: int, masks: Masks | None = None) -> bytes:
    if size == 12:
        return struct.pack("<IHHHH", 12, WIDTH, height, 1, bits)
    head = struct.pack("<IiiHHIIiiII", size, WIDTH, height, 1, bits, compression, 0, 2835, 2835, colors, 0)
    head += struct.pack("<4I", *masks) if masks and size >= 56 else struct.pack("<3I", *masks[:3]) if masks else b""
    head = head.ljust(size, b"\0")
    return head[:56] + b"BGRs" + head[60:] if size >= 108 else head  # sRGB


def bmp_file(header: bytes, palette: bytes, raster: bytes) -> bytes:
    at = 14 + len(header) + len(palette)
    return struct.pack("<2sIHHI", b"BM", at + len(raster), 0, 0, at) + header + palette + raster


def rows(values: np.ndarray, upwards: bool = True) -> bytes:
    """Lines of bytes, each filled up to a multiple of four."""
    lines = [line.tobytes() for line in (values[::-1] if upwards else values)]
    return b"".join(line.ljust((len(line) + 3) // 4 * 4, b"\0") for line in lines)


def packed(pixels: np.ndarray, masks: Masks, dtype: str) -> np.ndarray:
    """(H, W, 4) uint8 as whole numbers, each channel in its mask's bits."""
    out = np.zeros(pixels.shape[:2], np.uint32)
    for c, mask in enumerate(masks):
        if mask:
            shift = (mask & -mask).bit_length() - 1
            out |= np.uint32(np.rint(pixels[..., c] / 255 * (mask >> shift))) << np.uint32(shift)
    return out.astype(dtype)


def runs(indices: np.ndarray, four_bits: bool) -> bytes:
    """Runs, literals, and a move over the last row but one, which stays at colour 0."""
    out = b""
    for y, line in enumerate(indices[::-1].tolist()):
        if y == len(indices) - 2:
            out += b"\0\2\0\1"
            continue
        for value, group in itertools.groupby(line[:20]):
            out += bytes([len(list(group)), value * 17 if four_bits else value])
        rest = line[20:]
        pairs = [16 * a + b for a, b in zip(rest[::2], rest[1::2], strict=True)]
        literal = bytes(pairs if four_bits else rest)
        out += bytes([0, len(rest)]) + literal + b"\0" * (len(literal) % 2) + b"\0\0"
    return out + b"\0\1"


def quantized(colors: int) -> tuple[np.ndarray, bytes]:
    image = Image.fromarray(plain()).quantize(colors)
    table = np.array(image.getpalette()[: 3 * colors], np.uint8).reshape(-1, 3)
    table = np.concatenate([table, np.zeros((colors - len(table), 3), np.uint8)])
    return np.asarray(image), np.concatenate([table[:, ::-1], np.zeros((colors, 1), np.uint8)], 1).tobytes()


def bmps() -> Iterator[Odd]:
    rgb, clear = plain(), with_alpha(plain())
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        image = Image.fromarray(clear) if mode == "RGBA" else Image.fromarray(rgb).convert(mode)
        yield Odd(f"bmp-{mode}.bmp", save(image, "BMP"))
    for size, upwards in itertools.product((12, 40, 52, 56, 64, 108, 124), (True, False)):
        if size == 12 and not upwards:
            continue  # its height has no sign
        header = dib_header(size, 24, 0, HEIGHT if upwards else -HEIGHT, 0)
        yield Odd(f"bmp-24-{size}-{upwards:d}.bmp", bmp_file(header, b"", rows(rgb[..., ::-1].copy(), upwards)))
    plain_32 = bmp_file(dib_header(40, 32, 0, HEIGHT, 0), b"", rows(packed(clear, BGRA, "<u4")))
    yield Odd("bmp-32.bmp", plain_32)  # its fourth byte is not alpha
    yield Odd("bmp-16.bmp", bmp_file(dib_header(40, 16, 0, HEIGHT, 0), b"", rows(packed(clear, RGB555, "<u2"))))
    for (bits, masks), size in itertools.product(
        ((16, RGB555), (16, RGB565), (32, BGRX), (32, BGRA), (32, RGBA)), (40, 56, 108, 124)
    ):
        if size == 40 and masks[3]:
            continue  # no room for the mask of alpha
        data = rows(packed(clear, masks, f"<u{bits // 8}"))
        name = f"bmp-masks-{bits}-{masks[0]:x}-{masks[3]:x}-{size}.bmp"
        yield Odd(name, bmp_file(dib_header(size, bits, 3, HEIGHT, 0, masks), b"", data))
    for bits in (1, 4, 8):
        indices, palette = quantized(2**bits)
        raw = np.packbits(np.unpackbits(indices[..., None], axis=-1)[..., 8 - bits :].reshape(HEIGHT, -1), axis=1)
        yield Odd(f"bmp-palette-{bits}.bmp", bmp_file(dib_header(40, bits, 0, HEIGHT, 0), palette, rows(raw)))
    for bits in (4, 8):
        indices, palette = quantized(2**bits)
        header = dib_header(40, bits, 2 if bits == 4 else 1, HEIGHT, 0)
        yield Odd(f"bmp-runs-{bits}.bmp", bmp_file(header, palette, runs(indices, bits == 4)))


def tga_file(kind: int, bits: int, descriptor: int, pixels: bytes, palette: bytes = b"", color_bits: int = 0) -> bytes:
    colors = len(palette) // ((color_bits + 7) // 8) if palette else 0
    head = struct.pack(
        "<BBBHHBHHHHBB", 3, colors > 0, kind, 0, colors, color_bits, 0, 0, WIDTH, HEIGHT, bits, descriptor
    )
    return head + b"abc" + palette + pixels


def tgas() -> Iterator[Odd]:
    rgb, clear = plain(), with_alpha(plain())
    for mode, compression, orientation in itertools.product(
        ("L", "LA", "P", "RGB", "RGBA"), (None, "tga_rle"), (1, -1)
    ):
        image = Image.fromarray(clear).convert(mode) if "A" in mode else Image.fromarray(rgb).convert(mode)
        name = f"tga-{mode}-{bool(compression):d}-{orientation > 0:d}.tga"
        yield Odd(name, save(image, "TGA", compression=compression, orientation=orientation))
    yield Odd("tga-leftwards.tga", tga_file(2, 24, 0x30, rgb[:, ::-1, ::-1].tobytes()))
    yield Odd("tga-16.tga", tga_file(2, 16, 0x20, packed(clear, RGB555, "<u2").tobytes()))
    yield Odd("tga-no-alpha.tga", tga_file(2, 32, 0x20, packed(clear, BGRX, "<u4").tobytes()), right=rgb)
    yield Odd("tga-clear-alpha.tga", tga_file(2, 32, 0x28, packed(clear, BGRA, "<u4").tobytes()))
    indices, palette = quantized(64)
    table = np.frombuffer(palette, np.uint8).reshape(-1, 4)
    yield Odd("tga-palette-24.tga", tga_file(1, 8, 0x20, indices.tobytes(), table[:, :3].tobytes(), 24))


def ico_file(kind: int, pictures: list[tuple[int, int, bytes]]) -> bytes:
    """`pictures`: side, bits, bytes."""
    at, table, body = 6 + 16 * len(pictures), b"", b""
    for side, bits, data in pictures:
        table += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, bits, len(data), at + len(body))
        body += data
    return struct.pack("<HHH", 0, kind, len(pictures)) + table + body


def icons() -> Iterator[Odd]:
    rgb = Image.fromarray(plain()).resize((64, 64))
    clear = Image.fromarray(with_alpha(plain())).resize((64, 64))
    for form, image in itertools.product(("png", "bmp"), (rgb, clear)):
        sizes = [(16, 16), (48, 48), (32, 32)]
        yield Odd(f"ico-{form}-{image.mode}.ico", save(image, "ICO", sizes=sizes, bitmap_format=form))
    yield Odd("ico-256.ico", save(rgb.resize((256, 256)), "ICO", sizes=[(256, 256), (16, 16)]))
    small = np.asarray(rgb.resize((20, 20)))
    header = struct.pack("<IiiHHIIiiII", 40, 20, 40, 1, 24, 0, 0, 0, 0, 0, 0)
    mask = np.tri(20, dtype=np.uint8)
    picture = header + rows(small[..., ::-1].copy()) + rows(np.packbits(mask, axis=1))
    right = np.where(mask[..., None] == 1, 255, small).astype(np.uint8)
    yield Odd("ico-mask.ico", ico_file(1, [(20, 24, picture)]), right=right)
    yield Odd("cursor.cur", ico_file(2, [(20, 24, picture)]), right=right)


def srgb_of_power(samples: np.ndarray, gamma: float) -> np.ndarray:
    """By the definitions of gAMA and of sRGB: what is light to the power of `gamma` becomes 8-bit sRGB."""
    light = (samples / np.iinfo(samples.dtype).max) ** (1 / gamma)
    curve = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.uint8(np.rint(curve * 255))


def gammas() -> Iterator[Odd]:
    rgb = plain()
    for gamma, pixels in itertools.product((0.45455, 0.55556, 1.0), (rgb, deep(rgb), rgb[..., :1])):
        right = pixels if gamma == 0.45455 and pixels is rgb else srgb_of_power(pixels, gamma)
        if gamma == 0.45455:  # near enough to sRGB's curve: pixels stay as they are
            right = np.uint8(np.rint(pixels / np.iinfo(pixels.dtype).max * 255))
        right = right.repeat(3, -1) if right.shape[-1] == 1 else right
        name = f"gamma-{round(gamma * 100)}-{pixels.dtype}-{pixels.shape[-1]}.png"
        yield Odd(name, png(pixels, chunk(b"gAMA", struct.pack(">I", round(gamma * 100000)))), right=right)
    known = chunk(b"sRGB", b"\0") + chunk(b"gAMA", struct.pack(">I", 100000))  # the first one counts
    yield Odd("gamma-srgb.png", png(rgb, known), right=rgb)
    primaries = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)  # Adobe RGB's
    wide = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"cHRM", struct.pack(">8I", *primaries))
    yield Odd("primaries.png", png(rgb, wide), right=np.zeros_like(rgb))  # to be refused


def kinds() -> Iterator[Odd]:
    for family in (bmps, tgas, icons, gammas):
        yield from family()


DAMAGED_NAMES = "bmp-RGB.bmp bmp-runs-8.bmp bmp-palette-4.bmp tga-RGB-1-1.tga tga-RGB-0-1.tga ico-bmp-RGBA.ico"
DAMAGED = DAMAGED_NAMES.split()
