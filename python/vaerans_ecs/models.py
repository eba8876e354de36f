"""Models: folders with encoder.onnx and/or decoder.onnx and a model.json card.

Looked for in: a folder given as such, VAERANS_MODEL_PATH, the user's data folder, paths that packages added, the
installed models. The ONNX Runtime library comes from VAERANS_ORT_LIBRARY, the package `onnxruntime`, or the system.
"""

from ._vaerans import (
    ModelInfo,
    RuntimeInfo,
    add_model_path,
    add_runtime_candidate,
    find_model,
    list_models,
    model_paths,
    runtime_info,
    set_runtime_library,
)

__all__ = [
    "ModelInfo",
    "RuntimeInfo",
    "add_model_path",
    "add_runtime_candidate",
    "find_model",
    "list_models",
    "model_paths",
    "runtime_info",
    "set_runtime_library",
]
