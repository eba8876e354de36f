"""What `decompress` does with one file: the picture, or a part of it, and what is said of it."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .. import api
from ..core.context import Context
from ..errors import VaeransError
from ..metadata import file_metadata
from ..pictures import Metadata
from .files import bytes_of, source_of, write
from .kept import Kept
from .said import Report, exit_of
from .streams import say
from .targets import STANDARD, Task, arrow, named, names_of, told
from .writing import kept_in, suffix_of, write_picture


def decompress(task: Task, given: argparse.Namespace, context: Context, report: Report) -> None:
    if given.region or given.allow_partial:
        decompress_part(task, given, context, report)
    else:
        decompress_whole(task, given, context, report)


def decompress_whole(task: Task, given: argparse.Namespace, context: Context, report: Report) -> None:
    data = bytes_of(task.source)
    image = whole(task, data, context)
    suffix = suffix_of(task.target, given.format)
    kept = kept_in(Metadata() if given.strip else file_metadata(data, context), suffix)
    try:
        write(task.target, write_picture(image, data, suffix, given, kept), given.force)
    except VaeransError as error:  # which is about the output
        report.failed(named(task.target, "stdout"), error, exit_of(error.code))
        return
    height, width = image.shape[:2]
    report.done(len(data), height * width)
    line = {**names_of(task), "width": width, "height": height, "bytes": len(data), **kept.data()}
    report.line(f"{arrow(task)}  {width} x {height}{kept.dropped_text()}", line)


def whole(task: Task, data: bytes, context: Context) -> np.ndarray:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        image = api.decompress(data, context=context)
    for one in said:
        say(f"vaerans: warning: {named(task.source)}: {one.message}", to_stderr=True)
    return image


def decompress_part(task: Task, given: argparse.Namespace, context: Context, report: Report) -> None:
    """Only what is needed of a file is read."""
    regular = task.source != STANDARD and told(Path(task.source).is_file)
    data: Any = source_of(task.source) if regular else bytes_of(task.source)
    size = data.stat().st_size if regular else len(data)
    part = api.decompress_part(data, given.region, allow_partial=given.allow_partial, context=context)
    suffix = suffix_of(task.target, given.format)
    kept = kept_in(Metadata() if given.strip else part.metadata, suffix)
    write(task.target, write_picture(part.image, b"", suffix, given, kept), given.force)
    height, width = part.image.shape[:2]
    report.done(size, height * width)
    text = f"{arrow(task)}  {width} x {height}  {part.bytes_read:,} of {size:,} bytes read"
    lost = [f"missing: {w} x {h} at {x},{y}" for x, y, w, h in part.missing] + part.problems
    text += kept.kept_text() + kept.dropped_text()
    report.lost(text, _as_data(task, size, part, kept), [f"  {one}" for one in lost])


def _as_data(task: Task, size: int, part: api.Part, kept: Kept) -> dict[str, Any]:
    height, width = part.image.shape[:2]
    read = {"bytes_read": part.bytes_read, "bytes": size}
    lost = {"missing": [list(place) for place in part.missing], "problems": list(part.problems)}
    return {**names_of(task), "width": width, "height": height, **read, **lost, **kept.data()}
