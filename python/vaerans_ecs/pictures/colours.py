"""Colours of picture files beside their profile, and profiles of pictures of 16 bits, for which Pillow has none."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ImageUnsupported
from .deep import DeepImage, file_bytes
from .png import chunks_before_pixels

SRGB_IN_CHRM = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
# Where red, green and blue of sRGB stand in the D50 space of profiles.
SRGB_TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)


def gamma_of(image: Any) -> float:
    """The power of light of an opened PNG without other colours, by libpng's rules; 0 where sRGB's curve is as good.

    Raises ImageUnsupported for colours of other spaces, as the command line does (src/image_io/formats/png.cpp).
    """
    if image.format == "AVIF" and not image.info.get("icc_profile"):
        data = file_bytes(image, 1 << 20)
        at = data.find(b"colrnclx")
        if at >= 0:
            _require_srgb_like(*struct.unpack_from(">HH", data.ljust(at + 12, b"\0"), at + 8))
    if image.format != "PNG":
        return 0
    said = _chunks(file_bytes(image))
    if said.keys() & {"iCCP", "sRGB", "cICP"}:
        return 0
    if "cHRM" in said and np.abs(np.subtract(_numbers(said["cHRM"], 8), SRGB_IN_CHRM)).max() > 1000:
        raise ImageUnsupported("a PNG picture of other primaries than sRGB's (cHRM) without an ICC profile")
    gamma = _numbers(said.get("gAMA", b""), 1)[0] / 100_000
    return gamma if gamma and abs(gamma * 2.2 - 1) > 0.05 else 0


def from_gamma(image: Any, gamma: float) -> Any:
    """sRGB's curve in the place of that power, of an image of Pillow or of 16 bits; alpha stays."""
    return _by_table(image, _table(lambda x: x ** (1 / gamma), _most(image)))


def _most(image: Any) -> int:
    return 65535 if isinstance(image, DeepImage) else 255


def _by_table(image: Any, table: np.ndarray) -> Any:
    if isinstance(image, DeepImage):
        samples = image.samples.copy()
        colours = samples if samples.ndim == 2 else samples[..., : 1 if samples.shape[2] == 2 else 3]
        colours[...] = table[colours]
        return DeepImage(samples, image.info)
    bands = image.getbands()
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        return image
    curve = [int(value) for value in table]
    tables = [range(256) if band == "A" else curve for band in bands]
    return image.point([value for table in tables for value in table])


def grey_to_srgb(image: Any) -> Any:
    """Greys by the curve of a profile of greys, unless sRGB's is as good: within 10 of 255, as that of gamma 2.2 is."""
    profile = image.info.get("icc_profile") or b""
    if profile[16:20] != b"GRAY":
        return image
    most = _most(image)
    try:
        table = _table(_curve(_tags(profile)["kTRC"]), most)
    except (struct.error, LookupError, ValueError, ArithmeticError):  # broken: the greys as they are have to do
        return image
    moved = np.abs(table - np.arange(most + 1.0)).max()
    return image if moved <= 10 * most / 255 else _by_table(image, table)


