"""The list of released generations: what was shipped with a model's name, and how it is known to decode.

tests/golden/generations/released.json is the list; the golden files lie beside it. docs/releasing.md says what it
means.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

GOLDEN = Path("tests/golden/generations")
LIST = GOLDEN / "released.json"
MODELS = Path("models")
RELEASED = MODELS / "released"  # decoders, priors and cards of generations that a newer one has replaced
WEB_LIST = MODELS / "models.json"


@dataclass(frozen=True)
class GoldenFile:
    """A .vrs file that a generation made, and the picture that it decodes to for ever."""

    file: str
    sha256: str
    shape: tuple[int, int, int]
    pixels_sha256: str


@dataclass(frozen=True)
class Generation:
    """name, revision and hash as the card has them. prior_sha256: '' without a prior. since: the library's version."""

    name: str
    revision: str
    hash: str
    prior_sha256: str
    since: str
    files: tuple[GoldenFile, ...]

    @property
    def reference(self) -> str:
        """NAME@HASH, as folders, recipes and `vaerans models info` have it."""
        return f"{self.name}@{self.hash[:16]}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_list(root: Path) -> list[Generation]:
    entries = json.loads((root / LIST).read_text())["generations"]
    return [
        Generation(
            **{
                **entry,
                "files": tuple(GoldenFile(**{**file, "shape": tuple(file["shape"])}) for file in entry["files"]),
            }
        )
        for entry in entries
    ]


def write_list(root: Path, generations: list[Generation]) -> None:
    text = json.dumps({"generations": [asdict(one) for one in generations]}, indent=1)
    (root / LIST).parent.mkdir(parents=True, exist_ok=True)
    (root / LIST).write_text(text + "\n")


def folders(root: Path) -> dict[str, Path]:
    """{hash: folder} of all models that the project ships; the first of a hash wins, as for the library."""
    found: dict[str, Path] = {}
    for card in [*sorted((root / MODELS).glob("*/model.json")), *sorted((root / RELEASED).glob("*/model.json"))]:
        found.setdefault(json.loads(card.read_text())["decoder"]["sha256"], card.parent)
    return found
