"""Runs of the fuzz targets under sanitizers, added to those of before."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build" / "fuzz" / "bin"


def measure(seconds: int, before: dict[str, Any], targets: Collection[str] = ()) -> dict[str, Any]:
    """{target: {executions, seconds, findings}}: sums over all times that this was run. No targets are all."""
    out = {name: dict(sums) for name, sums in before.items()}
    for program in sorted(PROGRAMS.glob("fuzz_*")) if seconds > 0 else []:
        name = program.name.removeprefix("fuzz_")
        if targets and name not in targets:
            continue
        sums = out.setdefault(name, {"executions": 0, "seconds": 0, "findings": 0})
        begin = time.monotonic()
        executions, found = fuzz(program, name, seconds)
        sums["executions"] += executions
        sums["seconds"] += round(time.monotonic() - begin)  # a finding ends a run
        sums["findings"] += found
        print(name, executions, found, file=sys.stderr)
    return out


def fuzz(program: Path, name: str, seconds: int) -> tuple[int, int]:
    corpus, words = ROOT / "build" / "fuzz" / "corpus" / name, ROOT / "fuzz" / f"{name}.dict"
    corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as crashes:
        command = [str(program), f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/", "-print_final_stats=1"]
        command += ["-rss_limit_mb=4096", *([f"-dict={words}"] if words.is_file() else []), str(corpus)]
        command += [str(folder) for folder in [ROOT / "fuzz" / "corpus" / name] if folder.is_dir()]
        done = subprocess.run(command, capture_output=True, text=True)
        executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
        found = list(Path(crashes).iterdir())
        for path in found:
            kept = ROOT / "fuzz" / "crashes" / name
            kept.mkdir(parents=True, exist_ok=True)
            (kept / path.name).write_bytes(path.read_bytes())
    return int(executed[1]) if executed else 0, len(found)
