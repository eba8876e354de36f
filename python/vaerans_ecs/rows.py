"""Pictures row by row: memory holds a few hundred rows, never the whole picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from . import _vaerans
from ._keywords import context_of
from ._reading import front_of, in_parts, seeks
from ._values import flag, number, whole
from ._writing import whole_file, whole_writes
from .core.context import Context
from .errors import DTypeError, ImageUnsupported, InvalidArgument, ShapeError
from .files import check_open, check_target, path_of
from .metadata import _given
from .pictures import Metadata, is_file, metadata_of
from .pictures.kinds import array_of, as_deep, as_own_kind

ROWS = 256  # that go through at once


class RowWriter:
    """Makes a .vrs file of rows as they come: by the pixel coder, or with a quality by the wavelet coder. For use in a
    `with` block, or with close().

    >>> with RowWriter("large.vrs", shape=(100_000, 1000, 3)) as out:
    ...     for strip in strips:  # (any number of rows, 1000, 3) uint8
    ...         out.write(strip)
    """

    def __init__(
        self,
        file: Any,
        shape: tuple[int, ...],
        dtype: Any = "uint8",
        *,
        quality: float | None = None,
        max_error: int = 0,
        bits: int = 16,
        effort: int = 5,
        icc: bytes | None = None,
        exif: bytes | None = None,
        xmp: bytes | None = None,
        force: bool = False,
        threads: int | None = None,
        context: Context | None = None,
    ):
        """`file`: a path, or an open file with write().

        A path appears when the last row is there and the writer is closed, as of save(); `force` replaces what is
        there. `shape`: (height, width) or (height, width, channels) of the whole picture, 1 to 4 channels; `dtype`:
        uint8 or uint16, of any byte order. `quality`: 1 to below 100, for the file that compress() makes in mode
        'wavelet'. Rows wait in a temporary file, and are coded when the last one has come, in some 600 MB of memory.
        Without it the file is lossless, or has a `max_error`: 0…100 grey levels that a sample may be moved by.
        `bits`: that samples of uint16 have, 9…16; fewer make smaller files. `effort`: 1 (fastest) to 9 (smallest), as
        of compress(). Raises BadParameter, ShapeError, OutputExists; LimitExceeded where the picture, or the memory for
        a row of its tiles, is over the limits of the context.
        """
        self._file = file if hasattr(file, "write") else path_of(file)
        self._force = flag("force", force)
        if isinstance(self._file, Path):
            check_target(self._file, self._force)
        else:
            check_open(self._file)
        said = _given(icc, exif, xmp)
        run = context_of(None, threads, context)
        numbers = {"max_error": max_error, "bits": bits, "effort": effort}
        how = {name: whole(name, value) or 0 for name, value in numbers.items()}
        self._native: Any = _vaerans.RowWriter(
            _sizes(shape),
            _native(dtype),
            **how,
            quality=number("quality", quality),
            metadata=said,
            context=run,
        )
        self.bytes = 0  # how many the file has, once it is closed

    def __repr__(self) -> str:
        return f"RowWriter({self._file!r}, rows_missing={self.rows_missing})"

    @property
    def rows_missing(self) -> int:
        """How many rows are still to come."""
        return self._native.rows_missing

    def write(self, rows: Any) -> None:
        """The next rows: an array (rows, width[, channels]) of the picture's dtype. Raises ShapeError, FileError."""
        if rows is None:
            raise InvalidArgument("rows are an array (rows, width[, channels]), not None")
        if isinstance(rows, np.ndarray) and not rows.dtype.isnative:
            rows = rows.astype(_native(rows.dtype))
        self._native.write(rows)

    def close(self) -> None:
        """Writes the file. Raises ContractError where rows are missing; closing twice does nothing."""
        if self.bytes:
            return
        if not isinstance(self._file, Path):
            self.bytes = self._native.finish(whole_writes(self._file))
            return
        with whole_file(self._file, self._force) as out:
            self.bytes = self._native.finish(out.write)

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()


