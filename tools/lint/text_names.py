"""Systems that code recognises by the text of their names: a system should be asked for what it has instead.

Counted are string literals that equal a registered system's name where they are compared (==, !=, in) or looked up
(find_…, make_system). Inside src/systems a system may be made by its name: there the names are declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from findings import Finding, sources

# Where a new one seems needed: give System a virtual that answers the question instead.
MAX_NAMES_AS_TEXT = 0

DECLARED = re.compile(r'\.name\s*=\s*"(\w+)"|\{\s*"([a-z0-9_]+)",\s*"[A-Z]\w+"')
LITERAL = re.compile(r"""["'](\w+)["']""")
COMPARED = re.compile(r"""[!=]=\s*["']\w+["']|["']\w+["']\s*[!=]=|\bin [\[({][^\])}]*""")
LOOKED_UP = re.compile(r"\b(?:find_\w+|make_system|starts_?with|ends_?with)\([^()]*")


def system_names(root: Path) -> set[str]:
    """The names that the sources of src/systems register."""
    text = "\n".join(path.read_text() for path in sorted((root / "src/systems").rglob("*.cpp")))
    return {match[1] or match[2] for match in DECLARED.finditer(text)}


def check(root: Path) -> Iterator[Finding]:
    """Every place where a system is recognised by its name."""
    names = system_names(root)
    for path in sources(root, "src", "cli", "python"):
        declares = (root / "src/systems") in path.parents
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if name := name_in(line, names, declares):
                yield Finding(path, number, f"the system '{name}' is recognised by its name", advice=True)


def name_in(line: str, names: set[str], declares: bool) -> str | None:
    """A system's name that the line compares or, where none is declared, looks up."""
    parts = COMPARED.findall(line) + ([] if declares else LOOKED_UP.findall(line))
    return next((name for part in parts for name in LITERAL.findall(part) if name in names), None)
