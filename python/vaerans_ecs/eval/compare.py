"""compare(): several pipelines, files or evaluations side by side in one page: rate, quality, time, where bits went.

The page is HTML without scripts; its bars are boxes whose widths are percentages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import summary
from .page import Page, template
from .report import Report


@dataclass(frozen=True)
class Comparison(Page):
    """A finished comparison. `data` is what json() writes: a row for each result, in the order given."""

    def html(self) -> str:
        """One HTML page that makes no request. ImportError without the extra vaerans-ecs[report]."""
        return template("compare.html.j2").render(**self.data)


def compare(results: Mapping[str, Any], *, title: str = "vaerans comparison") -> Comparison:
    """Puts results beside one another, by name.

    Each is a Report, what its json() wrote (as text or read), or a mapping with any of `file_info`, `trace`, `metrics`
    and `pixels`, as report() takes them. What a result does not have is left blank. ValueError for no results,
    and for one that is something else, by its name.
    """
    if not results:
        raise ValueError("there is nothing to compare")
    rows = [named_row(name, result) for name, result in results.items()]
    metrics = list(dict.fromkeys(metric for row in rows for metric in row["metrics"]))
    most = max((row["bytes"] or 0 for row in rows), default=0)
    slowest = max((row["seconds"] or 0.0 for row in rows), default=0.0)
    return Comparison(
        summary.plain({"title": title, "metrics": metrics, "most_bytes": most, "slowest": slowest, "rows": rows})
    )


def named_row(name: str, result: Any) -> dict[str, Any]:
    try:
        return row_of(name, result)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the result '{name}' is no report, nor what one is made of: {error}") from error


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


def data_of(result: Any) -> Mapping[str, Any]:
    """The data of a report, or what can be said of a file, a trace and metrics alone."""
    if isinstance(result, Report):
        return result.data
    if isinstance(result, str):
        return json.loads(result)
    if "systems" in result or "file" in result:
        return result
    made: dict[str, Any] = {"metrics": result.get("metrics")}
    if (info := result.get("file_info")) is not None:
        shape = summary.field(info, "source_shape")
        pixels = result.get("pixels") or shape[0] * shape[1]
        made["file"] = summary.file_summary(info, pixels)
    if (trace := result.get("trace")) is not None:
        made["systems"] = summary.system_summary(summary.trace_records(trace))
    return made
