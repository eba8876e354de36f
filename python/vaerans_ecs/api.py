"""compress() and decompress(): the whole chain in one call, for one picture or many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

from . import _vaerans
from ._keywords import context_of, preview_bytes, recipe_of, set_exactness, set_residual, set_target
from ._reading import in_parts, name_of, read_bytes
from ._vaerans import FileInfo
from ._values import flag, is_number, number, path, text, whole
from .core.context import Context, given_context
from .core.pipeline import Pipe, Pipeline
from .errors import BadParameter, FileError, InvalidArgument, VaeransError
from .metadata import taken
from .pictures import Metadata, from_range, made_or_error, range_of, shown
from .pictures.opening import held_to
from .systems import System

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._keywords import Choices, Keywords, Stack

__all__ = [
    "Context",
    "Pipe",
    "Pipeline",
    "compress",
    "compress_latent",
    "decompress",
    "decompress_latent",
    "decompress_part",
    "file_info",
    "preview",
    "read_bytes",
    "strip",
    "transcode",
    "verify",
]


@overload
def compress(  # type: ignore[overload-overlap]  # a list is an object, too; the first that fits counts
    image: list[Any] | tuple[Any, ...] | Stack,
    quality: float | None = ...,
    *,
    context: None = ...,
    **options: Unpack[Choices],
) -> list[bytes]: ...
@overload
def compress(  # type: ignore[overload-overlap]  # no type says the on_error of a context
    image: list[Any] | tuple[Any, ...] | Stack,
    quality: float | None = ...,
    *,
    context: Context,
    **options: Unpack[Choices],
) -> list[bytes | VaeransError]: ...
@overload
def compress(image: object, quality: float | None = ..., **options: Unpack[Keywords]) -> bytes: ...
def compress(
    image: Any,
    quality: float | None = None,
    *,
    step: float | None = None,
    bpp: float | None = None,
    target_bytes: int | None = None,
    psnr: float | None = None,
    ssimulacra2: float | None = None,
    ms_ssim: float | None = None,
    mode: str | None = None,
    tune: str = "visual",
    effort: int = 5,
    model: str | PathLike[str] | None = None,
    pipeline: Pipeline | System | str | None = None,
    residual: str | int | None = None,
    lossless: bool = False,
    max_error: int | None = None,
    digest: bool = False,
    strip: bool = False,
    preview: bool | int = False,
    value_range: tuple[float, float] | None = None,
    icc: bytes | None = None,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    device: str | Sequence[str] | None = None,
    threads: int | None = None,
    context: Context | None = None,
) -> Any:
    """A picture as the bytes of a .vrs file, which decodes from these bytes and the model alone.

    `image`: (H, W, 3) uint8, sRGB, or (H, W, 4) with alpha, which every file keeps exactly; grey (H, W), (H, W, 1),
    or (H, W, 2) with alpha; the same of uint16; a PIL image of a mode that becomes one of these without a loss; a
    path or an open file, which Pillow reads. A model and a residual stream take 8-bit RGB alone. A list of them, or
    a stack (N, H, W, 3), gives a list of bytes, and those of one shape share each call of the model. At most one of
    - `quality`: 1…100, higher is better and larger (where none of these is given: 75, or the step that `pipeline`
    says). Up to 85 it is about the SSIMULACRA2 of the result, 95 looks like the source, 100 is lossless in mode
    'auto';
    - `step`: step of the quantiser, > 0;
    - `bpp`: bits per pixel of the whole file, the best quality that does not exceed it;
    - `target_bytes`: bytes of the whole file, likewise;
    - `psnr` in dB, `ssimulacra2` up to 100, or `ms_ssim` of luma: the smallest file of the wavelet coder that has it.
    `mode`: which coder. 'auto': the dial, that is the wavelet coder, or the model where that looks better at no more
    bytes (tried at low rates, where the model is there), and lossless at quality 100 or where a target is generous
    enough for that; 'model': the model, or `pipeline`, with a quality of its own; 'wavelet': `ycocg |
    restore | cdf97 | quantize_bands | ans(coder=mixing)`, without a model; 'pixel': lossless. None: 'auto', or 'model'
    where `model` or `pipeline` is given. `tune`: whether the wavelet coder's steps, and refined latents, follow what is
    seen, 'visual', or squared errors, 'psnr'.
    `effort`: 1 (fastest) … 9, how much time the encoder takes for smaller files of the same quality, or better ones of
    the same size; at 1 and 2 exact samples of 8 bits are coded by a fast model, in a tenth of the time both ways; below
    5 the model is one of quicker encoding where `model` names none, from 6 on a model's latents are refined, some
    seconds a megapixel and turn (docs/effort.md).
    `lossless`: bit-exact by the pixel coder, without a model (`predict | ans(coder=mixing)`). `max_error`: the same
    coder with a largest error of any sample, 0…100 grey levels; 0 is lossless, 1 takes about two thirds of its bytes,
    2 half. None of the targets above, `pipeline` or `residual` goes with these two.
    `model`: a name or a folder, which has to be there whatever the mode. `pipeline`: a chain or recipe instead of the
    model's own; its steps that say no model run `model`. `residual`: 'lossless' adds a second stream that makes the
    file bit-exact, an int ≥ 1 a coarser one of that step. `digest`: adds a digest of the decoded picture (8 bytes, and
    the time of a decoding), by which decompress() tells whether its pixels are the same; a residual stream holds it
    anyway. ICC profile, EXIF and XMP of files and PIL images go along, and the pixels of
    files stay in the colours of the profile; with `strip` nothing goes along and they become sRGB. `icc`, `exif`,
    `xmp`: bytes in the place of one picture's own. `preview`: adds a picture of at most 64 pixels that decodes without
    a model (see preview()), True in at most 400 bytes, a number in so many, 100…65536. All these count for bpp and
    target_bytes. `value_range`: (black, white) of arrays of floats, such as (0, 1) or (-1, 1): they are rounded to
    uint8, and what lies outside is clipped. `device`: 'auto', 'cpu', 'cuda', 'cuda:1', or a list of ONNX Runtime's
    execution providers. `threads`: 0 for as many as the machine has. `context`: instead of these two, with a trace, a
    seed or limits; with on_error='collect', an exception stands in the list in the place of each picture that failed.

    Otherwise the error of one of several begins with its place, which is also the error's `entity`.

    Raises BadParameter, ImageUnsupported, ModelNotFound, RuntimeNotFound, BadRecipe, UnknownSystem.
    """
    options = _vaerans.CompressOptions()
    options.model = path("model", model)
    options.digest = flag("digest", digest)
    options.mode, options.tune = text("mode", mode), text("tune", tune)
    options.effort = whole("effort", effort) or 0
    options.recipe = "" if pipeline is None else recipe_of(pipeline)
    set_residual(options, residual)
    options.preview_bytes = preview_bytes(preview)
    targets = {"quality": quality, "step": step, "bpp": bpp, "target_bytes": target_bytes}
    targets |= {"psnr": psnr, "ssimulacra2": ssimulacra2, "ms_ssim": ms_ssim}
    set_exactness(options, lossless, max_error, residual, pipeline, *targets.values())
    set_target(options, **targets)
    run = context_of(device, threads, context)
    many = is_many(image)
    with held_to(run.limits):
        if value_range is not None:
            image = _from_range(image, value_range, many)
        stack = many and not isinstance(image, (list, tuple))
        images, said = taken([] if stack else list(image) if many else [image], flag("strip", strip), icc, exif, xmp)
    if stack:
        return _vaerans.compress_all(image, options, run)
    files = _vaerans.compress_all(images, options, run, said)
    return files if many else _only(files)


@overload
def decompress(  # type: ignore[overload-overlap]
    data: list[Any] | tuple[Any, ...],
    *,
    device: str | Sequence[str] | None = ...,
    threads: int | None = ...,
    context: None = ...,
) -> list[np.ndarray]: ...
@overload
def decompress(  # type: ignore[overload-overlap]
    data: list[Any] | tuple[Any, ...],
    *,
    device: str | Sequence[str] | None = ...,
    threads: int | None = ...,
    context: Context,
) -> list[np.ndarray | VaeransError]: ...
@overload
def decompress(
    data: object,
    *,
    region: tuple[int, int, int, int] | None = ...,
    device: str | Sequence[str] | None = ...,
    threads: int | None = ...,
    context: Context | None = ...,
) -> np.ndarray: ...
def decompress(
    data: Any,
    *,
    region: tuple[int, int, int, int] | None = None,
    device: str | Sequence[str] | None = None,
    threads: int | None = None,
    context: Context | None = None,
) -> Any:
    """The picture in a .vrs file: (H, W, 3) uint8. A list of files gives a list of pictures.

    Pictures with alpha are (H, W, 4), grey ones (H, W), or (H, W, 2) with alpha; those of 16 bits are uint16.

    `data`: the file's bytes (bytes, bytearray, memoryview, an array of uint8), its path, or an open file.
    `region`: (x, y, width, height) in pixels, of one file: that part of the picture alone. Of a file in tiles only
    those that it needs are read and decoded, of others the whole; see decompress_part().
    Warns (RuntimeWarning) where a file holds a digest and the pixels do not have it. The error of a file of a list
    begins with its path or its place, which is also the error's `entity`.
    Raises CorruptStream, UnsupportedVersion, LimitExceeded, ModelNotFound, ModelMismatch, BaseMismatch,
    RuntimeNotFound; ContractError for a file that holds a latent (see decompress_latent). A file whose checksums are
    right may name what this library does not have, or a chain that cannot be: UnknownSystem, BadParameter, ShapeError,
    DTypeError; NonFinite where its model gives what is no number. An argument that is none is BadParameter, too.
    """
    if region is not None:
        return decompress_part(data, region, device=device, threads=threads, context=context).image
    run = context_of(device, threads, context)
    if isinstance(data, (list, tuple)):
        return _decompress_list(data, run)
    names = [shown(data)] if isinstance(data, (str, PathLike)) else []
    return _only(_vaerans.decompress_all([read_bytes(data)], run, names))


def file_info(data: Any, context: Context | None = None) -> FileInfo:
    """What a .vrs file holds, without decoding it: `data` as for decompress().

    Raises CorruptStream, UnsupportedVersion, LimitExceeded.
    """
    return _vaerans.file_info(read_bytes(data), given_context(context))


class Part(NamedTuple):
    """A part of a picture, and how it was had."""

    image: np.ndarray  # (height, width, 3) uint8
    missing: list[tuple[int, int, int, int]]  # black, or grey by the wavelet coder: (x, y, width, height) in the whole
    problems: list[str]  # what is wrong with the file, as far as it was read
    bytes_read: int
    metadata: Metadata  # what the whole picture says; b"" for what is damaged


def decompress_part(
    data: Any,
    region: tuple[int, int, int, int] | None = None,
    *,
    allow_partial: bool = False,
    device: str | Sequence[str] | None = None,
    threads: int | None = None,
    context: Context | None = None,
) -> Part:
    """A part of the picture in a .vrs file, or what is left of a damaged one.

    `data` as for decompress(); of a path, or an open file that seeks, only what is needed is read. `region`: (x, y,
    width, height) in pixels, None for all of it. `allow_partial`: damage costs what it must and no more: of pictures in
    tiles those that it meets, which are then black (of the pixel coder) or grey (of the wavelet coder, and what its
    transform reaches around them); of others the residual. Without it the first damage raises CorruptStream.
    Raises BadParameter for a region that is not within the picture, and what decompress() raises.
    """
    if region is not None and not _is_region(region):
        raise BadParameter(f"a region is (x, y, width, height), whole numbers from 0 to below 2^64, not {region!r}")
    run = context_of(device, threads, context)
    partial = flag("allow_partial", allow_partial)
    image, missing, problems, bytes_read, said = _vaerans.decompress_part(in_parts(data), region, partial, run)
    return Part(image, missing, problems, bytes_read, Metadata(*said))


def preview(data: Any, context: Context | None = None) -> np.ndarray | None:
    """The preview in a .vrs file; None where there is none, or one with a step that this library does not know.

    compress() makes (h, w, 3) uint8 of at most 64 pixels on the longer side; other encoders may have up to 256, grey
    (h, w), and uint16. It decodes without a model, and of a path, or a file that seeks, only the front is read. `data`
    as for decompress(). Raises CorruptStream, UnsupportedVersion, LimitExceeded, and for a chain that cannot be what
    decompress() raises.
    """
    found: Any = _vaerans.preview(in_parts(data), given_context(context))
    return found


def verify(data: Any, *, full: bool = False, context: Context | None = None) -> None:
    """Holds every checksum of a .vrs file against its bytes; with `full` decodes it, too. `data` as for decompress().

    Raises CorruptStream, which names the damaged chunk; UnsupportedVersion, LimitExceeded; with `full` whatever
    decoding raises.
    """
    decoded, data = flag("full", full), read_bytes(data)
    _vaerans.verify(data, given_context(context))
    if decoded:
        decode = decompress if file_info(data, context).source_key == "RGB" else decompress_latent
        decode(data, context=context)


def strip(data: Any, keep: Iterable[str] = (), context: Context | None = None) -> bytes:
    """A .vrs file without the chunks that a decoder may skip: metadata, preview, tile index, digest, plugins' chunks.

    `keep` names those that stay ('icc', 'exif', 'xmp', 'preview', 'tiles', 'digest', a plugin's name). The pixels do
    not change. A file from before format 1.0 becomes one of 1.0. Raises CorruptStream and what file_info() raises.
    """
    names = [keep] if isinstance(keep, str) else keep
    if not isinstance(names, Iterable):
        raise BadParameter(f"keep is a list of names, not {keep!r}")
    return _vaerans.strip(read_bytes(data), [text("a name in keep", name) for name in names], given_context(context))


def transcode(
    data: Any,
    model: str | PathLike[str] | None = None,
    *,
    lossy: bool = False,
    quality: float | None = None,
    device: str | Sequence[str] | None = None,
    threads: int | None = None,
    context: Context | None = None,
) -> bytes:
    """A .vrs file by another generation of a model: of an old file one that needs the new decoder.

    `model`: the new one, by name, NAME@HASH or folder; by default the default model. A file that needs no model, or is
    of this generation, stays as it is. One that holds its source bit by bit still does, with the same metadata, alpha
    and other chunks. Others are refused (BadParameter) unless `lossy`: the decoded picture is then coded again, at
    `quality` (1…100 of mode 'model'), or what the file's own step comes to for the new model.
    Raises what decompress() and compress() raise.
    """
    name, wanted = path("model", model), number("quality", quality)
    made, _ = _vaerans.transcode(
        read_bytes(data), name, flag("lossy", lossy), wanted, context_of(device, threads, context)
    )
    return made


def compress_latent(
    latent: Any, pipeline: Pipeline | System | str, *, threads: int | None = None, context: Context | None = None
) -> bytes:
    """A latent (C, h, w) float32 as a .vrs file, without any VAE.

    `pipeline` starts from a latent: 'hadamard4 | cdf53 | quantize(step=0.1) | ans'.
    """
    if latent is None:
        raise InvalidArgument("a latent is an array (C, h, w) of float32, not None")
    return _vaerans.compress_latent(latent, recipe_of(pipeline), context_of(None, threads, context))


def decompress_latent(data: Any, *, threads: int | None = None, context: Context | None = None) -> np.ndarray:
    """The latent in a .vrs file: (C, h, w) float32."""
    return _vaerans.decompress_latent(read_bytes(data), context_of(None, threads, context))


def _from_range(image: Any, value_range: Any, many: bool) -> Any:
    """In the place of each of several pictures that is none stands its error; a range that is none is everybody's."""
    limits = range_of(value_range)
    if not many:
        return from_range(image, limits)
    return [made_or_error(lambda one: from_range(one, limits), one) for one in image]


def _decompress_list(data: list[Any] | tuple[Any, ...], run: Context) -> list[Any]:
    """A file whose bytes cannot be had costs none of the others where errors are collected."""
    files: list[bytes] = []
    unread: dict[int, VaeransError] = {}
    names = [name_of(one, i) for i, one in enumerate(data)]
    for i, one in enumerate(data):
        try:
            files.append(read_bytes(one, i))
        except Exception as error:  # an open file may raise whatever it likes
            named = isinstance(error, VaeransError) or getattr(error, "filename", None) is not None
            if named and run.on_error == "raise":
                raise
            unread[i] = _of_place(error, names[i], i)
            if run.on_error == "raise":
                raise unread[i] from error
            files.append(b"")
    results = _vaerans.decompress_all(files, run, names)
    for i, problem in unread.items():
        results[i] = problem
    return results


def _of_place(error: Exception, name: str, place: int) -> VaeransError:
    if not isinstance(error, VaeransError):
        made = FileError(f"{name}: {getattr(error, 'strerror', None) or error}")
        made.__cause__, error = error, made
    error.entity = place
    return error


def _is_region(region: Any) -> bool:
    four = hasattr(region, "__len__") and len(region) == 4
    return four and all(is_number(n, Integral) and 0 <= n < 2**64 for n in region)


def is_many(image: Any) -> bool:
    if isinstance(image, memoryview):  # which has no stacks, and no axes once it is released
        return False
    return isinstance(image, (list, tuple)) or getattr(image, "ndim", 3) == 4


def _only(results: list[Any]) -> Any:
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]
