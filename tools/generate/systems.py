"""Writes what follows from the systems' descriptors: the classes of Python and docs/reference/systems.md.

The descriptors stand beside the systems in src/systems; `vaerans systems --json` prints them. Run it after a change of
one (`./dev generate`), and commit what it wrote (tests/python/house/test_generated.py compares):

    python tools/generate/systems.py [--cli build/release/bin/vaerans]

Plain files, and not classes made at import, so that every editor shows signatures and texts, and jumps to them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path("python/vaerans_ecs/systems")
REFERENCE = Path("docs/reference/systems.md")
WIDTH = 120
NOTE = "# Written by tools/generate/systems.py from the descriptors in src/systems: change those.\n"

# What vaerans_ecs.systems offers besides the classes, by the module that it comes from.
OTHER_NAMES = {
    ".._vaerans": ["SystemEntry", "all_systems", "find_system", "make_system", "unregister"],
    "._base": ["NativeSystem", "Param", "System", "adopt", "register"],
}


@dataclass
class Parameter:
    name: str
    type: str
    default: bool | int | float | str
    range: str
    doc: str
    wire_id: int | None
    text: str = "any"
    choices: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        if self.type != "text":
            return {"flag": "bool", "integer": "int", "number": "float"}[self.type]
        if self.text == "choice":
            return f"Literal[{', '.join(map(quoted, self.choices))}]"
        return {"any": "str", "key": "Key", "model": "str | PathLike[str]"}[self.text]

    @property
    def as_default(self) -> str:
        return quoted(self.default) if isinstance(self.default, str) else repr(self.default)

    @property
    def in_signature(self) -> str:
        return f"{self.name}: {self.annotation} = {self.as_default}"

    @property
    def as_argument(self) -> str:
        convert = {"key": "key_of({})", "model": "model_of({})"}.get(self.text, "{}")
        return f"{self.name}={convert.format(self.name)}"

    @property
    def sentence(self) -> str:
        """'decompositions. 0 to 32.'"""
        shown = self.range if self.text in ("any", "choice") else ""
        text = f"{self.doc[0].upper()}{self.doc[1:]}." if self.doc else ""
        return f"{text} {shown[:1].upper()}{shown[1:]}{'.' if shown else ''}".strip()


@dataclass
class Entry:
    name: str
    class_name: str
    topic: str
    role: str
    inverse: str | None
    wire_id: int | None
    doc: str
    parameters: list[Parameter]

    @classmethod
    def of(cls, raw: dict) -> Entry:
        parameters = [Parameter(**{**p, "choices": tuple(p.get("choices", ()))}) for p in raw["parameters"]]
        rest = {k: v for k, v in raw.items() if k not in ("class", "parameters")}
        return cls(class_name=raw["class"], parameters=parameters, **rest)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def descriptors(cli: Path) -> list[Entry]:
    out = subprocess.run([cli, "systems", "--json"], check=True, capture_output=True, text=True).stdout
    return [Entry.of(raw) for raw in json.loads(out)]


# ---- Python ---------------------------------------------------------------------------------------------------------


def call(head: str, arguments: list[str], tail: str, indent: int) -> str:
    """A line of code with arguments, broken as ruff does it."""
    pad, inner = " " * indent, " " * (indent + 4)
    line = f"{pad}{head}({', '.join(arguments)}){tail}"
    if len(line) <= WIDTH:
        return line
    line = f"{inner}{', '.join(arguments)}"
    if len(line) <= WIDTH:
        return f"{pad}{head}(\n{line}\n{pad}){tail}"
    return f"{pad}{head}(\n" + "".join(f"{inner}{a},\n" for a in arguments) + f"{pad}){tail}"


def wrapped(text: str, indent: int, hanging: str = "", first: int = 0) -> str:
    """Paragraphs and list items, filled; `first` is what already stands on the first line."""
    pad = " " * indent
    filled = []
    for block in text.split("\n"):
        hang = "  " if block.startswith("- ") else hanging
        lines = textwrap.fill(block, WIDTH, initial_indent=pad + " " * first, subsequent_indent=pad + hang)
        filled.append(lines[len(pad) + first :] if first else lines)
        first = 0
    return "\n".join(line.rstrip() for line in filled)


def docstring(entry: Entry) -> str:
    summary, _, details = entry.doc.partition("\n\n")
    out = f'"""{wrapped(summary, 4, first=3)}'
    if details:
        out += "\n\n" + wrapped(details, 4)
    if entry.parameters:
        items = (wrapped(f"{p.name}: {p.sentence}", 8, hanging="    ") for p in entry.parameters)
        out += "\n\n    Args:\n" + "\n".join(items)
    return out + ('\n    """' if "\n" in out else '"""')


def class_code(entry: Entry, entries: dict[str, Entry]) -> str:
    lines = [
        f"class {entry.class_name}(NativeSystem, entry={quoted(entry.class_name)}):",
        f"    {docstring(entry)}",
        "",
    ]
    if entry.inverse:
        undo = entries[entry.inverse]
        lines.append(f"    inverse = InverseOf({undo.class_name})")
        # An inverse whose name is a verb is reached by it, too: QuantizeU8.dequantize().
        if "_" not in undo.name:
            lines.append(f"    {undo.name} = InverseOf({undo.class_name})")
        lines.append("")
    lines.append(call("def __init__", ["self", *(p.in_signature for p in entry.parameters)], " -> None:", 4))
    lines.append(call("super().__init__", [p.as_argument for p in entry.parameters], "", 8))
    return "\n".join(lines)


