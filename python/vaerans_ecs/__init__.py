"""vaerans: learned image compression as a chain that its user can see and change.

>>> from vaerans_ecs import World, Pipeline, compress, decompress
>>> data = compress(picture, quality=75)  # (H, W, 3) uint8 -> bytes of a .vrs file
>>> picture = decompress(data)
>>> save("photo.vrs", picture)  # and vaerans_ecs.open("photo.vrs")

The chain behind compress(), step by step, is in `vaerans_ecs.systems`; what flows through it in
`vaerans_ecs.components`. All work is done by the C++ library, with the GIL released.
"""

from . import _environment, _reprs, _vaerans, components, errors, plugins, systems
from ._vaerans import (
    FileInfo,
    __version__,
    decode_entities,
    measure,
    read_file,
    step_of_quality,
    write_file,
)
from .api import (
    compress,
    compress_latent,
    decompress,
    decompress_latent,
    decompress_part,
    file_info,
    preview,
    strip,
    transcode,
    verify,
)
from .core import (
    Arena,
    ComponentStore,
    Contract,
    Entity,
    Failure,
    Group,
    Pipe,
    Pipeline,
    Port,
    RunResult,
    Spec,
    Subband,
    TensorRef,
    TrailStep,
    World,
)
from .core.context import Context, Limits
from .errors import (
    ArenaFull,
    BadParameter,
    BadRecipe,
    ContractError,
    CorruptStream,
    ImageUnsupported,
    ModelNotFound,
    RuntimeNotFound,
    StaleRef,
    VaeransError,
)
from .files import open as open  # not in __all__: `import *` must not replace the builtin
from .files import save
from .latents import LatentStore
from .metadata import file_metadata, with_metadata
from .models import find_model, list_models
from .plugins import load_plugin
from .rows import RowReader, RowWriter, compress_stream, decompress_stream
from .systems import Param, System, register

_environment.prepare()
_reprs.install()
_vaerans._add_plugin_source(plugins.load_entry_points)

__all__ = [
    "Arena",
    "ArenaFull",
    "BadParameter",
    "BadRecipe",
    "ComponentStore",
    "Context",
    "Contract",
    "ContractError",
    "CorruptStream",
    "Entity",
    "Failure",
    "FileInfo",
    "Group",
    "ImageUnsupported",
    "LatentStore",
    "Limits",
    "ModelNotFound",
    "Param",
    "Pipe",
    "Pipeline",
    "Port",
    "RowReader",
    "RowWriter",
    "RunResult",
    "RuntimeNotFound",
    "Spec",
    "StaleRef",
    "Subband",
    "System",
    "TensorRef",
    "TrailStep",
    "VaeransError",
    "World",
    "__version__",
    "components",
    "compress",
    "compress_latent",
    "compress_stream",
    "decode_entities",
    "decompress",
    "decompress_latent",
    "decompress_part",
    "decompress_stream",
    "errors",
    "file_info",
    "file_metadata",
    "find_model",
    "list_models",
    "load_plugin",
    "measure",
    "plugins",
    "preview",
    "read_file",
    "register",
    "save",
    "step_of_quality",
    "strip",
    "systems",
    "transcode",
    "verify",
    "with_metadata",
    "write_file",
]
