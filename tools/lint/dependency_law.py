"""Checks who may include and import whom.

The rules are the tables below; docs/architecture.md says why they are so. Broken rules are errors. Long files and long
functions are named too, but only as advice.

usage: python dependency_law.py [ROOT]
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Layer of C++ code: the layers of this project whose headers it may include, beside its own.
CPP_LAYERS = {
    "base": set(),
    "core": {"base"},
    "components": {"base", "core"},
    "kernels": {"base"},
    "coding": {"base", "core", "components", "kernels"},
    "onnx": {"base", "core", "components"},
    "models": {"base", "core", "components", "onnx"},
    "systems": {"base", "core", "components", "kernels", "coding", "onnx", "models"},
    "format": {"base", "core", "components"},
    "api": {"base", "core", "components", "kernels", "coding", "onnx", "models", "systems", "format"},
    "image_io": {"base", "core", "api"},
    "cli": {"public"},
    "python": {"public"},
}

# Headers directly under include/vaerans, by layer; all others there belong to `api`.
CPP_TOP = {"version": "base", "models": "models", "model_backend": "onnx", "image_io": "image_io"}

# Third-party headers that one layer alone may see.
CPP_EXTERNAL = {
    r"hwy/": {"kernels"},
    r"onnxruntime": {"onnx"},
    r"vips/|glib": {"image_io"},
    r"nanobind/|Python\.h": {"python"},
    r"CLI/": {"cli"},
}

# Subpackage of vaerans_ecs: the subpackages it may import, beside its own.
PYTHON_LAYERS = {
    "_vaerans": set(),
    "models": {"_vaerans"},
    "core": {"_vaerans"},
    "components": {"_vaerans", "core"},
    "systems": {"_vaerans", "core", "components"},
    "api": {"_vaerans", "core", "components", "systems"},
    "viz": {"_vaerans", "core", "components"},
    "eval": {"_vaerans", "core", "components", "systems", "api", "viz"},
}

# Third-party modules that only some subpackages may import: the package works without them.
PYTHON_EXTERNAL = {
    "matplotlib": {"viz", "eval"},
    "plotly": {"eval", "viz"},
    "jinja2": {"eval"},
    "torch": {"models"},
    "diffusers": {"models"},
    "onnx": {"models"},
}

MAX_FILE, MAX_FUNCTION = 600, 40


@dataclass(frozen=True)
class Finding:
    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


# ---- C++

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


# What all systems share; apart from it no system may include another's header, public or private.
SHARED_BY_SYSTEMS = {"builtin", "system_base"}

# Breaches that the moves have brought to light and that are still to be mended: (file, layer that it may not include).
STILL_TO_MEND = {
    ("include/vaerans/model_backend.hpp", "models"),
    ("src/onnx/library.cpp", "models"),
    ("src/onnx/providers.cpp", "models"),
    ("src/onnx/runtime.cpp", "models"),
    ("src/onnx/session.cpp", "models"),
}


def system_of(path: str) -> str:
    """The system that a file below systems/ belongs to: its folder, or its own name where it lies flat."""
    parts = path.removeprefix("src/").removeprefix("include/").removeprefix("vaerans/").split("/")
    return parts[1] if len(parts) > 2 else Path(parts[-1]).stem


def cpp_layer(path: str) -> str:
    """The layer of a header as it is included, or of a source relative to its tree."""
    parts = path.removeprefix("vaerans/").split("/")
    if len(parts) > 1:
        return parts[0]
    return CPP_TOP.get(Path(parts[0]).stem, "api")


def cpp_files(root: Path) -> Iterator[tuple[Path, str, bool]]:
    """Every source as (path, layer, is a public header)."""
    trees = {"include/vaerans": None, "src": None, "cli": "cli", "python/bindings": "python"}
    for tree, layer in trees.items():
        for path in sorted((root / tree).rglob("*.[ch]pp")):
            relative = path.relative_to(root / tree).as_posix()
            yield path, layer or cpp_layer(relative), tree == "include/vaerans"


def check_own_include(layer: str, path: str, header: str) -> str | None:
    """A header of this project, included by the file `path` in `layer`."""
    public = header.startswith("vaerans/")
    target = cpp_layer(header)
    allowed = CPP_LAYERS[layer]
    if "public" in allowed:
        return None if public or "/" not in header else f"{layer} may include public headers only, not {header}"
    if target == layer:
        other = layer == "systems" and system_of(header) not in {system_of(path), *SHARED_BY_SYSTEMS}
        return f"systems may not include each other: {header}" if other else None
    return (
        None if target in allowed or (path, target) in STILL_TO_MEND else f"{layer} may not include {target} ({header})"
    )


def check_external_include(layer: str, public: bool, header: str) -> str | None:
    if public and re.search(r"[./]", header):
        return f"a public header may include the standard library and vaerans/ only, not <{header}>"
    for pattern, layers in CPP_EXTERNAL.items():
        if re.match(pattern, header) and layer not in layers:
            return f"only {', '.join(sorted(layers))} may include <{header}>"
    return None


def check_cpp(root: Path) -> Iterator[Finding]:
    for path, layer, public in cpp_files(root):
        if layer not in CPP_LAYERS:
            yield Finding(path, 1, f"'{layer}' is no layer: add it to tools/lint/dependency_law.py or move the file")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not (match := INCLUDE.match(line)):
                continue
            quoted, header = match[1] == '"', match[2]
            if quoted and "/" not in header and (path.parent / header).exists():
                continue
            own = header.startswith("vaerans/") or (quoted and (root / "src" / header).exists())
            if own:
                problem = check_own_include(layer, path.relative_to(root).as_posix(), header)
                if not problem and public and not header.startswith("vaerans/"):
                    problem = f"a public header may not include {header}: it is not installed"
            else:
                problem = check_external_include(layer, public, header)
            if problem:
                yield Finding(path, number, problem)


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


# ---- Python


def python_layer(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imports_of(tree: ast.AST, package: list[str]) -> Iterator[tuple[int, str]]:
    """Every import as (line, absolute module)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            if module == "vaerans_ecs":
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def check_import(layer: str, module: str) -> str | None:
    name = module.split(".")[0]
    if name in PYTHON_EXTERNAL and layer not in PYTHON_EXTERNAL[name]:
        return f"{layer} may not import {name}"
    if name != "vaerans_ecs" or layer not in PYTHON_LAYERS:
        return None  # __init__ sees everything
    target = python_layer(module)
    if target in PYTHON_LAYERS and target != layer and target not in PYTHON_LAYERS[layer]:
        return f"{layer} may not import {target}"
    return None


