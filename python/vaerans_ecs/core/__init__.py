"""Arena, World, Pipe, Pipeline and Context."""

from .arena import Arena, Mark, TensorRef
from .context import Context, Limits
from .pipeline import Contract, Failure, Group, Pipe, Pipeline, Port, RunResult
from .world import ComponentStore, Entity, Spec, Subband, TrailStep, World

__all__ = [
    "Arena",
    "ComponentStore",
    "Context",
    "Contract",
    "Entity",
    "Failure",
    "Group",
    "Limits",
    "Mark",
    "Pipe",
    "Pipeline",
    "Port",
    "RunResult",
    "Spec",
    "Subband",
    "TensorRef",
    "TrailStep",
    "World",
]
