"""Results as JSON with their origin, and as the tables of docs/benchmarking.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import vaerans_ecs as vaerans
from harness import ROOT, Row, Run

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def result(topic: ModuleType, run: Run, rows: list[Row]) -> dict[str, Any]:
    return {
        "topic": topic.NAME,
        "title": topic.TITLE,
        "provenance": provenance(topic, run),
        "rows": [row.rounded() for row in rows],
    }


def provenance(topic: ModuleType, run: Run) -> dict[str, Any]:
    return {
        "commit": commit(),
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": processor(),
        "threads": topic.THREADS,
        "repetitions": run.scale.rounds * getattr(topic, "TURNS", 1),
        "scale": run.scale.name,
        "clock": topic.CLOCK,
        "statistic": "best of the repetitions, in which the contenders took turns" if topic.CLOCK else "exact",
        "compiler": run.context.get("compiler", "unknown"),
        "python": platform.python_version(),
        "peers": {name: version(name, run) for name in topic.LIBRARIES},
        "model": model(topic),
    }


def model(topic: ModuleType) -> str | None:
    """The model whose latents or residuals were coded, with the start of its weights' hash."""
    name = getattr(topic, "MODEL", None)
    return name and f"{name} {vaerans.find_model(name).hash[:12]}"


def version(library: str, run: Run) -> str:
    if library == "htscodecs":  # linked to the C++ program, which says
        return run.context.get(library, "not found")
    return importlib.metadata.version(library)


def commit() -> str:
    """Short hash of HEAD; "+" where sources differ from it (results and documents aside)."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "-uno", "--", ".", ":!bench/results", ":!docs")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + "+" * bool(changed)


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def write(folder: Path, found: dict[str, Any]) -> Path:
    path = folder / f"{found['topic']}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def markdown(results: list[dict[str, Any]]) -> str:
    return "\n\n".join(table(found) for found in results)


def table(found: dict[str, Any]) -> str:
    origin = found["provenance"]
    lines = [
        f"### {found['title']}",
        "",
        f"{method(origin)}. Commit {origin['commit']}, {origin['date']}.",
        "",
        "| | unit | ours | peer | theirs | ratio |",
        "|---|---|---:|---|---:|---:|",
    ]
    for row in found["rows"]:
        ours, theirs, ratio = (number(row[key]) for key in ("ours", "theirs", "ratio"))
        lines.append(f"| {row['name']} | {row['unit']} | {ours} | {row['peer']} | {theirs} | {ratio} |")
    return "\n".join(lines)


def method(origin: dict[str, Any]) -> str:
    """What was measured on, how, and with what."""
    threads = f"{origin['threads']} thread{'s' * (origin['threads'] > 1)}"
    how = (
        [origin["cpu"], threads, origin["clock"], f"best of {origin['repetitions']}"] if origin["clock"] else ["Exact"]
    )
    tools = [origin["compiler"]] if origin["clock"] else []
    model = [f"model {origin['model']}"] if origin["model"] else []
    return ", ".join(how + tools + [f"{name} {number}" for name, number in origin["peers"].items()] + model)


def number(value: float) -> str:
    """Three digits, and more only before the point."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def insert(document: Path, text: str) -> None:
    """Puts the tables between their markers."""
    before, begin, rest = document.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{document} has no markers {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
