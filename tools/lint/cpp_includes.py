"""Who may include whom in C++: the layers of src and include, each of which knows only those below it.

The rules are the tables below; docs/architecture.md says why they are so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from findings import Finding

# Layer: the layers of this project whose headers it may include, beside its own.
LAYERS = {
    "base": set(),
    "core": {"base"},
    "components": {"base", "core"},
    "kernels": {"base"},
    "coding": {"base", "core", "components", "kernels"},
    "onnx": {"base", "core", "components"},
    "models": {"base", "core", "components", "onnx"},
    "systems": {"base", "core", "components", "kernels", "coding", "onnx", "models"},
    "format": {"base", "core", "components"},
    "store": {"base", "core", "components", "kernels", "coding", "onnx", "models", "systems", "format"},
    "api": {"base", "core", "components", "kernels", "coding", "onnx", "models", "systems", "format"},
    "image_io": {"base", "core", "api"},
    "cli": {"public"},
    "python": {"public"},
}

# Headers directly under include/vaerans, by layer; all others there belong to `api`.
TOP = {
    "version": "base",
    "runtime": "onnx",
    "model_half": "onnx",
    "models": "models",
    "model_backend": "models",
    "model_sources": "models",
    "image_io": "image_io",
    "palette_png": "image_io",
}

# Third-party headers that one layer alone may see.
EXTERNAL = {
    r"hwy/": {"kernels"},
    r"onnxruntime": {"onnx"},
    r"vips/|glib": {"image_io"},
    r"nanobind/|Python\.h": {"python"},
    r"CLI/": {"cli"},
}

# What all systems share; apart from it no system may include another's header, public or private.
SHARED_BY_SYSTEMS = {"builtin", "memory_limit", "system_base"}

# The one function that a lower layer calls and a higher one defines: the systems that the library brings along are
# registered when the registry is first asked. Nothing is included upwards for it.
DECLARED_EXCEPTION = "src/core/builtin.hpp: register_builtin_systems()"

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def check(root: Path) -> Iterator[Finding]:
    """Every include that breaks the law."""
    for path, layer, public in layered_files(root):
        if layer not in LAYERS:
            yield Finding(path, 1, f"'{layer}' is no layer: add it to tools/lint/cpp_includes.py or move the file")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if (match := INCLUDE.match(line)) and (problem := problem_of(root, path, layer, public, match)):
                yield Finding(path, number, problem)


def layered_files(root: Path) -> Iterator[tuple[Path, str, bool]]:
    """Every source as (path, layer, is a public header)."""
    trees = {"include/vaerans": None, "src": None, "cli": "cli", "python/bindings": "python"}
    for tree, layer in trees.items():
        for path in sorted((root / tree).rglob("*.[ch]pp")):
            relative = path.relative_to(root / tree).as_posix()
            yield path, layer or layer_of(relative), tree == "include/vaerans"


def layer_of(path: str) -> str:
    """The layer of a header as it is included, or of a source relative to its tree."""
    parts = path.removeprefix("vaerans/").split("/")
    return parts[0] if len(parts) > 1 else TOP.get(Path(parts[0]).stem, "api")


def problem_of(root: Path, path: Path, layer: str, public: bool, include: re.Match[str]) -> str | None:
    """What is wrong with one include, if anything."""
    quoted, header = include[1] == '"', include[2]
    if quoted and "/" not in header and (path.parent / header).exists():
        return None
    installed = header.startswith("vaerans/")
    if not installed and not (quoted and (root / "src" / header).exists()):
        return problem_of_external(layer, public, header)
    if public and not installed:
        return f"a public header may not include {header}: it is not installed"
    return problem_of_own(path.relative_to(root).as_posix(), layer, header)


def problem_of_own(path: str, layer: str, header: str) -> str | None:
    """A header of this project, included by the file `path` in `layer`."""
    target, allowed = layer_of(header), LAYERS[layer]
    if "public" in allowed:
        private = not header.startswith("vaerans/") and "/" in header
        return f"{layer} may include public headers only, not {header}" if private else None
    if target == layer:
        other = layer == "systems" and system_of(header) not in {system_of(path), *SHARED_BY_SYSTEMS}
        return f"systems may not include each other: {header}" if other else None
    return None if target in allowed else f"{layer} may not include {target} ({header})"


def system_of(path: str) -> str:
    """The system that a file below systems/ belongs to: its folder, or its own name where it lies flat."""
    parts = path.removeprefix("src/").removeprefix("include/").removeprefix("vaerans/").split("/")
    return parts[1] if len(parts) > 2 else Path(parts[-1]).stem


def problem_of_external(layer: str, public: bool, header: str) -> str | None:
    if public and re.search(r"[./]", header):
        return f"a public header may include the standard library and vaerans/ only, not <{header}>"
    for pattern, layers in EXTERNAL.items():
        if re.match(pattern, header) and layer not in layers:
            return f"only {', '.join(sorted(layers))} may include <{header}>"
    return None
