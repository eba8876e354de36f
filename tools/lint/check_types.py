"""Type checks of the Python package: mypy over its sources, and its stub held against the native module.

stubtest knows functions and classes as CPython makes them; those of nanobind look otherwise to it, whatever the stub
says, so what it says of their kind is passed over. What is left is whether each name of the module is in the stub, and
the other way round.

usage: python check_types.py [BUILD_TREE]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# How stubtest sees what nanobind makes: functions, methods and classes of types of its own.
OF_NANOBIND = re.compile(
    r"is not a function$|disjoint base|metaclass differs|\"?args\"?$|stub is a staticmethod but runtime is not$"
)


def assemble(build: Path, folder: Path) -> bool:
    """The package as it is installed: sources, native module and stub. False where that was not built."""
    made = [*(build / "python").glob("_vaerans*.so"), *(build / "python").glob("_vaerans.pyi")]
    if len(made) != 2:
        return False
    (folder / "vaerans_ecs").mkdir()
    for path in [*(ROOT / "python/vaerans_ecs").iterdir(), *made]:
        (folder / "vaerans_ecs" / path.name).symlink_to(path)
    return True


def run(folder: Path, *words: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "MYPYPATH": str(folder)}
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line]
    return lines if done.returncode else []


def main(build: Path) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not assemble(build, folder):
            print("left out: the native module and its stub are not built (./dev build)")
            return 0
        cache = f"--cache-dir={build / 'mypy'}"
        found = run(folder, "mypy", cache, "--ignore-missing-imports", "-p", "vaerans_ecs")
        stub = run(folder, "mypy.stubtest", "--concise", "vaerans_ecs._vaerans")
    found += [line for line in stub if not OF_NANOBIND.search(line)]
    print("\n".join(found) if found else "types: right")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release").resolve()))
