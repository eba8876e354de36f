"""A checkpoint as a few files of limited size, for machines that hand back no large ones.

    python -m training.gpu.slices FOLDER training/runs/gpu/checkpoint.pt   # back into one file, for evaluate and export

The averaged weights travel as float16, which is what the export stores, and Muon's momentum as bfloat16; the weights
themselves keep all their digits, so a resumed run differs from an unbroken one by no more than that.
"""

import argparse
import hashlib
import io
import json
from pathlib import Path

import torch

PART_BYTES = 15 << 20
MANIFEST = "checkpoint.json"


class BrokenSlice(ValueError):
    """The files of a checkpoint are missing, incomplete or of two different checkpoints; the text says which."""


def _converted(state, average, momentum):
    optimizers = []
    for optimizer in state["optimizers"]:
        entries = {
            index: {k: v.to(momentum) if k == "momentum" else v for k, v in entry.items()}
            for index, entry in optimizer["state"].items()
        }
        optimizers.append(optimizer | {"state": entries})
    return state | {"ema": {k: v.to(average) for k, v in state["ema"].items()}, "optimizers": optimizers}


def part_name(i):
    return f"checkpoint.{i}"


def write(folder, state):
    """Replaces the folder's checkpoint. All parts are there before the first one takes its place, and the manifest
    comes last, so a program that is killed meanwhile leaves the old checkpoint or one that `read` refuses."""
    buffer = io.BytesIO()
    torch.save(_converted(state, torch.float16, torch.bfloat16), buffer)
    content = buffer.getvalue()
    parts = [content[i : i + PART_BYTES] for i in range(0, len(content), PART_BYTES)]
    manifest = {"parts": len(parts), "sha256": hashlib.sha256(content).hexdigest(), "steps": state["steps"]}
    new = {part_name(i): part for i, part in enumerate(parts)} | {MANIFEST: json.dumps(manifest).encode()}
    for name, part in new.items():
        (folder / f"{name}.new").write_bytes(part)
    for name in new:
        (folder / f"{name}.new").replace(folder / name)


def names(folder):
    """The files of a folder's checkpoint."""
    manifest = json.loads((folder / MANIFEST).read_text())
    return [*(part_name(i) for i in range(manifest["parts"])), MANIFEST]


def read(folder, device="cpu"):
    """The state that `write` was given; None where there is no checkpoint. Raises BrokenSlice."""
    if not (folder / MANIFEST).exists():
        return None
    *parts, _ = (folder / name for name in names(folder))
    missing = [part.name for part in parts if not part.exists()]
    if missing:
        raise BrokenSlice(f"{folder} lacks {', '.join(missing)}: fetch all files of the slice")
    content = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(content).hexdigest() != json.loads((folder / MANIFEST).read_text())["sha256"]:
        raise BrokenSlice(f"the parts in {folder} do not belong together: take those of an earlier slice")
    state = torch.load(io.BytesIO(content), map_location=device, weights_only=True)
    return _converted(state, torch.float32, torch.float32)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder", type=Path, help="what came back from the GPU machine")
    p.add_argument("checkpoint", type=Path, help="the file to write")
    args = p.parse_args()
    state = read(args.folder)
    if state is None:
        raise SystemExit(f"{args.folder} holds no {MANIFEST}")
    args.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, args.checkpoint)
    print(f"{args.checkpoint}: step {state['steps']}, {state['seconds'] / 60:.1f} minutes")


if __name__ == "__main__":
    main()
