"""What a run with --start began with, for the card of the model that comes of it."""

import json

from training.autoencoder.evaluate import load_checkpoint


def origin(start):
    """{"started_from": minutes, steps, a shipped model's revision, and its own origin}; {} without a start."""
    if start is None:
        return {}
    return {"started_from": _checkpoint(start) if start.suffix == ".pt" else _shipped(start)}


def effort(state):
    """How long a checkpoint was trained."""
    return {"minutes": round(state["seconds"] / 60, 1), "steps": state["steps"]}


def _checkpoint(path):
    state = load_checkpoint(path)[2]
    return effort(state) | state.get("origin", {})


def _shipped(folder):
    card = json.loads((folder / "model.json").read_text())
    known = {k: v for k, v in card["training"].items() if k in ("minutes", "steps", "started_from")}
    return {"revision": card["revision"]} | known
