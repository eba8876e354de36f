"""Checks what the house plan promises, and prints its figures. ./dev lint runs it.

The law of layers (cpp_includes, python_imports), the folders' sizes, tests that stand where their subject stands,
comments, lengths, and systems that are recognised by name. What breaks a promise is an error and fails the check; long
files and functions are advice.

usage: python house.py [ROOT]
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import comments
import cpp_includes
import lengths
import python_imports
import test_mirror
import text_names
from findings import Finding

MAX_FILES_IN_FOLDER = 16
SOURCES = (".cpp", ".hpp", ".py")


def folder_sizes(root: Path) -> Counter[Path]:
    """How many source files each folder below include, src, cli, python, bench and tests holds directly."""
    folders = ("include", "src", "cli", "python/bindings", "python/vaerans_ecs", "bench", "tests")
    files = (path for folder in folders for path in (root / folder).rglob("*") if path.suffix in SOURCES)
    return Counter(path.parent.relative_to(root) for path in files if "__pycache__" not in path.parts)


def crowded(root: Path, sizes: Counter[Path]) -> list[Finding]:
    """Folders with more files than a newcomer can survey; public headers are found by name."""
    return [
        Finding(root / folder, 1, f"{size} files; more than {MAX_FILES_IN_FOLDER} need a folder of their own")
        for folder, size in sizes.items()
        if folder.parts[0] != "include" and size > MAX_FILES_IN_FOLDER
    ]


def too_many_names(root: Path, names: list[Finding]) -> list[Finding]:
    limit = text_names.MAX_NAMES_AS_TEXT
    if len(names) <= limit:
        return []
    text = f"{len(names)} systems are recognised by name; {limit} are allowed (tools/lint/text_names.py)"
    return [Finding(root / "src", 1, text)]


def house(root: Path) -> tuple[list[Finding], dict[str, str]]:
    """All findings, and the figures by name."""
    sizes = folder_sizes(root)
    upwards, imports = list(cpp_includes.check(root)), list(python_imports.check(root))
    names = list(text_names.check(root))
    fragments, half_lines = list(comments.fragments(root)), list(comments.half_lines(root))
    long_files, long_functions = list(lengths.long_files(root)), list(lengths.long_functions(root))
    mirror = list(test_mirror.check(root))
    findings = [*upwards, *imports, *crowded(root, sizes), *mirror, *fragments, *half_lines]
    findings += [*lengths.long_lines(root), *names, *too_many_names(root, names), *long_files, *long_functions]
    figures = {
        "largest folder": ", ".join(f"{folder.as_posix()} {size}" for folder, size in sizes.most_common(3)),
        "upward includes": f"{len(upwards)} (declared: {cpp_includes.DECLARED_EXCEPTION})",
        "upward imports": str(len(imports)),
        "systems recognised by name": f"{len(names)} (limit {text_names.MAX_NAMES_AS_TEXT})",
        'files with "Of " comments': str(len({finding.path for finding in fragments})),
        "functions over 40 lines": str(len(long_functions)),
        "files over 600 lines": str(len(long_files)),
        "tests away from their subject": f"{len(mirror)} ({len(test_mirror.WITHOUT_SUBJECT)} with a reason)",
    }
    return findings, figures


def main(root: Path) -> int:
    findings, figures = house(root)
    for finding in sorted(findings, key=lambda finding: not finding.advice):
        print(finding.shown(root))
    for name, value in figures.items():
        print(f"{name + ':':<32}{value}")
    errors = sum(not finding.advice for finding in findings)
    print(f"house: {errors} errors, {len(findings) - errors} pieces of advice")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()))
