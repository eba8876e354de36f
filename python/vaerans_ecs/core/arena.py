"""The arena: one reservation of memory from which every tensor of a world is cut."""

from .._vaerans import Arena, Mark, TensorRef

__all__ = ["Arena", "Mark", "TensorRef"]
