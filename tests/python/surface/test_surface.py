"""The public names and signatures, pinned in tests/golden/python_surface.txt.

A change of that file is a change of the interface: review it, and note it in the changelog. To write it again:
VAERANS_REGENERATE=1 pytest tests/python/surface/test_surface.py
"""

import importlib
import inspect
import os
import re
from pathlib import Path

GOLDEN = Path(__file__).parents[2] / "golden/python_surface.txt"
MODULES = [
    "vaerans_ecs",
    "vaerans_ecs.systems",
    "vaerans_ecs.components",
    "vaerans_ecs.models",
    "vaerans_ecs.latents",
    "vaerans_ecs.errors",
]


def native_signature(text: str, _doc: str | None = None, defaults: tuple = ()) -> str:
    """Native signatures name their defaults by number: a backslash and digits."""
    filled = re.sub(r"\\(\d+)", lambda match: repr(defaults[int(match[1])]), text.removeprefix("def "))
    return filled.replace("vaerans_ecs._vaerans.", "")


def signature(function) -> str:
    native = getattr(function, "__nb_signature__", None)
    if native is not None:
        return "; ".join(native_signature(*one) for one in native)
    try:
        return f"{function.__name__}{inspect.signature(function)}"
    except (ValueError, TypeError):
        return function.__name__


def members(cls) -> list[str]:
    lines = []
    for base in cls.__mro__:
        if not base.__module__.startswith("vaerans_ecs"):
            continue
        for name, value in vars(base).items():
            if name.startswith("_") and name not in ("__init__", "__or__", "__array__", "__bytes__", "__dlpack__"):
                continue
            value = getattr(value, "__func__", value)
            lines.append(f"{name}: {'attribute' if not callable(value) else signature(value)}")
    return sorted(set(lines))


def surface() -> str:
    lines = []
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        lines.append(f"[{module_name}]")
        for name in sorted(getattr(module, "__all__", [n for n in vars(module) if not n.startswith("_")])):
            value = getattr(module, name)
            if inspect.isclass(value):
                bases = ", ".join(b.__name__ for b in value.__bases__ if b is not object)
                lines.append(f"class {name}({bases})")
                if not issubclass(value, Exception):
                    lines += [f"    {line}" for line in members(value)]
            elif callable(value):
                lines.append(f"def {signature(value)}")
            else:
                lines.append(name)
        lines.append("")
    return "\n".join(lines)


def test_surface():
    now = surface()
    if os.environ.get("VAERANS_REGENERATE"):
        GOLDEN.write_text(now, encoding="utf-8")
    assert now.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_everything_public_is_documented():
    missing = []
    for module_name in MODULES[:-1]:
        module = importlib.import_module(module_name)
        assert module.__doc__
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value) and not inspect.getdoc(value):
                missing.append(f"{module_name}.{name}")
    assert missing == []


def test_stubs_and_marker_are_installed():
    import vaerans_ecs

    folder = Path(vaerans_ecs.__file__).parent
    assert (folder / "py.typed").is_file() and (folder / "_vaerans.pyi").is_file()