def module_imports(members: list[Entry]) -> str:
    parameters = [p for e in members for p in e.parameters]
    kinds = {p.text for p in parameters}
    standard = ["from os import PathLike"] if "model" in kinds else []
    standard += ["from typing import Literal"] if "choice" in kinds else []
    base = "InverseOf, NativeSystem" if any(e.inverse for e in members) else "NativeSystem"
    keys = (["Key", "key_of"] if "key" in kinds else []) + (["model_of"] if "model" in kinds else [])
    own = [f"from ._base import {base}"] + ([f"from ._keys import {', '.join(keys)}"] if keys else [])
    return "\n\n".join("\n".join(part) for part in (standard, own) if part)


def module_code(topic: str, members: list[Entry], entries: dict[str, Entry]) -> str:
    # A class names its inverse, so inverses come first.
    ordered = sorted(members, key=lambda e: (e.role != "inverse", e.class_name))
    classes = "\n\n\n".join(class_code(e, entries) for e in ordered)
    names = ", ".join(e.class_name for e in members)
    head = f'"""Systems of the topic {topic}: {names}."""'
    if len(head) > 120:
        head = f'"""Systems of the topic {topic}."""'
    return f"{head}\n\n{NOTE}\n{module_imports(members)}\n\n\n{classes}\n"


def isort_key(name: str) -> tuple[int, str]:
    """Constants, classes, functions: the order of ruff."""
    if name.isupper():
        return 0, name
    return (1, name) if name[0].isupper() else (2, name)


def import_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {n},\n" for n in names) + ")"


def package_code(topics: dict[str, list[Entry]]) -> str:
    sources = dict(OTHER_NAMES) | {f".{topic}": [e.class_name for e in members] for topic, members in topics.items()}
    imports = [import_line(m, sorted(names, key=isort_key)) for m, names in sources.items()]
    every = sorted((n for names in sources.values() for n in names), key=isort_key)
    text = "The systems of the library, one module per topic, and the means to add your own (System, Param, register)."
    head = f'"""{text}"""'
    listed = "".join(f"    {quoted(n)},\n" for n in every)
    return f"{head}\n\n{NOTE}\n" + "\n".join(imports) + f"\n\n__all__ = [\n{listed}]\n"


# ---- reference ------------------------------------------------------------------------------------------------------


def recipe_value(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return (value or "''") if isinstance(value, str) else repr(value)


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def reference_entry(entry: Entry, entries: dict[str, Entry]) -> str:
    undo = f" · undone by `{entry.inverse}`" if entry.inverse else ""
    number = f" · number {entry.wire_id} in files" if entry.wire_id else ""
    lines = [f"### {entry.class_name}", f"`{entry.name}` · {entry.role}{undo}{number}", "", entry.doc, ""]
    if entry.parameters:
        lines += ["| parameter | type | default | values | |", "|---|---|---|---|---|"]
        for p in entry.parameters:
            cells = (f"`{p.name}`", p.type, f"`{recipe_value(p.default)}`", p.range or "all", p.doc)
            lines.append(f"| {' | '.join(map(cell, cells))} |")
        lines.append("")
    return "\n".join(lines)


def reference(topics: dict[str, list[Entry]], entries: dict[str, Entry]) -> str:
    head = """# The systems

<!-- Written by tools/generate/systems.py from the descriptors in src/systems: change those. -->

What recipes are made of. In a recipe a system has its short name (`cdf53(levels=5)`), in C++ and Python its class name
(`WaveletCDF53`); values without a name are taken in the order of the tables. Errors are named as in Python; in C++ they
are codes of `vaerans::Error` (`ShapeError` is `ErrorCode::shape`). A *forward* system leaves what its *inverse* needs
in the trail and may be a step of a file; a *filter* makes something new and cannot be undone; a *measure* gives numbers
(`World.metadata`, the trace). `vaerans systems NAME` prints the same.

| system | | |
|---|---|---|
"""
    rows = [
        f"| [`{e.name}`](#{e.class_name.lower()}) | {e.class_name} | {cell(e.doc.partition(chr(10))[0])} |\n"
        for members in topics.values()
        for e in members
    ]
    parts = [
        f"## Topic {topic}\n\n" + "\n".join(reference_entry(e, entries) for e in members)
        for topic, members in topics.items()
    ]
    return head + "".join(rows) + "\n" + "\n".join(parts)


def files(all_entries: list[Entry]) -> dict[Path, str]:
    """Every file that follows from the descriptors, by its path in the repository."""
    entries = {e.name: e for e in all_entries}
    topics: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(all_entries, key=lambda e: (e.topic, e.class_name)):
        topics[entry.topic].append(entry)
    out = {PYTHON / f"{topic}.py": module_code(topic, members, entries) for topic, members in topics.items()}
    out[PYTHON / "__init__.py"] = package_code(topics)
    out[REFERENCE] = reference(topics, entries)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cli", type=Path, default=ROOT / "build/release/bin/vaerans")
    for path, text in files(descriptors(parser.parse_args().cli)).items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
