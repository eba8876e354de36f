"""Names of files and functions in documents: each `path/` must exist, and each `name()` in the sources.

Only code spans in backticks count. A path is a span that begins with a folder of the repository; `Class::name()` needs
both words in one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SPAN = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"(?:(\w+)(?:::|\.))?(\w+)\(\)")
FOLDERS = "src include cli python tests tools docs models examples bench fuzz training cmake"
SOURCES = ("src", "include", "cli", "python", "examples", "bench", "tools")


def unknown_names(root: Path, text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of every path that is not there and every function that no source has."""
    for match in SPAN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if problem := problem_of(root, match[1]):
            yield line, problem


def problem_of(root: Path, span: str) -> str | None:
    if span.split("/")[0] in FOLDERS.split() and re.fullmatch(r"[\w./-]+", span):
        return None if (root / span).exists() else f"no such file: {span}"
    if call := CALL.fullmatch(span):
        words = {word for word in call.groups() if word}
        return None if any(words <= names for names in words_of_sources(root)) else f"no source has {span}"
    return None


@cache
def words_of_sources(root: Path) -> tuple[frozenset[str], ...]:
    """The words of each source file."""
    paths = [
        path for folder in SOURCES for path in (root / folder).rglob("*") if path.suffix in (".cpp", ".hpp", ".py")
    ]
    return tuple(frozenset(re.findall(r"\w+", path.read_text(encoding="utf-8"))) for path in paths)
