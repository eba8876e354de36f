"""Getting a generation of a model by its hash, as files and errors name it."""

import urllib.request
from collections.abc import Sequence
from importlib import resources
from os import PathLike, fspath
from pathlib import Path

from .._vaerans import ModelInfo, _fetch_model, model_sources
from .._values import flag

_TIMEOUT_S = 60
_BLOCK = 1 << 20
_PACKAGE = "package:"


def _download(url: str, path: str, most: int) -> None:
    """Writes what a URL gives into a file, at most so many bytes of it. Raises OSError."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer, Path(path).open("wb") as out:
        bounded = _Bounded(answer, most)
        while block := bounded.read(_BLOCK):
            out.write(block)


class _Bounded:
    """A file-like object that refuses to give more than it was to have."""

    def __init__(self, answer, most: int) -> None:
        self._answer, self._left, self._most = answer, most, most

    def read(self, size: int) -> bytes:
        block = self._answer.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise OSError(f"it has more than {self._most} bytes")
        return block


def _place(source: str | PathLike[str]) -> str:
    """A source as the library knows it: a package of Python is the folder that it was installed to."""
    text = fspath(source)
    if not text.startswith(_PACKAGE):
        return text
    name = text.removeprefix(_PACKAGE)
    try:
        folder = resources.files(name)
    except ModuleNotFoundError as error:
        raise LookupError(f"{text}: there is no package {name!r} here; pip install it first") from error
    models = folder / "models"
    return str(models if models.is_dir() else folder)


def fetch_model(
    hash: str, source: str | PathLike[str] | Sequence[str | PathLike[str]] = (), *, encoder: bool = False
) -> ModelInfo:
    """Gets the model whose decoder has this hash (16 to 64 hex digits) into the user's folder, unless it is here.

    source: one or several of: a folder of models; a http, https or file URL of one (with the `models.json` that
    write_model_list() makes); `package:NAME`, a package of Python that holds models, in its folder `models` or at its
    top. By default model_sources(). encoder: bring the encoder, too, so that it can also compress. Every file is
    checked against its card and the decoder against the hash before the model gets its place, all of it or nothing.
    Raises ModelNotFound, which says what each source had; BadParameter; LookupError for a package that is not there.
    """
    given = [source] if isinstance(source, (str, PathLike)) else list(source)
    return _fetch_model(hash, [_place(one) for one in given or model_sources()], flag("encoder", encoder), _download)
