"""Who may import whom in the Python package. The rules are the tables below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from findings import Finding

PACKAGE = "vaerans_ecs"

# Subpackage: the subpackages it may import, beside its own.
LAYERS = {
    "_vaerans": set(),
    "_values": set(),
    "models": {"_vaerans", "_values"},
    "core": {"_vaerans"},
    "components": {"_vaerans", "core"},
    "systems": {"_vaerans", "_values", "core", "components"},
    "_writing": set(),
    "pictures": {"_vaerans"},
    "_reading": {"_vaerans", "pictures", "_values"},
    "_keywords": {"_vaerans", "_values", "core", "systems"},
    "metadata": {"_vaerans", "core", "pictures", "_reading"},
    "api": {"_vaerans", "core", "components", "systems", "pictures", "metadata", "_keywords", "_reading", "_values"},
    "files": {"_vaerans", "_writing", "api", "pictures", "_keywords", "_values"},
    "pillow": {"api", "files", "metadata"},
    "latents": {"_vaerans", "_values", "_writing"},
    "ray": {"_vaerans", "models", "core", "api", "latents", "pictures"},
    "_reprs": {"_vaerans"},
    "cli": {"_vaerans", "_writing", "core", "systems", "models", "api", "pictures", "metadata", "plugins", "latents"},
    "__main__": {"cli"},
    "viz": {"_vaerans", "core", "components"},
    "eval": {"_vaerans", "core", "components", "systems", "api", "_writing", "viz"},
}

# Third-party modules that only some subpackages may import: the package works without them.
EXTERNAL = {
    "matplotlib": {"viz", "eval"},
    "plotly": {"eval", "viz"},
    "jinja2": {"eval"},
    "torch": {"latents", "models"},
    "diffusers": {"models"},
    "streaming": {"latents"},
    "zarr": {"latents"},
    "fsspec": {"latents"},
    "ray": {"ray"},
    "onnx": {"models"},
}


def check(root: Path) -> Iterator[Finding]:
    """Every import that breaks the law."""
    base = root / "python"
    for path in sorted((base / PACKAGE).rglob("*.py")):
        parts = list(path.relative_to(base).with_suffix("").parts)
        layer = "__init__" if parts[1:] == ["__init__"] else parts[1]
        for line, module in imports_of(ast.parse(path.read_text()), parts[:-1]):
            if problem := problem_of(layer, module):
                yield Finding(path, line, problem)


def imports_of(tree: ast.AST, package: list[str]) -> Iterator[tuple[int, str]]:
    """Every import as (line, absolute module)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            if module == PACKAGE:
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def problem_of(layer: str, module: str) -> str | None:
    """What is wrong with importing `module` in `layer`, if anything; __init__ sees everything."""
    name = module.split(".")[0]
    if name in EXTERNAL and layer not in EXTERNAL[name]:
        return f"{layer} may not import {name}"
    if name != PACKAGE or layer not in LAYERS:
        return None
    target = module.split(".")[1] if "." in module else "__init__"
    if target in LAYERS and target != layer and target not in LAYERS[layer]:
        return f"{layer} may not import {target}"
    return None
