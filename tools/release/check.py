"""Checks that every generation of a model that was ever released decodes as on its first day.

    python tools/release/check.py [ROOT]

Exit 1 names what is wrong: a decoder or prior that is gone, golden files whose pixels or bytes changed, a model that is
shipped and is not on the list (docs/releasing.md). tests/python/models/test_releases.py runs it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
import numpy as np
import vaerans_ecs as vaerans
from generations import MODELS, RELEASED, WEB_LIST, Generation, folders, read_list, sha256

REMEDY = "see docs/releasing.md"


@dataclass
class Report:
    generations: list[Generation]
    problems: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # one for each generation: what it takes


def check(root: Path) -> Report:
    """All problems, none of which hides another."""
    report = Report(read_list(root))
    places = folders(root)
    for one in report.generations:
        if one.hash not in places:
            report.problems.append(
                f"{one.reference}: its decoder is in no folder of models/. It was released, and files that need it "
                f"exist: `python tools/release/ship.py retire {one.reference}` brings it back from git; {REMEDY}"
            )
            continue
        report.problems += folder_problems(one, places[one.hash]) + file_problems(one, root)
        report.lines.append(sizes(one, places[one.hash]))
    report.problems += list_problems(root, report.generations, places)
    return report


def folder_problems(one: Generation, folder: Path) -> list[str]:
    card = json.loads((folder / "model.json").read_text())
    problems = []
    if card["name"] != one.name:
        problems.append(f"{folder}: its card names it {card['name']!r}, and it was released as {one.name!r}")
    if sha256((folder / card["decoder"]["file"]).read_bytes()) != one.hash:
        problems.append(f"{folder}: its decoder is not the one that its card names")
    prior = card.get("prior", {}).get("sha256", "")
    if prior != one.prior_sha256:
        problems.append(
            f"{folder}: another prior than {one.reference} was released with, so that its files cannot be read. A new "
            f"prior is a new generation, with other weights; {REMEDY}"
        )
    return problems


def file_problems(one: Generation, root: Path) -> list[str]:
    problems = [] if one.files else [f"{one.reference}: it has no golden file"]
    for golden in one.files:
        path = root / "tests/golden/generations" / golden.file
        if not path.is_file():
            problems.append(f"{golden.file}: this golden file is gone")
            continue
        data = path.read_bytes()
        if sha256(data) != golden.sha256:
            problems.append(f"{golden.file}: the golden file itself was changed")
            continue
        problems += decoding_problems(one, golden, data)
    return problems


def decoding_problems(one: Generation, golden, data: bytes) -> list[str]:
    if vaerans.file_info(data).model_hash != one.hash[:16]:
        return [f"{golden.file}: it was not made by {one.reference}"]
    try:
        pixels = vaerans.decompress(data)
    except vaerans.VaeransError as error:
        return [f"{golden.file} of {one.reference} does not decode any more: {error}"]
    if pixels.shape == golden.shape and sha256(np.ascontiguousarray(pixels).tobytes()) == golden.pixels_sha256:
        return []
    return [f"{golden.file} of {one.reference} decodes to other pixels than on its first day"]


def list_problems(root: Path, generations: list[Generation], places: dict[str, Path]) -> list[str]:
    known = {one.hash for one in generations}
    problems = [
        f"{folder}: shipped, but not on the list of released generations: `python tools/release/ship.py add "
        f"{folder.name}`; {REMEDY}"
        for hash, folder in places.items()
        if hash not in known
    ]
    for folder in sorted((root / RELEASED).glob("*")):
        if folder.is_dir() and folder not in places.values():
            problems.append(
                f"{folder}: the same weights lie in {MODELS} as well, or it is no model; remove one of them"
            )
    for encoder in sorted((root / RELEASED).glob("*/encoder.onnx")):
        problems.append(f"{encoder}: what is replaced is there to decode with; leave the encoder out")
    listed = json.loads((root / WEB_LIST).read_text())["models"] if (root / WEB_LIST).is_file() else {}
    wanted = {hash: folder.relative_to(root / "models").as_posix() for hash, folder in places.items()}
    if listed != wanted:
        problems.append(f"{WEB_LIST} is not current: `vaerans models index models`")
    return problems


def sizes(one: Generation, folder: Path) -> str:
    def kilobytes(name: str) -> str:
        path = folder / name
        return f"{path.stat().st_size / 1000:,.0f} kB" if path.is_file() else "none"

    where = ("released/" if folder.parent.name == "released" else "") + folder.name
    parts = ", ".join(f"{name} {kilobytes(name)}" for name in ("decoder.onnx", "prior.bin", "model.json"))
    return (
        f"{one.reference} (revision {one.revision}, since {one.since}) in models/{where}: {parts}; "
        f"{len(one.files)} golden files"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parents[2])
    root = parser.parse_args().root
    vaerans.models.add_model_path(str(root / "models"))
    report = check(root)
    print("\n".join(report.lines))
    for problem in report.problems:
        print(f"PROBLEM: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
