"""What the package tells the library when it is imported: where the models and ONNX Runtime are."""

import atexit
import importlib.util
from pathlib import Path

from . import _vaerans


def runtime_libraries() -> list[Path]:
    """The ONNX Runtime libraries inside the installed `onnxruntime` package, which is not imported."""
    spec = importlib.util.find_spec("onnxruntime")
    folders = spec.submodule_search_locations if spec is not None else None
    return [path for folder in folders or [] for path in sorted(Path(folder, "capi").glob("libonnxruntime.so*"))]


def prepare() -> None:
    """Called once, by the package."""
    models = Path(__file__).parent / "models"
    if models.is_dir():
        _vaerans.add_model_path(str(models))
    for library in runtime_libraries():
        _vaerans.add_runtime_candidate(str(library))
    # The registry outlives the interpreter; the Python classes in it do not.
    atexit.register(_vaerans._unregister_all)
