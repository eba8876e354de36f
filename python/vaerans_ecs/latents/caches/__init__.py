"""Cache files of trainers: what they hold, and how they are written again. `..convert` moves them to stores and back.

| form | who writes it |
|---|---|
| `.npz` | sd-scripts (`latents`, `latents_flipped`, `original_size`, `crop_ltrb`, `alpha_mask`, also with `_64x48`) |
| `.safetensors` | musubi-tuner (`latents_1x64x48_bfloat16`, `varlen_…`), LightningDiT (`latents`, `latents_flip`) |
| `.pt`, `.pth` | SimpleTuner, OneTrainer, diffusion-pipe: tensors in dictionaries and lists (needs PyTorch) |
| `.npy` | one array |

Every form is read by its structure, not by names, so that others' files do as well.
"""

from __future__ import annotations

from pathlib import Path

from ..._writing import whole_file
from ...errors import InvalidArgument
from . import npz, safetensors, torch_files
from .item import CacheItem

__all__ = ["FORMS", "CacheItem", "read_cache", "write_cache"]

FORMS = {
    ".npz": (npz.read, npz.write),
    ".npy": (npz.read, npz.write_one),
    ".safetensors": (safetensors.read, safetensors.write),
    ".pt": (torch_files.read, torch_files.write),
    ".pth": (torch_files.read, torch_files.write),
}


def read_cache(path: str | Path) -> CacheItem:
    """A file's arrays and what else it holds. Raises CorruptStream, DTypeError, FileError, RuntimeNotFound."""
    return _form(Path(path))[0](Path(path))


def write_cache(path: str | Path, item: CacheItem) -> None:
    """Writes a file in the form that its name says, in place of one that is there; never half of it under that name."""
    path = Path(path)
    write = _form(path)[1]
    try:
        with whole_file(path, sync=False) as file:  # nobody waits for the disk once for each of many small files
            write(file, item)
    except InvalidArgument as error:
        raise InvalidArgument(f"{path}: {error}") from error


def _form(path: Path) -> tuple:
    found = FORMS.get(path.suffix.lower())
    if found is None:
        raise InvalidArgument(f"{path}: cache files end with {', '.join(FORMS)}")
    return found
