"""Models: folders with encoder.onnx and/or decoder.onnx, and a model.json card or a config.json of diffusers.

Looked for in: what this process registered, a folder given as such, VAERANS_MODEL_PATH, the user's data folder, paths
that packages added, the installed models, the cache of Hugging Face's tools. `python -m vaerans_ecs.models export`
makes one of an autoencoder of diffusers; `from_diffusers` runs one as it is, `CallableVAE` any Python functions. The
ONNX Runtime library comes from VAERANS_ORT_LIBRARY, the package `onnxruntime`, or the system.
"""

from .._vaerans import (
    DEFAULT_MODEL,
    QUICK_MODEL,
    BrokenModel,
    ModelCheck,
    ModelDifference,
    ModelGeneration,
    ModelInfo,
    ModelReport,
    RuntimeInfo,
    add_model,
    add_model_path,
    add_runtime_candidate,
    diff_models,
    find_model,
    list_broken_models,
    list_generations,
    list_models,
    model_name_of,
    model_paths,
    model_sources,
    remove_model,
    runtime_info,
    set_runtime_library,
    verify_model,
    write_model_list,
)
from .callables import CallableVAE
from .sources import fetch_model
from .torch_vae import from_diffusers

__all__ = [
    "DEFAULT_MODEL",
    "QUICK_MODEL",
    "BrokenModel",
    "CallableVAE",
    "ModelCheck",
    "ModelDifference",
    "ModelGeneration",
    "ModelInfo",
    "ModelReport",
    "RuntimeInfo",
    "add_model",
    "add_model_path",
    "add_runtime_candidate",
    "diff_models",
    "fetch_model",
    "find_model",
    "from_diffusers",
    "list_broken_models",
    "list_generations",
    "list_models",
    "model_name_of",
    "model_paths",
    "model_sources",
    "remove_model",
    "runtime_info",
    "set_runtime_library",
    "verify_model",
    "write_model_list",
]
