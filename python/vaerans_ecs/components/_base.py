"""What all components have: NumPy sees the arena's memory without a copy; DLPack gives a copy."""

from typing import Any

from .. import _vaerans
from ..core.array import ArrayLike


class Component(_vaerans.Component, ArrayLike):
    """A tensor of one entity. `numpy.asarray(component)` is a read-only view of arena memory that keeps it alive; the
    component itself can be indexed, iterated, reckoned with and asked for `mean()` like an array.

    After `World.reset()`, or `despawn()` of its entity, a view that was got before stays readable (its contents
    change); asking for a new one raises StaleRef.
    """

    __slots__ = ()

    def __dlpack__(
        self, *, copy: bool | None = None, max_version: tuple[int, int] | None = None, **options: Any
    ) -> Any:
        """A copy, since not every consumer of DLPack can be told that memory is read-only; `copy=False` asks for a
        read-only view and raises BufferError where the consumer's version cannot say so.
        """
        if copy is False and (max_version is None or max_version < (1, 0)):
            raise BufferError(f"{self.key} is read-only, which DLPack before version 1.0 cannot say: copy it")
        source = self.array if copy is False else self.array.copy()
        return source.__dlpack__(max_version=max_version, copy=False if copy is False else None, **options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.array.__dlpack_device__()

    def __bytes__(self) -> bytes:
        return self.tobytes()

    def _repr_html_(self) -> str:
        """What notebooks show: a thumbnail of pictures, a histogram of everything else."""
        from . import _html

        return _html.of_component(self)
