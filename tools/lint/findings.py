"""What a check found, and the sources that checks look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Folders of sources, and which of their files a check reads.
SOURCES = {
    "include": "*.hpp",
    "src": "*.[ch]pp",
    "cli": "*.[ch]pp",
    "fuzz": "*.[ch]pp",
    "python": "*.*",
    "bench": "*.*",
    "examples": "*.*",
    "tests": "*.*",
    "tools": "*.*",
    "training": "*.py",
    "cmake": "*.cmake",
}
ENDINGS = {".cpp", ".hpp", ".py", ".cmake", ".sh"}


@dataclass(frozen=True)
class Finding:
    """A place and what is wrong with it. Advice does not fail the check."""

    path: Path
    line: int
    text: str
    advice: bool = False

    def shown(self, root: Path) -> str:
        kind = "advice" if self.advice else "error"
        return f"{kind}: {self.path.relative_to(root).as_posix()}:{self.line}: {self.text}"


def sources(root: Path, *folders: str) -> Iterator[Path]:
    """The source files below `folders`, by default below all that hold sources, sorted within each folder."""
    for folder in folders or SOURCES:
        for path in sorted((root / folder).rglob(SOURCES.get(folder, "*.*"))):
            if path.suffix in ENDINGS and path.is_file() and "__pycache__" not in path.parts:
                yield path