class RowReader:
    """A picture of a .vrs file, from which rows are read in order: read(), or a loop over strips of rows.

    >>> reader = RowReader("large.vrs")
    >>> reader.shape, reader.dtype
    >>> for strip in reader:  # (256 rows or the rest, width[, channels])
    ...     ...
    """

    def __init__(self, data: Any, *, threads: int | None = None, context: Context | None = None):
        """`data` as for decompress(). Of a path and of an open file that seeks only what is needed is read; another
        open file is first copied into a temporary one. Raises what decompress_part() raises.
        """
        self._native: Any = _vaerans.RowReader(_source(data), context_of(None, threads, context))

    def __repr__(self) -> str:
        return f"RowReader(shape={self.shape}, dtype={self.dtype}, rows_left={self.rows_left})"

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width) of a grey picture, else (height, width, channels)."""
        return self._native.shape

    @property
    def dtype(self) -> np.dtype:
        """uint8 or uint16."""
        return np.dtype(self._native.dtype)

    @property
    def bounded(self) -> bool:
        """Whether memory holds some hundred rows: of files in several tiles. Others are decoded as a whole."""
        return self._native.bounded

    @property
    def rows_left(self) -> int:
        """How many rows were not read yet."""
        return self._native.rows_left

    @property
    def metadata(self) -> Metadata:
        """ICC, EXIF and XMP, as file_metadata() gives them."""
        return Metadata(*self._native.metadata)

    def read(self, rows: int | None = None) -> np.ndarray:
        """The next rows, (rows, width[, channels]): as many as are wanted or left; None for all that are left.

        Raises what decompress() raises: for a damaged tile when its rows are due, for a picture that has not the
        digest in its file (BaseMismatch) with the last rows.
        """
        return self._native.read(self.rows_left if rows is None else whole("rows", rows, 0, 2**63 - 1))

    def __iter__(self) -> Iterator[np.ndarray]:
        while self.rows_left:
            yield self.read(ROWS)


def compress_stream(
    rows: Any, file: Any, shape: tuple[int, ...] | None = None, dtype: Any = None, **options: Any
) -> int:
    """Compresses a picture that need not fit into memory and returns the file's bytes.

    `rows`: strips of rows, such as a generator gives, (any number, width[, channels]); or an array of the whole
    picture, such as numpy.memmap, a tensor or what zarr and h5py open, which is read in strips; or a PIL image, whose
    metadata go along. `file`, `shape`, `dtype` and `options` as for RowWriter; an array and an image have their own.
    """
    if hasattr(rows, "getbands"):
        rows = as_own_kind(as_deep(rows))
        said = {kind: value for kind, value in metadata_of(rows)._asdict().items() if value}
        rows, options = array_of(rows), {**said, **options}
    if hasattr(rows, "shape") and hasattr(rows, "dtype"):
        if not rows.shape:
            raise ShapeError("a picture has rows and columns; this is a number")
        shape, dtype, rows = rows.shape, _array(rows[:0]).dtype, _strips(rows)
    if not isinstance(rows, Iterable):
        raise InvalidArgument(f"rows are strips of rows, an array or a PIL image, not {type(rows).__name__}")
    if shape is None:
        raise InvalidArgument("shape=(height, width, channels) of the whole picture is needed to begin its file")
    with RowWriter(file, shape, "uint8" if dtype is None else dtype, **options) as out:
        for strip in rows:
            out.write(strip)
    return out.bytes


def decompress_stream(data: Any, **options: Any) -> RowReader:
    """A picture strip by strip: a RowReader, to be read from or looped over. `options` as for that."""
    return RowReader(data, **options)


def _native(dtype: Any) -> np.dtype:
    """The same numbers in this machine's byte order."""
    try:
        return np.dtype(_of_torch(dtype) or dtype).newbyteorder("=")
    except (TypeError, ValueError):
        raise DTypeError(f"a picture is of uint8 or uint16, not {dtype!r}") from None


def _of_torch(dtype: Any) -> str:
    """The name of one of torch's types, which NumPy knows by that alone; "" for others."""
    name = str(dtype)
    return name.removeprefix("torch.") if name.startswith("torch.") and not isinstance(dtype, str) else ""


def _array(part: Any) -> np.ndarray:
    """NumPy's, of tensors and of what else offers an array."""
    try:
        return np.asarray(part)
    except Exception as error:  # code of the object's own may raise whatever it likes
        device = getattr(part, "device", "cpu")
        where = f" on the device {device}; bring it to the CPU first" if str(device) != "cpu" else ""
        raise ImageUnsupported(f"no array can be made of this {type(part).__name__}{where}: {error}") from error


def _sizes(shape: Any) -> list[int]:
    try:
        sizes = [index(size) for size in shape]
    except TypeError:
        sizes = [-1]
    if min(sizes, default=-1) < 0 or max(sizes) >= 2**64:
        raise ShapeError(f"shape is (height, width) or (height, width, channels), whole numbers, not {shape!r}")
    return sizes


def _strips(array: Any) -> Iterable[np.ndarray]:
    for top in range(0, array.shape[0], ROWS):
        yield _array(array[top : top + ROWS])


def _source(data: Any) -> Any:
    """Bytes, the text of a path, or an open file that seeks: others wait in one, so that memory is bounded."""
    if not is_file(data) or isinstance(data, (str, PathLike)) or seeks(data):
        return in_parts(data)
    import shutil
    import tempfile  # neither of which whoever reads from paths has a use for

    spooled = tempfile.TemporaryFile()  # noqa: SIM115
    front = front_of(data)
    spooled.write(front)
    if _vaerans.begins_as_vrs(front):
        shutil.copyfileobj(data, spooled, 1 << 20)
    spooled.seek(0)
    return spooled
