"""Measures ours and other libraries side by side: bench/results/<topic>.json and the tables of docs/benchmarking.md.

    ./dev bench                        everything, some minutes
    ./dev bench --quick                a first look in about a minute: printed, and written nowhere
    ./dev bench --topic rans           one topic (more than once for several)

How to read the results, and how to add a row: docs/benchmarking.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import report
from harness import ROOT, SCALES, Run
from topics import ALL

RESULTS = ROOT / "bench" / "results"
DOCUMENT = ROOT / "docs" / "benchmarking.md"


def main() -> int:
    options = arguments()
    if not options.program.is_file():
        sys.exit(f"{options.program} is not there: build the target vaerans_bench (./dev bench does it)")
    topics = [ALL[name] for name in options.topic or ALL]
    with tempfile.TemporaryDirectory(prefix="vaerans-bench-") as work:
        run = Run(SCALES[options.scale], options.photos, Path(work), options.program)
        found = [measured(topic, run) for topic in topics]
    print(report.markdown(found))
    folder = options.results or (RESULTS if run.scale.name == "full" else None)
    for one in found if folder else []:
        print(f"written: {report.write(folder, one)}", file=sys.stderr)
    if folder == RESULTS:
        report.insert(DOCUMENT, report.markdown(all_results()))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", dest="scale", action="store_const", const="quick", default="full", help="short run")
    parser.add_argument("--scale", choices=SCALES, help="tiny is for tests")
    parser.add_argument("--topic", action="append", choices=ALL, help="this topic alone; may be repeated")
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "kodak", help="folder of RGB PNGs")
    parser.add_argument("--results", type=Path, help="write the JSON here, whatever the scale")
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "release" / "bin" / "vaerans_bench")
    return parser.parse_args()


def measured(topic: ModuleType, run: Run) -> dict:
    begin = time.monotonic()
    rows = list(topic.rows(run))
    print(f"{topic.NAME}: {len(rows)} rows in {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return report.result(topic, run, rows)


def all_results() -> list[dict]:
    """What lies in bench/results, in the topics' order: a run of one topic leaves the others' tables."""
    paths = [RESULTS / f"{name}.json" for name in ALL]
    return [json.loads(path.read_text("utf-8")) for path in paths if path.is_file()]


if __name__ == "__main__":
    sys.exit(main())
