"""Pictures of every kind that people have, made on the spot, and what Pillow makes of each.

`kinds()` are whole pictures: formats × depth × colour model × alpha × profile × orientation × interlace × tiling.
`damaged()` are some of them cut short at six places and with one broken byte at six others.
"""

from __future__ import annotations

import io
import itertools
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import tifffile
from PIL import Image, ImageCms, ImageOps

HEIGHT, WIDTH = 24, 40
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class Odd:
    name: str  # with the suffix of its format, and no two alike
    data: bytes
    tolerance: int = 1  # 255: Pillow and libvips convert differently by design, such as CMYK without a profile
    whole: bytes = b""  # what a damaged picture was made from
    right: np.ndarray | None = None  # (H, W, 3) uint8, where Pillow is no oracle


def plain(seed: int = 0) -> np.ndarray:
    """Smooth RGB with some noise, so that coders have something to do."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = np.stack([127 + 90 * np.sin(x / 9 + y / 7 + c) for c in range(3)], -1)
    return np.uint8(np.clip(waves + np.random.default_rng(seed).normal(0, 6, waves.shape), 0, 255))


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    ramp = np.linspace(0, np.iinfo(pixels.dtype).max, WIDTH).astype(pixels.dtype)
    return np.concatenate([pixels, np.broadcast_to(ramp[None, :, None], (HEIGHT, WIDTH, 1))], -1)


def deep(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.uint16) * 257 ^ 1


# --- PNG by hand: Pillow writes neither 16-bit colour nor interlaced files


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(pixels: np.ndarray, *chunks: bytes, interlace: bool = False) -> bytes:
    """(H, W, 1…4), uint8 or uint16; `chunks` go before the pixels."""
    height, width, channels = pixels.shape
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * pixels.itemsize, (0, 4, 2, 6)[channels - 1], 0, 0, int(interlace)
    )
    starts = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for y, x, dy, dx in starts if interlace else [(0, 0, 1, 1)]:
        for row in pixels[y::dy, x::dx]:
            if row.size:
                rows += b"\0" + row.astype(row.dtype.newbyteorder(">")).tobytes()
    body = chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def profile(name: str) -> bytes:
    """sRGB, or one whose red and green are exchanged and whose curve is a power of 1.8."""
    if name == "srgb":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    fixed = lambda *v: struct.pack(f">{len(v)}i", *(round(x * 65536) for x in v))  # noqa: E731
    xyz = lambda *v: b"XYZ \0\0\0\0" + fixed(*v)  # noqa: E731
    curve = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(1.8 * 256))
    red, green, blue = xyz(0.3851, 0.7169, 0.0971), xyz(0.4361, 0.2225, 0.0139), xyz(0.1431, 0.0606, 0.7141)
    tags = [(b"wtpt", xyz(0.9642, 1, 0.8249)), (b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)]
    tags += [(kind, curve) for kind in (b"rTRC", b"gTRC", b"bTRC")]
    at, table, body = 132 + 12 * len(tags), b"", b""
    for kind, data in tags:
        table += kind + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I4sI12s", at + len(body), b"", 0x02400000, b"mntrRGB XYZ ").ljust(36, b"\0") + b"acsp"
    return head.ljust(68, b"\0") + fixed(0.9642, 1, 0.8249) + bytes(48) + struct.pack(">I", len(tags)) + table + body


# --- the kinds


def pngs() -> Iterator[Odd]:
    rgb = plain()
    for depth, channels, interlace in itertools.product((8, 16), (1, 2, 3, 4), (False, True)):
        pixels = rgb[..., :1] if channels < 3 else rgb
        pixels = deep(pixels) if depth == 16 else pixels
        pixels = with_alpha(pixels) if channels % 2 == 0 else pixels
        for icc in ("", "srgb", "swapped") if channels > 2 else ("",):
            chunks = [chunk(b"iCCP", b"x\0\0" + zlib.compress(profile(icc)))] if icc else []
            yield Odd(f"png-{depth}-{channels}-{interlace:d}-{icc}.png", png(pixels, *chunks, interlace=interlace))
    for mode in ("1", "P"):
        yield Odd(f"png-{mode}.png", save(Image.fromarray(rgb).convert(mode), "PNG"))
    for bits in (1, 2, 4):
        yield Odd(f"png-P{bits}.png", save(Image.fromarray(rgb).quantize(2**bits), "PNG", bits=bits))
    yield Odd("png-P-transparent.png", save(Image.fromarray(rgb).quantize(16), "PNG", transparency=3))
    yield Odd("png-trns.png", png(rgb, chunk(b"tRNS", struct.pack(">HHH", *map(int, rgb[3, 4])))))


def oriented() -> Iterator[Odd]:
    for kind, orientation in itertools.product(("PNG", "JPEG", "WEBP", "TIFF"), range(1, 9)):
        exif = Image.Exif()
        exif[0x0112] = orientation
        options = {"lossless": True} if kind == "WEBP" else {}
        yield Odd(f"turned-{orientation}.{kind.lower()}", save(Image.fromarray(plain()), kind, exif=exif, **options))
    for orientation in range(1, 9):
        xmp = f'<x:xmpmeta><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
        text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
        yield Odd(f"xmp-{orientation}.png", png(plain(), text))
        late = save(Image.fromarray(plain()), "PNG")[:-12]  # without its end
        exif = chunk(b"eXIf", struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0))
        yield Odd(f"late-exif-{orientation}.png", late + exif + chunk(b"IEND", b""))
        yield Odd(f"late-xmp-{orientation}.png", late + text + chunk(b"IEND", b""))
        yield Odd(f"xmp-{orientation}.jpeg", save(Image.fromarray(plain()), "JPEG", xmp=xmp))


def jpegs() -> Iterator[Odd]:
    image = Image.fromarray(plain())
    for progressive, sampling, icc in itertools.product(
        (False, True), ("4:4:4", "4:2:2", "4:2:0"), ("", "srgb", "swapped")
    ):
        name = f"jpeg-{progressive:d}-{sampling.replace(':', '')}-{icc}.jpeg"
        options = {"progressive": progressive, "subsampling": sampling, "icc_profile": profile(icc) if icc else None}
        yield Odd(name, save(image, "JPEG", **options))
    yield Odd("jpeg-L.jpeg", save(image.convert("L"), "JPEG"))
    yield Odd("jpeg-CMYK.jpeg", save(image.convert("CMYK"), "JPEG"), 255)
    yield Odd("jpeg-rgb.jpeg", save(image, "JPEG", keep_rgb=True))
    yield Odd("jpeg-restarts.jpeg", save(image, "JPEG", restart_marker_rows=1))
    yield Odd("jpeg-trailer.jpeg", save(image, "JPEG") + b"more bytes, as cameras append them")


def tiffs() -> Iterator[Odd]:
    rgb = plain()
    for mode, compression in itertools.product(
        ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB"), (None, "tiff_lzw", "tiff_adobe_deflate", "packbits")
    ):
        image = (
            Image.fromarray(with_alpha(rgb)).convert(mode)
            if mode in ("LA", "RGBA")
            else Image.fromarray(rgb).convert("RGB")
        )
        if mode == "LAB":
            image = ImageCms.profileToProfile(
                image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
            )
        elif image.mode != mode:
            image = image.convert(mode)
        tolerance = {"CMYK": 255, "LAB": 20}.get(mode, 1)
        right = rgb if mode == "LAB" else None  # Pillow does not convert it back
        yield Odd(
            f"tiff-{mode}-{compression}.tiff", save(image, "TIFF", compression=compression), tolerance, right=right
        )
    yield Odd("tiff-group4.tiff", save(Image.fromarray(rgb).convert("1"), "TIFF", compression="group4"))
    yield Odd("tiff-jpeg.tiff", save(Image.fromarray(rgb), "TIFF", compression="jpeg"))
    yield Odd("tiff-ycbcr.tiff", save(Image.fromarray(rgb).convert("YCbCr"), "TIFF"), 2)
    yield Odd("tiff-F.tiff", save(Image.fromarray(rgb).convert("F"), "TIFF"))
    arrays = {
        "u8": rgb,
        "u16": deep(rgb),
        "grey16": deep(rgb[..., 0]),
        "i16": rgb.astype(np.int16),
        "u32": rgb.astype(np.uint32) << 24,
        "f32": rgb.astype(np.float32),
        "f16": rgb.astype(np.float16) / 255,
        "rgba16": with_alpha(deep(rgb)),
    }
    layouts = {
        "strips": {},
        "tiles": {"tile": (16, 16)},
        "separate": {"planarconfig": "separate"},
        "tiled-separate": {"planarconfig": "separate", "tile": (16, 16)},
    }
    for (kind, array), (layout, options), order, big in itertools.product(
        arrays.items(), layouts.items(), "<>", (False, True)
    ):
        if "separate" in layout and array.ndim == 2:
            continue
        pixels = array.transpose(2, 0, 1) if "separate" in layout else array
        out = io.BytesIO()
        extra = {"extrasamples": ["unassalpha"]} if "rgba" in kind else {}
        with tifffile.TiffWriter(out, bigtiff=big, byteorder=order) as writer:
            writer.write(
                np.ascontiguousarray(pixels),
                photometric="minisblack" if array.ndim == 2 else "rgb",
                metadata=None,
                **options,
                **extra,
            )
        name = f"tiff-{kind}-{layout}-{'le' if order == '<' else 'be'}-{'big' if big else 'classic'}.tiff"
        # Pillow reads no big-endian BigTIFF, and exchanges bytes of 16-bit planes.
        right = _over_white(array) if kind in ("u8", "u16", "grey16", "rgba16") else None
        yield Odd(name, out.getvalue(), right=right)


def alphas() -> Iterator[Odd]:
    """TIFF says whether colours are multiplied by alpha; min-is-white is grey the other way round."""
    for depth, array in {8: plain(), 16: deep(plain())}.items():
        clear = with_alpha(array)
        top = np.iinfo(array.dtype).max
        multiplied = clear.copy()
        multiplied[..., :3] = np.rint(clear[..., :3] * (clear[..., 3:] / top)).astype(array.dtype)
        for meaning, pixels in {"unassalpha": clear, "assocalpha": multiplied, "unspecified": clear}.items():
            out = io.BytesIO()
            tifffile.imwrite(out, pixels, photometric="rgb", extrasamples=[meaning], metadata=None)
            yield Odd(f"tiff-{meaning}-{depth}.tiff", out.getvalue(), 2, right=_over_white(clear))
        out = io.BytesIO()
        tifffile.imwrite(out, array[..., 0], photometric="miniswhite", metadata=None)
        yield Odd(f"tiff-miniswhite-{depth}.tiff", out.getvalue(), right=_over_white(top - array[..., 0]))
    grey = deep(plain())[..., :1]
    key = chunk(b"tRNS", struct.pack(">H", int(grey[3, 4, 0])))
    over = _over_white(np.where(grey == grey[3, 4, 0], 65535, grey).astype(np.uint16)[..., 0])
    yield Odd("png-trns-grey16.png", png(grey, key), right=over)


def _over_white(array: np.ndarray) -> np.ndarray:
    values = array / np.iinfo(array.dtype).max
    if values.ndim == 2:
        values = values[..., None].repeat(3, -1)
    if values.shape[-1] == 4:
        values = values[..., :3] * values[..., 3:] + 1 - values[..., 3:]
    return np.uint8(np.rint(values * 255))


def pages() -> Iterator[Odd]:
    rgb, other = plain(), plain(9)
    for name, marks in {"pages": (0, 0), "overviews": (0, 1), "preview-first": (1, 0)}.items():
        out = io.BytesIO()
        with tifffile.TiffWriter(out) as writer:
            for mark, pixels in zip(marks, (other, rgb) if name == "preview-first" else (rgb, other), strict=True):
                writer.write(
                    pixels if mark != 1 else pixels[::2, ::2], photometric="rgb", subfiletype=mark, metadata=None
                )
        if name != "preview-first":  # Pillow takes the preview
            yield Odd(f"tiff-{name}.tiff", out.getvalue())
    frames = [Image.fromarray(plain(seed)) for seed in range(3)]
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "AVIF" else {}
        data = save(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        yield Odd(f"moving.{kind.lower()}", data, 8 if kind == "AVIF" else 1)


def others() -> Iterator[Odd]:
    rgb = plain()
    clear = Image.fromarray(with_alpha(rgb))
    for mode in ("L", "LA", "RGB", "RGBA"):
        image = (clear if "A" in mode else clear.convert("RGB")).convert(mode)
        for tiles in (None, (16, 16)):
            for kind in ("jp2", "j2k"):
                yield Odd(
                    f"jp2-{mode}-{bool(tiles):d}.{kind}", save(image, "JPEG2000", tile_size=tiles, no_jp2=kind == "j2k")
                )
    yield Odd("jp2-lossy.jp2", save(Image.fromarray(rgb), "JPEG2000", irreversible=True, quality_layers=[20]), 3)
    yield Odd("jp2-grey16.jp2", save(Image.fromarray(deep(rgb[..., 0])), "JPEG2000"))
    for mode, lossless in itertools.product(("RGB", "RGBA"), (False, True)):
        image = clear.convert(mode)
        yield Odd(f"webp-{mode}-{lossless:d}.webp", save(image, "WEBP", lossless=lossless, exact=True))
    for icc in ("srgb", "swapped"):
        yield Odd(f"webp-{icc}.webp", save(Image.fromarray(rgb), "WEBP", lossless=True, icc_profile=profile(icc)))
    for mode, quality in itertools.product(("RGB", "RGBA"), (60, 100)):
        yield Odd(
            f"avif-{mode}-{quality}.avif", save(clear.convert(mode), "AVIF", quality=quality, subsampling="4:4:4"), 8
        )
    yield Odd("gif.gif", save(Image.fromarray(rgb).quantize(64), "GIF"))
    yield Odd("gif-clear.gif", save(Image.fromarray(rgb).quantize(64), "GIF", transparency=5))
    yield Odd("gif-grey.gif", save(Image.fromarray(rgb).convert("L"), "GIF"))
    yield Odd("bmp.bmp", save(Image.fromarray(rgb), "BMP"))
    yield Odd("tga.tga", save(Image.fromarray(rgb), "TGA"))
    yield Odd("icon.ico", save(Image.fromarray(with_alpha(rgb)).resize((32, 32)), "ICO"))


def pnms() -> Iterator[Odd]:
    rgb = plain().astype(int)
    for maximum in (1, 3, 100, 255, 256, 1023, 65535):
        scaled = rgb * maximum // 255
        raw = scaled.astype(np.uint8 if maximum < 256 else ">u2")
        head = f"{WIDTH} {HEIGHT}\n# a comment\n{maximum}\n"
        yield Odd(f"pnm-6-{maximum}.ppm", b"P6\n" + head.encode() + raw.tobytes())
        yield Odd(f"pnm-5-{maximum}.pgm", b"P5\n" + head.encode() + raw[..., 0].tobytes())
        yield Odd(f"pnm-3-{maximum}.ppm", ("P3\n" + head + " ".join(map(str, scaled.ravel()))).encode())
        yield Odd(f"pnm-2-{maximum}.pgm", ("P2\n" + head + " ".join(map(str, scaled[..., 0].ravel()))).encode())
    bits = rgb[..., 0] > 127
    head = f"{WIDTH} {HEIGHT}\n"
    yield Odd("pnm-4.pbm", b"P4\n" + head.encode() + np.packbits(bits, axis=1).tobytes())
    yield Odd("pnm-1.pbm", ("P1\n" + head + " ".join(map(str, bits.astype(int).ravel()))).encode())
    yield Odd(
        "pnm-1-dense.pbm", ("P1\n" + head + "\n".join("".join(map(str, row)) for row in bits.astype(int))).encode()
    )


def kinds() -> Iterator[Odd]:
    for family in (pngs, oriented, jpegs, tiffs, alphas, pages, others, pnms):
        yield from family()


DAMAGED_NAMES = """
    png-8-3-0-.png png-8-4-1-.png png-16-3-0-swapped.png jpeg-0-420-.jpeg jpeg-1-444-srgb.jpeg webp-RGB-0.webp
    webp-RGBA-1.webp tiff-RGB-tiff_lzw.tiff tiff-RGB-tiff_adobe_deflate.tiff tiff-RGB-None.tiff
    tiff-u8-tiles-le-classic.tiff tiff-jpeg.tiff tiff-group4.tiff gif.gif moving.gif jp2-RGB-0.jp2 jp2-RGB-1.jp2
    jp2-RGB-1.j2k avif-RGB-60.avif avif-RGBA-60.avif pnm-6-255.ppm pnm-3-255.ppm pnm-4.pbm
