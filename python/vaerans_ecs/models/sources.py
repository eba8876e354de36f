"""Getting a generation of a model by its hash, as files and errors name it."""

import urllib.request
from collections.abc import Sequence
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

from .._vaerans import ModelInfo, _fetch_model, model_sources
from .._values import flag, given_path, text
from ..errors import BadParameter, ModelNotFound, last_line

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


def _place(source: Any) -> str:
    """A source as the library knows it: a package of Python is the folder that it was installed to."""
    text = given_path("source", source)
    if not text.startswith(_PACKAGE):
        return text
    try:
        folder = resources.files(name := text.removeprefix(_PACKAGE))
    except ModuleNotFoundError as error:
        raise ModelNotFound(f"{text}: there is no package {name!r} here; pip install it first") from error
    except Exception as error:  # names of modules, and relative ones; a package's own code may raise what it likes
        raise ModelNotFound(f"{text}: no package of Python is had by that name: {last_line(error)}") from error
    models = folder / "models"
    return str(models if models.is_dir() else folder)


def _listed(source: Any) -> list[Any]:
    if isinstance(source, (str, PathLike)):
        return [source]
    try:
        return list(source)
    except TypeError:
        raise BadParameter(f"source is a text or a path, or a list of them, not {source!r}") from None


def fetch_model(
    hash: str, source: str | PathLike[str] | Sequence[str | PathLike[str]] = (), *, encoder: bool = False
) -> ModelInfo:
    """Gets the model whose decoder has this hash (16 to 64 hex digits) into the user's folder, unless it is here.

    source: one or several of: a folder of models; a http, https or file URL of one (with the `models.json` that
    write_model_list() makes); `package:NAME`, a package of Python that holds models, in its folder `models` or at its
    top. By default model_sources(). encoder: bring the encoder, too, so that it can also compress. Every file is
    checked against its card and the decoder against the hash before the model gets its place, all of it or nothing.
    Raises ModelNotFound, which says what each source had, or that a package is not there; BadParameter.
    """
    places = [_place(one) for one in _listed(source) or model_sources()]
    return _fetch_model(text("hash", hash), places, flag("encoder", encoder), _download)
