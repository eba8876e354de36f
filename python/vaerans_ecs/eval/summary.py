"""From a trace, a file's parts and two pictures to the numbers of a report. NumPy and the standard library only."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..components.entropy import entropy, histogram

DTYPE_BITS = {"u8": 8, "i8": 8, "u16": 16, "i16": 16, "f16": 16, "u32": 32, "i32": 32, "f32": 32, "i64": 64}
SHARES = ("session_seconds", "pixel_seconds", "load_seconds")
FILE_FIELDS = ("version", "recipe", "model", "model_hash", "source_key", "source_shape", "lossless", "residual_recipe")
Record = dict[str, Any]


def trace_records(trace: Any) -> list[Record]:
    """A trace as a list of plain dicts: given as that, as its JSON text, or as an object with to_json()."""
    if hasattr(trace, "to_json"):
        trace = trace.to_json()
    if isinstance(trace, str):
        trace = json.loads(trace)
    return [dict(record) for record in trace]


def file_summary(info: Any, pixels: int) -> Record:
    """Bytes, bits per pixel and the parts [{name, bytes, bpp, share}] of a file; `info` is a FileInfo or a mapping.

    Where it holds no pixels, but a latent, there are no bits per pixel.
    """
    parts = [part_pair(part) for part in field(info, "parts") or ()]
    total = int(field(info, "file_bytes") or sum(size for _, size in parts))
    rows = [{"name": n, "bytes": b, "bpp": density(b, pixels), "share": b / max(total, 1)} for n, b in parts]
    kept = {name: plain(field(info, name)) for name in FILE_FIELDS if field(info, name) not in (None, "")}
    return {**kept, "bytes": total, "bpp": density(total, pixels), "parts": rows}


def density(size: int, pixels: int) -> float | None:
    return 8 * size / pixels if pixels else None


def part_pair(part: Any) -> tuple[str, int]:
    if isinstance(part, tuple | list):
        return str(part[0]), int(part[1])
    return str(field(part, "name")), int(field(part, "bytes"))


def field(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def system_summary(trace: Iterable[Record]) -> list[Record]:
    """Seconds of each system over all its calls, in order of appearance: all of its work ("seconds"), its parts in
    session.run and in reading and writing pixels, and, not included in these, loading a model."""
    rows: dict[str, Record] = {}
    for record in trace:
        fresh = {"system": record["system"], "calls": 0, "seconds": 0.0, **dict.fromkeys(SHARES, 0.0)}
        row = rows.setdefault(record["system"], fresh)
        for name in SHARES:
            row[name] += value(record, name) or 0.0
        row["calls"] += 1
        row["seconds"] += record["seconds"] - (value(record, "load_seconds") or 0.0)
    return list(rows.values())


def session_share(trace: Iterable[Record]) -> float:
    """The part 0…1 of a trace's seconds, loading of models aside, that session.run and pixel input and output took."""
    rows = system_summary(trace)
    inside = sum(row["session_seconds"] + row["pixel_seconds"] for row in rows)
    return inside / max(sum(row["seconds"] for row in rows), 1e-12)


def entropy_summary(trace: Iterable[Record], pixels: int, known: Mapping[str, float] | None = None) -> list[Record]:
    """What the data weighs before and after each step: bits per value, and bits per pixel of the picture.

    Where a coder measured the entropy of symbols or coded them, those bits count ("measured"), also where the same
    symbols are decoded again; else the estimate that the trace holds; without one, the width of the stored type.
    `known`: bits per value of components by key, such as {"RGB": 7.4}."""
    steps = [record for record in trace if record["inputs"] and record["outputs"]]
    weights: dict[tuple[str, Any], float] = {(key, None): bits for key, bits in (known or {}).items()}
    rows = []
    for i, record in enumerate(steps):
        source, result = record["inputs"][0], record["outputs"][0]
        bits, estimate = measured_bits(steps, i), result.get("entropy_bits")
        if bits is not None:
            weights[place(result)] = bits
        elif estimate is not None:
            weights.setdefault(place(result), float(estimate))  # what was encoded counts where it is decoded again
        area = pixels * max(len(record["entities"]), 1)
        before, after = (tensor_weight(tensor, weights, area) for tensor in (source, result))
        rows.append({"system": record["system"], "before": before, "after": after})
    return rows


def measured_bits(steps: list[Record], i: int) -> float | None:
    """Bits per value of what step i gave: as coded, as the step measured it, or as the coder that took it next did."""
    coded = value(steps[i], "coded_bits")
    if coded is not None:
        elements = math.prod(steps[i]["outputs"][0]["shape"])
        return (coded + (value(steps[i], "table_bits") or 0.0)) / max(elements, 1)
    result = place(steps[i]["outputs"][0])
    taker = next((step for step in steps[i + 1 :] if place(step["inputs"][0]) == result), None)
    taken = value(taker, "entropy_bits_per_symbol") if taker is not None and value(taker, "coded_bits") else None
    return taken if taken is not None else value(steps[i], "entropy_bits_per_symbol")


def place(tensor: Record) -> tuple[str, tuple[int, ...]]:
    return tensor["key"], tuple(tensor["shape"])


def tensor_weight(tensor: Record, weights: Mapping[Any, float], pixels: int) -> Record:
    measured = weights.get(place(tensor), weights.get((tensor["key"], None)))
    bits = measured if measured is not None else float(DTYPE_BITS.get(tensor["dtype"], 8))
    return {
        "key": tensor["key"],
        "bits_per_value": bits,
        "bpp": bits * math.prod(tensor["shape"]) / pixels,
        "measured": measured is not None,
    }


def value(record: Record, name: str) -> float | None:
    number = record.get("values", {}).get(name)
    return None if number is None else float(number)


def picture_entropy(image: np.ndarray) -> float:
    """Zero-order entropy of 8-bit samples, bits per sample."""
    return entropy(histogram(image))


def plain(thing: Any) -> Any:
    """Numbers, texts, lists and dicts only; numbers that JSON does not know become "inf", "-inf" and "nan"."""
    if isinstance(thing, Mapping):
        return {str(k): plain(v) for k, v in thing.items()}
    if isinstance(thing, np.ndarray | tuple | list):
        return [plain(v) for v in thing]
    if isinstance(thing, np.generic):
        thing = thing.item()
    if isinstance(thing, float) and not math.isfinite(thing):
        return "nan" if math.isnan(thing) else "inf" if thing > 0 else "-inf"
    return thing
