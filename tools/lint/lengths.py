"""Long files and long functions: named as advice, counted as figures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from findings import Finding, sources

MAX_FILE, MAX_FUNCTION, MAX_LINE = 600, 40, 120
FOLDERS = ("include", "src", "cli", "python", "training", "tools", "bench", "examples")


def long_files(root: Path) -> Iterator[Finding]:
    for path in sources(root, *FOLDERS):
        lines = len(path.read_text().splitlines())
        if lines > MAX_FILE:
            yield Finding(path, 1, f"{lines} lines: split it by topic", advice=True)


def long_functions(root: Path) -> Iterator[Finding]:
    for path in sources(root, *FOLDERS):
        source = path.read_text()
        if path.suffix == ".py":
            functions = python_functions(source)
        elif path.suffix in (".cpp", ".hpp"):
            functions = cpp_functions(source.splitlines())
        else:
            continue
        for line, length in functions:
            if length > MAX_FUNCTION:
                yield Finding(path, line, f"a function of {length} lines: is it one thing?", advice=True)


def long_lines(root: Path) -> Iterator[Finding]:
    """Lines of C++ that clang-format leaves too long: comments, which it does not break."""
    for path in sources(root):
        if path.suffix in (".cpp", ".hpp"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if len(line) > MAX_LINE:
                    yield Finding(path, number, f"{len(line)} columns; {MAX_LINE} are the limit")


def cpp_functions(lines: list[str]) -> Iterator[tuple[int, int]]:
    """(line, length) of definitions at namespace scope, which clang-format puts at column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None:
            if re.match(r"[A-Za-z].*\{$", line) and not re.match(r"(namespace|class|struct|enum|union|extern)\b", line):
                start = number
        elif line.startswith("}"):
            yield start, number - start
            start = None


def python_functions(source: str) -> Iterator[tuple[int, int]]:
    """(line, length) of every function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, (node.end_lineno or node.lineno) - node.lineno
