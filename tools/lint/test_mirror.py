"""tests/unit mirrors src: every test stands in the folder of its subject and bears its name.

tests/unit/<folder>/<subject>_test.cpp tests src/<folder>/<subject>.* or include/vaerans/<folder>/<subject>.hpp.
What goes through several layers stands in tests/integration, which mirrors nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from findings import Finding

# Tests without a file of their name beside their subject, and why.
WITHOUT_SUBJECT = {
    "image_io/pictures_test.cpp": "makes the picture files for its neighbours, and shows that they are sound",
}


def check(root: Path) -> Iterator[Finding]:
    """Tests that do not stand where their subject stands, and exceptions that are none any more."""
    unit = root / "tests/unit"
    tests = {path.relative_to(unit).as_posix(): path for path in sorted(unit.rglob("*_test.cpp"))}
    for name, path in tests.items():
        found = has_subject(root, Path(name))
        if name in WITHOUT_SUBJECT and found:
            yield Finding(path, 1, "has a subject: take it out of WITHOUT_SUBJECT in tools/lint/test_mirror.py")
        elif name not in WITHOUT_SUBJECT and not found:
            yield Finding(path, 1, f"tests nothing in src/{Path(name).parent}: move it to where its subject stands")
    for name in WITHOUT_SUBJECT:
        if name not in tests:
            yield Finding(unit, 1, f"WITHOUT_SUBJECT in tools/lint/test_mirror.py names {name}, which is not there")


def has_subject(root: Path, test: Path) -> bool:
    """Whether a source or header of the test's name stands in the same folder of src or include."""
    subject = test.name.removesuffix("_test.cpp")
    folders = [root / "src" / test.parent, root / "include/vaerans" / test.parent]
    if test.parent.name == subject:  # the layer's one public header, such as vaerans/api.hpp
        folders.append(root / "include/vaerans")
    return any((folder / f"{subject}{ending}").is_file() for folder in folders for ending in (".hpp", ".cpp"))
