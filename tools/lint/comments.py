"""Comments that are no sentences: fragments that begin with "Of …", and half lines that a formatter left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from findings import Finding, sources

# A comment or docstring whose first word is "Of"; after code in lower case, too.
FRAGMENT = re.compile(r'(?:(?://+<?|#|""")\s*Of\s)|(?:\S\s+(?://+<?|#) of\s)')
BINDING_FRAGMENT = re.compile(r'(?<!f)"Of [a-z]')  # the docstrings of the native module

COMMENT = re.compile(r"^\s*(?:///?|#)\s(?P<text>\S.*)$")
LONG, SHORT = 100, 16


def fragments(root: Path) -> Iterator[Finding]:
    """Comments that begin with "Of"."""
    for path in sources(root):
        in_bindings = "bindings" in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if FRAGMENT.search(line) or (in_bindings and BINDING_FRAGMENT.search(line)):
                yield Finding(path, number, 'a comment that begins with "of": say in a sentence what it is')


def half_lines(root: Path) -> Iterator[Finding]:
    """Comment lines of a word or two between a full line and more of the same sentence."""
    for path in sources(root):
        lines = path.read_text().splitlines()
        texts = [match["text"] if (match := COMMENT.match(line)) else None for line in lines]
        for i, (text, following) in enumerate(pairwise(texts)):
            broken = i > 0 and texts[i - 1] and len(lines[i - 1]) > LONG and text and len(text) < SHORT
            if broken and following and following[0].islower() and text[-1] not in ".:;)":
                yield Finding(path, i + 1, f"half a line ('{text}'): fill the paragraph anew")
