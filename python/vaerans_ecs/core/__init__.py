"""Arena, World, Pipe, Pipeline and Context."""

from .arena import Arena, Mark, TensorRef
from .context import Context, Limits
from .pipeline import Contract, Failure, Group, Pipe, Pipeline, Port, RunResult
from .world import Subband, Spec, TrailStep, World

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
    "Subband",
    "Spec",
    "TensorRef",
    "TrailStep",
    "World",
]
