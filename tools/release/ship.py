"""The two steps by which a generation of a model is shipped and replaced (docs/releasing.md).

python tools/release/ship.py add NAME              # models/NAME is released from now on: golden files, list
python tools/release/ship.py retire NAME[@HASH]    # before or after its files in models/NAME are replaced
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
import numpy as np
import vaerans_ecs as vaerans
from generations import GOLDEN, MODELS, RELEASED, Generation, GoldenFile, folders, read_list, sha256, write_list
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
QUALITIES = (20, 50, 80)  # coarse, middle and fine: most operating points of a prior
CROP = (256, 128, 448, 272)  # in examples/pictures/lake.png: left, top, right, bottom
DECODES = ("decoder", "prior")  # the parts of a card whose files decoding needs


def add(root: Path, name: str) -> Generation:
    """Puts the model in models/NAME on the list, with new golden files. Raises ValueError where it is there already."""
    card = json.loads((root / MODELS / name / "model.json").read_text())
    generations = read_list(root)
    hash = card["decoder"]["sha256"]
    if any(one.hash == hash for one in generations):
        raise ValueError(f"{name}@{hash[:16]} is on the list already")
    picture = np.asarray(Image.open(root / "examples" / "pictures" / "lake.png").convert("RGB").crop(CROP))
    files = tuple(golden_file(root, f"{name}@{hash[:16]}", picture, quality) for quality in QUALITIES)
    prior = card.get("prior", {}).get("sha256", "")
    one = Generation(name, card.get("revision", ""), hash, prior, vaerans.__version__, files)
    write_list(root, [*generations, one])
    vaerans.models.write_model_list(str(root / MODELS))
    return one


def golden_file(root: Path, reference: str, picture: np.ndarray, quality: int) -> GoldenFile:
    data = vaerans.compress(picture, quality=quality, mode="model", model=reference)
    pixels = np.ascontiguousarray(vaerans.decompress(data))
    file = f"{reference.replace('@', '-')}-q{quality}.vrs"
    (root / GOLDEN).mkdir(parents=True, exist_ok=True)
    (root / GOLDEN / file).write_bytes(data)
    return GoldenFile(file, sha256(data), pixels.shape, sha256(pixels.tobytes()))


def retire(root: Path, reference: str) -> Path:
    """Puts what decoding needs of a released generation into models/released, from models/ or from git's history.

    Raises ValueError for a generation that was not released, LookupError where its files are nowhere.
    """
    one = generation_of(root, reference)
    folder = root / RELEASED / one.reference
    if (folder / "model.json").is_file():
        raise ValueError(f"{folder} is there already")
    place = folders(root).get(one.hash)
    if place is not None:
        copy_parts(folder, lambda name: (place / name).read_bytes())
    else:
        commit = commit_of(root, one)
        copy_parts(folder, lambda name: committed(root, commit, f"{MODELS}/{one.name}/{name}"))
    if sha256((folder / "decoder.onnx").read_bytes()) != one.hash:
        shutil.rmtree(folder)
        raise LookupError(f"the decoder that was found is not {one.hash}")
    vaerans.models.write_model_list(str(root / MODELS))
    return folder


def generation_of(root: Path, reference: str) -> Generation:
    name, _, hash = reference.partition("@")
    found = [one for one in read_list(root) if one.name == name and one.hash.startswith(hash)]
    if not found:
        raise ValueError(f"{reference} is not on the list of released generations: what was never released is not kept")
    return found[-1]


def copy_parts(folder: Path, read) -> None:
    card = read("model.json")
    folder.mkdir(parents=True)
    (folder / "model.json").write_bytes(card)
    entries = json.loads(card)
    for part in DECODES:
        for name in [entries.get(part, {}).get("file"), *entries.get(part, {}).get("external", {})]:
            if name:
                (folder / name).write_bytes(read(name))


def commit_of(root: Path, one: Generation) -> str:
    """The last commit in which models/NAME was that generation."""
    card = f"{MODELS}/{one.name}/model.json"
    log = subprocess.run(
        ["git", "log", "--format=%H", "--", card], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    for commit in log.split():
        try:
            text = committed(root, commit, card)
        except subprocess.CalledProcessError:
            continue  # the commit that removed it
        if json.loads(text)["decoder"]["sha256"] == one.hash:
            return commit
    raise LookupError(f"no commit has {one.reference} in {MODELS}/{one.name}")


def committed(root: Path, commit: str, path: str) -> bytes:
    return subprocess.run(["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True, check=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("add", "retire"))
    parser.add_argument("model", metavar="NAME[@HASH]")
    args = parser.parse_args()
    vaerans.models.add_model_path(str(ROOT / MODELS))
    try:
        if args.step == "add":
            print(f"{add(ROOT, args.model).reference} is released: commit {GOLDEN} and {MODELS}")
        else:
            print(f"{retire(ROOT, args.model)}: commit it, and put the new files into {MODELS}")
    except (ValueError, LookupError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
