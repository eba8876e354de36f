"""Measures what docs/reliability.md says, writes docs/reliability.json and the tables in that document.

    .venv/bin/python tools/reliability/run.py [--count 2000] [--kills 100] [--fuzz SECONDS [--targets NAME…]]

`--fuzz` runs each target that `./dev fuzz` has built for so many seconds and adds to the executions counted before;
without it these stay. With `--targets` these are fuzzed, and nothing else is measured. `--tables` writes the tables
again without measuring; `--accidents` measures kills and faults alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools" / "evaluate"))

from table import insert  # noqa: E402

RESULTS, DOCUMENT = ROOT / "docs" / "reliability.json", ROOT / "docs" / "reliability.md"
VERDICTS = ("refused", "same", "other", "hung", "crashed")


def measured(arguments: argparse.Namespace, before: dict[str, Any]) -> dict[str, Any]:
    import bombs
    import damage
    import fuzzing

    program = str(arguments.program.resolve())
    return {
        "provenance": {"date": time.strftime("%Y-%m-%d", time.gmtime()), "processor": processor()},
        "damage": damage.measure(arguments.count),
        "bombs": bombs.measure(program),
        "fuzz": fuzzing.measure(arguments.fuzz, before.get("fuzz", {})),
        **of_accidents(arguments),
    }


def of_accidents(arguments: argparse.Namespace) -> dict[str, Any]:
    import accidents

    program = str(arguments.program.resolve())
    return {"kills": accidents.kills(program, arguments.kills), "faults": accidents.faults(program)}


def fuzz_alone(arguments: argparse.Namespace) -> None:
    """Runs of these targets, added to what is there as they end: other targets may be fuzzed at the same time."""
    import fuzzing

    for target in arguments.targets:
        run = fuzzing.measure(arguments.fuzz, {}, [target])
        if target not in run:
            raise SystemExit(f"{target}: no such fuzz target is built, or no --fuzz SECONDS is given")
        results = json.loads(RESULTS.read_text("utf-8"))
        sums = results["fuzz"].setdefault(target, dict.fromkeys(run[target], 0))
        for what, number in run[target].items():
            sums[what] += number
        write(results)


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(results: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_tables(results)


def write_tables(results: dict[str, Any]) -> None:
    insert(DOCUMENT, damage_table(results["damage"]), "damage")
    insert(DOCUMENT, bomb_table(results["bombs"]), "bombs")
    insert(DOCUMENT, fuzz_table(results["fuzz"]), "fuzz")
    insert(DOCUMENT, accident_table(results["kills"], results["faults"]), "accidents")
    origin = results["provenance"]
    insert(DOCUMENT, f"Measured on {origin['date']}, {origin['processor']}.", "provenance")


def damage_table(damage: dict[str, dict[str, int]]) -> str:
    lines = ["| damage | files | refused | the same values | other values | hung | crashed |", "|---|" + "---:|" * 6]
    for kind, counts in damage.items():
        cells = [sum(counts.values()), *(counts.get(verdict, 0) for verdict in VERDICTS)]
        lines.append(f"| {kind} | " + " | ".join(f"{n:,}" for n in cells) + " |")
    return "\n".join(lines)


def bomb_table(bombs: list[dict[str, Any]]) -> str:
    lines = ["| file | bytes in | result | peak memory / MiB | CPU seconds |", "|---|---:|---|---:|---:|"]
    for bomb in bombs:
        peak = round(bomb["peak"] / (1 << 20))
        lines.append(f"| {bomb['file']} | {bomb['bytes']:,} | {bomb['result']} | {peak:,} | {bomb['cpu']:.2f} |")
    return "\n".join(lines)


def fuzz_table(fuzz: dict[str, dict[str, int]]) -> str:
    lines = ["| target | executions | seconds | findings |", "|---|---:|---:|---:|"]
    for name, sums in sorted(fuzz.items()):
        lines.append(f"| `{name}` | {sums['executions']:,} | {sums['seconds']:,} | {sums['findings']} |")
    total = sum(sums["executions"] for sums in fuzz.values())
    return "\n".join([*lines, f"| all | {total:,} | {sum(s['seconds'] for s in fuzz.values()):,} | |"])


def accident_table(kills: dict[str, int], faults: dict[str, str]) -> str:
    lines = ["| accident | result |", "|---|---|"]
    text = ", ".join(f"{n:,} × {kind}" for kind, n in kills.items() if kind != "ended first")
    text += f" ({kills['ended first']:,} runs ended before they were killed)"
    lines.append(f"| SIGKILL at a random time while a file is replaced | {text} |")
    return "\n".join([*lines, *(f"| {label} | {result} |" for label, result in faults.items())])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="changed files for each kind of damage and sample")
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "release" / "bin" / "vaerans")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--fuzz", type=int, default=0, metavar="SECONDS", help="for each target that is built")
    parser.add_argument("--targets", nargs="+", default=[], metavar="NAME", help="fuzz these, and measure nothing else")
    parser.add_argument("--accidents", action="store_true", help="measure kills and faults, and nothing else")
    parser.add_argument("--tables", action="store_true", help="write the tables again, measure nothing")
    arguments = parser.parse_args()
    if arguments.targets:
        fuzz_alone(arguments)
        return 0
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    if arguments.accidents:
        before |= of_accidents(arguments)
    write(before if arguments.tables or arguments.accidents else measured(arguments, before))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
