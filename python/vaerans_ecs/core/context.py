"""How a run is done, and the trace of what it did."""

import json
from typing import Any

from .._vaerans import ContextBase, Limits
from ..errors import BadParameter


class Context(ContextBase):
    """Policy for runs: device, threads, seed, limits, what to do on errors. A pipe copies it when it is made.

    >>> context = Context(trace=True)
    >>> world.pipe(entity, context).to(Hadamard4())
    >>> context.trace[0]["seconds"]
    """

    __slots__ = ()  # a misspelt attribute is an error

    @property
    def trace(self) -> list[dict[str, Any]]:
        """A record for each step of each group, in order: system, entities, shapes, bytes, seconds, values, notes."""
        return json.loads(self.trace_json())


def given_context(context: Context | None) -> Context | None:
    """The context of a call that needs neither device nor threads. Raises BadParameter for what is none."""
    if not isinstance(context, ContextBase | None):
        raise BadParameter(f"context is a Context, not {context!r}")
    return context


__all__ = ["Context", "Limits", "given_context"]