def deep_to_srgb(image: DeepImage) -> DeepImage:
    """Samples of 16 bits by the profile of the file."""
    profile = image.info.get("icc_profile") or b""
    if image.samples.ndim == 2 or image.samples.shape[2] < 3:
        return grey_to_srgb(image)
    if len(profile) < 132 or profile[16:20] != b"RGB ":
        return image
    try:
        curves, matrix = _matrix_profile(profile)
        lattice = np.stack(np.meshgrid(*[np.arange(9) * 255 // 8] * 3), -1).reshape(-1, 3) / 255
        if np.abs(np.rint(_converted(lattice, curves, matrix) * 255) - lattice * 255).max() <= 2:
            return image
    except (struct.error, LookupError, ValueError, ArithmeticError) as error:
        if _is_broken(profile):
            return image  # as of 8 bits
        raise ImageUnsupported(
            f"its colour profile cannot be used for 16 bits, only curves with a matrix can ({error!r}); the command "
            "line `vaerans compress` converts by others, or give the array with icc="
        ) from error
    tables = [curve(np.arange(65536) / 65535) for curve in curves]
    samples = image.samples.copy()
    for row in samples:  # one at a time: the floats of a whole picture take eight times its bytes
        light = np.stack([table[row[:, c]] for c, table in enumerate(tables)], -1)
        row[:, :3] = np.rint(_srgb_curve((light @ matrix.T).clip(0, 1)) * 65535)
    return DeepImage(samples, image.info)


def _is_broken(profile: bytes) -> bool:
    """Whether LittleCMS, which knows more kinds of profiles, makes nothing of it either."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError):
        return True
    return False


def _chunks(data: bytes) -> dict[str, bytes]:
    """Those before the pixels of a PNG; of cICP only what no profile before it stands above."""
    found: dict[str, bytes] = {}
    for _, kind, content in chunks_before_pixels(data):
        if kind == b"cICP" and "iCCP" not in found and len(content) >= 2:
            _require_srgb_like(content[0], content[1])
        if kind in (b"iCCP", b"sRGB", b"cICP", b"gAMA", b"cHRM"):
            found[kind.decode()] = content
    return found


def _numbers(chunk: bytes, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}I", chunk.ljust(4 * count, b"\0"))


def _require_srgb_like(primaries: int, transfer: int) -> None:
    """Code points of H.273; which of them pass says src/image_io/formats/inspect.cpp."""
    if primaries in (1, 2, 5, 6) and transfer in (1, 2, 6, 13, 14, 15):
        return
    wide = "high dynamic range, " if transfer in (16, 18) else ""
    raise ImageUnsupported(
        f"a picture of other colours than sRGB ({wide}primaries {primaries}, transfer {transfer} of H.273) without an "
        "ICC profile; convert it to sRGB first"
    )


def _table(light: Callable[[np.ndarray], np.ndarray], most: int) -> np.ndarray:
    """sRGB's samples for all those whose light a function of 0…1 gives."""
    return np.rint(_srgb_curve(light(np.arange(most + 1) / most).clip(0, 1)) * most).astype(np.uint16)


def _srgb_curve(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _converted(samples: np.ndarray, curves: list[Any], matrix: np.ndarray) -> np.ndarray:
    light = np.stack([curve(samples[:, c]) for c, curve in enumerate(curves)], -1)
    return _srgb_curve((light @ matrix.T).clip(0, 1))


def _tags(profile: bytes) -> dict[str, bytes]:
    tags = {}
    for i in range(min(struct.unpack_from(">I", profile, 128)[0], 1000)):
        name, at, size = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        tags[name.decode("latin-1")] = profile[at : at + size]
    return tags


def _matrix_profile(profile: bytes) -> tuple[list[Any], np.ndarray]:
    """The curves of red, green and blue, and the matrix from their light to that of sRGB."""
    tags = _tags(profile)
    if any(name.startswith("A2B") for name in tags):
        raise ValueError("it has tables of colours")
    curves = [_curve(tags[f"{c}TRC"]) for c in "rgb"]
    columns = [struct.unpack_from(">3i", tags[f"{c}XYZ"], 8) for c in "rgb"]
    return curves, np.linalg.inv(SRGB_TO_XYZ) @ (np.array(columns).T / 65536)


def _curve(tag: bytes) -> Any:
    """A tag curv or para as a function of arrays of 0…1."""
    if tag[:4] == b"curv":
        count = struct.unpack_from(">I", tag, 8)[0]
        values = np.array(struct.unpack_from(f">{count}H", tag, 12)) if count else np.array([256])
        if count < 2:
            return lambda x: x ** (values[0] / 256)
        return lambda x: np.interp(x, np.linspace(0, 1, count), values / 65535)
    kind = struct.unpack_from(">H", tag, 8)[0]
    if tag[:4] != b"para" or kind > 4:
        raise ValueError("a curve of an unknown kind")
    g, *rest = (n / 65536 for n in struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12))
    a, b, *more = rest or [1.0, 0.0]
    c, d, e, f = {1: [0, -b / a, 0, 0], 2: [0, -b / a, *more * 2], 3: [*more, 0, 0], 4: more}.get(kind, [0, 0, 0, 0])
    return lambda x: np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
