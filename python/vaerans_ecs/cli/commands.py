"""What the commands do with one file: each takes it, says a line and gives what it comes to."""

from __future__ import annotations

import argparse
from typing import Any

from .. import _vaerans, api
from ..core.context import Context
from ..errors import InvalidArgument
from .files import bytes_of, source_of, write
from .pictures import as_plain_rgb, with_own_palette
from .said import Report, bpp, row
from .targets import Task, arrow, named, names_of, require_free
from .writing import suffix_of, write_picture

RATES = ["quality", "step", "bpp", "target_bytes", "psnr", "ssimulacra2", "ms_ssim"]


def compress(task: Task, given: argparse.Namespace, context: Context, report: Report) -> None:
    names = ("model", "mode", "tune", "effort", "pipeline", "digest", "preview", "strip", "lossless", "max_error")
    options = {name: getattr(given, name) for name in (*names, *RATES)}
    second: int | str | None = given.residual_step
    if given.lossless and any(options[name] is not None for name in ("quality", "step", "pipeline")):
        options["lossless"], second = False, "lossless"  # by a second stream on top of that chain
    source = source_of(task.source)
    picture = as_plain_rgb(source, keep=not given.strip) if given.convert else source
    data = api.compress(picture, residual=second, context=context, **options)
    data = with_own_palette(data, source, given, context)
    height, width = api.file_info(data, context).source_shape[:2]
    write(task.target, data, given.force)
    report.done(len(data), height * width)
    said = {**names_of(task), "width": width, "height": height, "bytes": len(data)}
    text = f"{arrow(task)}  {len(data):,} bytes  {bpp(len(data), height * width)}"
    report.line(text, {**said, "bpp": len(data) * 8 / (height * width)})


def strip(task: Task, given: argparse.Namespace, _: Context, report: Report) -> None:
    before = bytes_of(task.source)
    data = api.strip(before, given.keep)
    write(task.target, data, given.force)
    report.done(len(data))
    text = f"{arrow(task)}  {len(data):,} bytes, {len(before) - len(data):,} less"
    report.line(text, {**names_of(task), "bytes_before": len(before), "bytes": len(data)})


def transcode(task: Task, given: argparse.Namespace, context: Context, report: Report) -> None:
    before = bytes_of(task.source)
    data, how = _vaerans.transcode(before, given.model, given.lossy, given.quality, context)
    write(task.target, data, given.force)
    info = api.file_info(data, context)
    report.done(len(data), pixels_of(info))
    text = f"{arrow(task)}  {len(before):,} -> {len(data):,} bytes  {how}"
    sizes = {"how": how, "bytes_before": len(before), "bytes": len(data)}
    report.line(text, {**names_of(task), **sizes, "model": info.model, "model_hash": info.model_hash})


def info(source: str, given: argparse.Namespace, report: Report) -> None:
    data = bytes_of(source)
    found = api.file_info(data)
    write_preview(source, data, given)
    parts = [{"name": part.name, "bytes": part.bytes} for part in found.parts]
    pixels = pixels_of(found)
    density = f", {bpp(len(data), pixels)}" if pixels else ""
    rows = [("picture", shape_text(found)), ("size", f"{len(data):,} bytes{density}")]
    lines = [row(name, text) for name, text in rows + rows_of(found)]
    lines += [f"  {part['bytes']:>12,} bytes  {part['name']}" for part in parts]
    report.done(len(data), pixels)
    report.line(named(source), {"file": named(source), "bytes": len(data), **facts_of(found), "parts": parts}, *lines)


def write_preview(source: str, data: bytes, given: argparse.Namespace) -> None:
    """Where --preview asks for it."""
    if not given.preview:
        return
    require_free(Task(source, given.preview), given.force)
    small = api.preview(data)
    if small is None:
        raise InvalidArgument("the file has no preview; compress --preview adds one")
    write(given.preview, write_picture(small, b"", suffix_of(given.preview), given), given.force)


def pixels_of(info: api.FileInfo) -> int:
    """0 for a file that holds no picture."""
    return info.source_shape[0] * info.source_shape[1] if info.source_key == "RGB" else 0


def shape_text(info: api.FileInfo) -> str:
    if info.source_key == "RGB":
        return f"{info.source_shape[1]} x {info.source_shape[0]} pixels"
    return f"{info.source_key} {' x '.join(map(str, info.source_shape))}"


def rows_of(info: api.FileInfo) -> list[tuple[str, str]]:
    """What there is to say of a file beside its size, row by row; empty texts have none."""
    rows = [("format", f"version {info.version}" if info.version else "from before 1.0"), ("recipe", info.recipe)]
    rows += [("model", f"{info.model} ({info.model_hash})" if info.model else "")]
    rows += [(d.name, f"{d.text} ({d.step})") for d in info.details if d.name not in ("model", "model_hash")]
    if info.has_residual:
        rows += [("residual", f"{info.residual_recipe} ({'lossless' if info.lossless else 'lossy'})")]
    chunks = " · ".join(f"{chunk.name} {chunk.bytes:,}" for chunk in info.chunks)
    rows += [("base", info.base_hash), ("source", info.source_hash), ("chunks", chunks)]
    return [(name, text) for name, text in rows if text]


def facts_of(info: api.FileInfo) -> dict[str, Any]:
    """All of it but for the parts, as JSON has it."""
    details = [{"step": d.step, "name": d.name, "text": d.text} for d in info.details]
    chunks = [{"name": c.name, "needed": c.needed, "offset": c.offset, "bytes": c.bytes} for c in info.chunks]
    shape = {"source": info.source_key, "shape": list(info.source_shape)}
    fields = ("model", "model_hash", "has_residual", "lossless", "residual_recipe", "base_hash", "source_hash")
    named = {field: getattr(info, field) for field in fields}
    rest = {"details": details, "samples": info.sample_type, "chunks": chunks}
    return {"version": info.version, **shape, "recipe": info.recipe, **named, **rest}


def verify(source: str, given: argparse.Namespace, report: Report) -> None:
    data = bytes_of(source)
    api.verify(data, full=given.full)
    report.done(len(data))
    text = f"{named(source)}  {len(data):,} bytes, checksums right{', decoded' if given.full else ''}"
    report.line(text, {"file": named(source), "bytes": len(data), "checksums": "right", "decoded": given.full})