def check_python(root: Path) -> Iterator[Finding]:
    base = root / "python"
    for path in sorted((base / "vaerans_ecs").rglob("*.py")):
        parts = list(path.relative_to(base).with_suffix("").parts)
        layer = "__init__" if len(parts) == 2 and parts[1] == "__init__" else parts[1]
        for line, module in imports_of(ast.parse(path.read_text()), parts[:-1]):
            if problem := check_import(layer, module):
                yield Finding(path, line, problem)


def python_functions(source: str) -> Iterator[tuple[int, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, (node.end_lineno or node.lineno) - node.lineno


# ---- lengths


def check_lengths(root: Path) -> Iterator[Finding]:
    paths = [path for path, _, _ in cpp_files(root)]
    for tree in ("python/vaerans_ecs", "training", "tools", "bench", "examples"):
        paths += sorted((root / tree).rglob("*.py"))
    for path in paths:
        source = path.read_text()
        lines = source.splitlines()
        if len(lines) > MAX_FILE:
            yield Finding(path, 1, f"{len(lines)} lines: split it by topic")
        functions = python_functions(source) if path.suffix == ".py" else cpp_functions(lines)
        for line, length in functions:
            if length > MAX_FUNCTION:
                yield Finding(path, line, f"a function of {length} lines: is it one thing?")


def main(root: Path) -> int:
    errors = [*check_cpp(root), *check_python(root)]
    advice = list(check_lengths(root))
    for finding in advice:
        print(f"advice: {Finding(finding.path.relative_to(root), finding.line, finding.text)}")
    for finding in errors:
        print(f"error: {Finding(finding.path.relative_to(root), finding.line, finding.text)}")
    print(f"dependency law: {len(errors)} errors, {len(advice)} pieces of advice")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()))
