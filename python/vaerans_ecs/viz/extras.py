"""Optional packages: imported when they are needed, named in the error when they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType


def need(module: str) -> ModuleType:
    """Imports `module`; ImportError that says which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"this needs the package {package!r}, which is not installed: pip install 'vaerans-ecs[report]'",
            name=package,
        ) from error
