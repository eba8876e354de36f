"""Checks the Markdown documents: every relative link leads to a file, every `#anchor` to a heading, and every file and
function that is named in backticks exists (see doc_names.py).

Code in documents is checked where it can be run: tests/python runs the README's snippets.

usage: python check_docs.py [ROOT]
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from doc_names import unknown_names

LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def documents(root: Path) -> list[Path]:
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "--", "*.md"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [root / name for name in names if (root / name).exists()]


def prose(path: Path) -> str:
    """The text without code blocks, its lines kept in place."""
    return FENCE.sub(lambda match: "\n" * match[0].count("\n"), path.read_text())


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#{1,6}\s+(.*?)\s*$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path) -> Iterator[tuple[int, str]]:
    text = prose(path)
    for match in LINK.finditer(text):
        if re.match(r"[a-z]+:", match[1]):
            continue
        name, _, anchor = unquote(match[1]).partition("#")
        target = (path.parent / name) if name else path
        line = text.count("\n", 0, match.start()) + 1
        if not target.exists():
            yield line, f"no such file: {name}"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield line, f"no heading '#{anchor}' in {target.name}"


def main(root: Path) -> int:
    found = 0
    paths = documents(root)
    for path in paths:
        for line, problem in [*broken_links(path), *unknown_names(root, prose(path))]:
            print(f"{path.relative_to(root)}:{line}: {problem}")
            found += 1
    print(f"{len(paths)} documents, {found} broken links or names")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()))
