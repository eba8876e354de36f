"""compare(): several pipelines, files or evaluations side by side in one page: rate, quality, time, where bits went.

The page is HTML without scripts; its bars are boxes whose widths are percentages.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import api
from ..errors import BadParameter, VaeransError
from . import summary
from .page import Page, template
from .report import Report


@dataclass(frozen=True)
class Comparison(Page):
    """A finished comparison. `data` is what json() writes: a row for each result, in the order given."""

    def html(self) -> str:
        """One HTML page that makes no request. ImportError without the extra vaerans-ecs[report]."""
        return template("compare.html.j2").render(**self.data)


def compare(results: Any, *more: Any, title: str = "vaerans comparison") -> Comparison:
    """Puts results beside one another: a mapping of names to them, a list, or one after the other.

    Each is a Report, what its json() wrote (as text or read), a mapping with any of `file_info`, `trace`, `metrics` and
    `pixels`, as report() takes them, or a .vrs file, as file_info() takes it, or what that gives. Paths may be those of
    a report's .json as well. In a list paths are the names. What a result does not have is left blank.
    BadParameter (a ValueError) for no results, and, by its name, for one that is something else or cannot be read; what
    file_info() raises for damaged files.
    """
    rows = [named_row(name, result) for name, result in named(results, more)]
    metrics = list(dict.fromkeys(metric for row in rows for metric in row["metrics"]))
    most = max((row["bytes"] or 0 for row in rows), default=0)
    slowest = max((row["seconds"] or 0.0 for row in rows), default=0.0)
    return Comparison(
        summary.plain({"title": title, "metrics": metrics, "most_bytes": most, "slowest": slowest, "rows": rows})
    )


def named(results: Any, more: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Each result with its name."""
    if not more and isinstance(results, Mapping):
        found = [(str(name), result) for name, result in results.items()]
    else:
        several = not more and isinstance(results, Iterable) and not is_one(results)
        found = [(name_of(one, i), one) for i, one in enumerate(results if several else (results, *more))]
    if not found or results is None:
        raise BadParameter("there is nothing to compare")
    return found


def is_one(result: Any) -> bool:
    """Whether it is a file, which may be iterated as a list is."""
    return isinstance(result, str | os.PathLike | bytes | bytearray | memoryview) or hasattr(result, "read")


def name_of(result: Any, place: int) -> str:
    is_path = isinstance(result, str | os.PathLike) and not is_json(result)
    return os.fspath(result) if is_path else f"number {place + 1}"


def named_row(name: str, result: Any) -> dict[str, Any]:
    try:
        return row_of(name, result)
    except VaeransError as error:
        raise type(error)(f"the result '{name}': {error}") from error
    except (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError) as error:
        raise BadParameter(f"the result '{name}' is no report, nor what one is made of: {error}") from error


def row_of(name: str, result: Any) -> dict[str, Any]:
    """What the page shows of one result."""
    data = data_of(result)
    file, systems = data.get("file") or {}, data.get("systems") or []
    return {
        "name": name,
        "recipe": file.get("recipe", ""),
        "bytes": file.get("bytes"),
        "bpp": file.get("bpp"),
        "parts": file.get("parts", []),
        "metrics": dict(data.get("metrics") or {}),
        "systems": systems,
        "seconds": sum(system["seconds"] for system in systems) if systems else None,
    }


def is_json(result: Any) -> bool:
    return isinstance(result, str) and result.lstrip().startswith("{")


def data_of(result: Any) -> Mapping[str, Any]:
    """The data of a report, or what can be said of a file, a trace and metrics alone. Raises whatever it runs into."""
    if isinstance(result, Report):
        return result.data
    if is_json(result):
        return json.loads(result)
    if isinstance(result, str | os.PathLike) and Path(result).suffix.lower() == ".json":
        return json.loads(Path(result).read_text("utf-8"))
    if is_one(result):
        result = api.file_info(result)
    if isinstance(result, api.FileInfo):
        result = {"file_info": result}
    if not isinstance(result, Mapping):
        raise TypeError(f"it is of type {type(result).__name__}")
    if "systems" in result or "file" in result:
        return result
    made: dict[str, Any] = {"metrics": result.get("metrics")}
    if (info := result.get("file_info")) is not None:
        shape, latent = summary.field(info, "source_shape"), summary.field(info, "source_key") not in (None, "RGB")
        pixels = result.get("pixels") or (0 if latent else shape[0] * shape[1])
        made["file"] = summary.file_summary(info, pixels)
    if (trace := result.get("trace")) is not None:
        made["systems"] = summary.system_summary(summary.trace_records(trace))
    return made
