"""Arena, World, Pipe, Pipeline and Context."""

from .arena import Arena, Mark, TensorRef
from .context import Context, Limits
from .pipeline import Contract, Failure, Group, Pipe, Pipeline, Port, RunResult
from .world import Spec, Subband, TrailStep, World

__all__ = [
    "Arena",
    "Context",
    "Contract",
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
