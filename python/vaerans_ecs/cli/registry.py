"""vaerans systems: the registry, for those who write recipes; the texts and the JSON of the program."""

from __future__ import annotations

import argparse
from typing import Any

from .. import systems
from .said import print_json, print_line

COLUMNS = ["name", "type", "default", "range", "text", "choices", "doc", "wire_id"]
OPTIONAL = ("text", "choices")  # left out where there is none


def run(given: argparse.Namespace) -> int:
    entries = [systems.find_system(name) for name in given.names] or systems.all_systems()
    if given.json:
        print_json([of_json(entry) for entry in entries])
    else:
        for entry in entries:
            print_entry(entry, whole=bool(given.names))
    return 0


def of_json(entry: systems.SystemEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "class": entry.class_name,
        "topic": entry.topic,
        "role": entry.role,
        "inverse": entry.inverse,
        "wire_id": entry.wire_id,
        "doc": entry.doc,
        "parameters": [parameter(param) for param in entry.params],
    }


def parameter(param: Any) -> dict[str, Any]:
    values = {name: getattr(param, name) for name in COLUMNS}
    return {name: value for name, value in values.items() if value or name not in OPTIONAL}


def print_entry(entry: systems.SystemEntry, *, whole: bool) -> None:
    print_line(f"{entry.name}  ({entry.class_name}, {entry.role})")
    doc = entry.doc if whole else entry.doc.partition("\n\n")[0]
    for line in doc.removesuffix("\n").split("\n"):
        print_line(f"    {line}")
    for param in entry.params:
        words = f"{param.type}, {param.range}" if param.range else param.type
        print_line(f"    {param}  {words}: {param.doc}")