"""
DAMAGED = DAMAGED_NAMES.split()
PLACES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.97)


def damaged(odds: Iterable[Odd], names: Iterable[str] = DAMAGED) -> Iterator[Odd]:
    whole = {odd.name: odd for odd in odds}
    for name, (number, place) in itertools.product(names, enumerate(PLACES)):
        odd = whole[name]
        at = min(int(len(odd.data) * place), len(odd.data) - 1)
        flipped = odd.data[:at] + bytes([odd.data[at] ^ 0x55]) + odd.data[at + 1 :]
        stem, suffix = name.rsplit(".", 1)
        yield Odd(f"{stem}-cut{number}.{suffix}", odd.data[:at], odd.tolerance, odd.data)
        yield Odd(f"{stem}-flip{number}.{suffix}", flipped, odd.tolerance, odd.data)


# --- what is right


def reference(data: bytes) -> np.ndarray | None:
    """(H, W, 3) uint8 by Pillow and LittleCMS: upright, sRGB, over white; None where Pillow refuses the picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(data))
            image.load()
            return _upright_rgb(image)
        except Exception:  # whatever its many decoders raise
            return None


def _upright_rgb(image: Image.Image) -> np.ndarray:
    icc = image.info.get("icc_profile")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = Image.fromarray(np.uint8(np.rint(np.asarray(image) / 257)))
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A")) if "A" in image.getbands() and image.mode != "LAB" else None
    colour = image.convert("L" if image.mode in ("1", "L", "LA", "La") else "RGB")
    if icc and colour.mode == "RGB" and image.mode != "CMYK":
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        colour = ImageCms.profileToProfile(colour, source, ImageCms.createProfile("sRGB"), renderingIntent=1)
    pixels = np.asarray(colour.convert("RGB")).astype(float)
    if alpha is not None:
        opaque = alpha[..., None] / 255
        pixels = pixels * opaque + 255 * (1 - opaque)
    return np.uint8(np.rint(pixels))
