"""System: one step of a chain, whether the library does the work or a Python class."""

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar, overload

import numpy as np

from .. import _vaerans
from .._vaerans import Contract, Group, Pipeline, Spec
from .._values import flag
from ..errors import _TOLD, BadParameter

_CLASSES: dict[str, type["NativeSystem"]] = {}  # by class name in the registry

T = TypeVar("T", bound="System")


class System(_vaerans.SystemBase):
    """One step of a chain. Derive from it, give it a `contract` and a `run()`, and it works beside the native ones.

    `run(self, group)` works on groups of entities of one shape; `run(self, world, entities)` may be written instead,
    and then reads and sets components itself. Either way `system.run(world, entities)` runs the step.

    >>> class Half(System):
    ...     contract = Contract('half', inputs=[Latent4], outputs=[Latent4], role='filter')
    ...     def run(self, group):
    ...         batch = group.batch()                      # (N, C, h, w), read-only, no copy
    ...         group.output(batch.shape[1:])[...] = batch / 2

    An instance must not change once it is in a chain. What run() raises becomes the error of the group's entities.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = cls.__dict__.get("run")
        if own is not None:
            cls.run = _of_world(own) if _takes_world(own) else _of_group(own)  # type: ignore[method-assign]

    def params(self) -> dict[str, Any]:
        """The parameters that differ from their defaults: what a recipe prints.

        For a class that register() knows: the attributes with the names of its parameters.
        """
        if self._is_native:
            return self._native_params()
        declared: Iterable[Param] = getattr(type(self), "_registered_params", ())
        values = {p.name: getattr(self, p.name) for p in declared}
        return {p.name: values[p.name] for p in declared if values[p.name] != p.default}

    def inverse(self) -> "System | None":
        """The system that undoes this one; None if there is none."""
        undoing: Any = self._native_inverse()
        return undoing

    def describe(self, input: Spec, side_info: bytes) -> Spec:
        """What the step makes of `input`, given its side information. A chain that is to be written to a file needs it.

        Files are hostile: check everything, and do not trust `side_info`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no describe()")

    def run(self, world: Any, entities: Any = None, context: Any = None) -> Any:
        """Runs the step on these entities of a world (all by default) and returns a RunResult.

        A system of your own overrides it for a Group, or for a world and entities.
        """
        if isinstance(world, Group):
            raise NotImplementedError(f"{type(self).__name__} has no run()")
        if not isinstance(world, _vaerans.World):
            raise BadParameter(f"run(world, entities): the first is a World, not {world!r}")
        return world.run(self, entities, context)

    @property
    def recipe(self) -> str:
        """As in a Pipeline: 'cdf53(levels=5)'."""
        return self._recipe()

    def __or__(self, tail: "System | Pipeline | str") -> Pipeline:
        return _vaerans._join(self, tail)

    def __ror__(self, head: str) -> Pipeline:
        return _vaerans._join(head, self)

    def __reduce__(self) -> Any:
        if self._is_native:
            return _made, (self.contract.name, self.params())
        return _restored, (type(self), self.__dict__)

    def __copy__(self) -> "System":
        rebuild, given = self.__reduce__()
        return rebuild(*given)

    def __str__(self) -> str:
        return self.recipe

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.params().items())
        return f"{type(self).__name__}({given})"


def _takes_world(run: Callable[..., Any]) -> bool:
    """Whether it is run(self, world, entities) rather than run(self, group)."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(run).parameters.values()
    return sum(p.kind in kinds and p.default is p.empty for p in parameters) > 2


def _of_group(own: Callable[..., Any]) -> Callable[..., Any]:
    """The grouped form: a world goes through the scheduler, which makes the groups."""

    @functools.wraps(own)
    def run(self: System, group: Any, *more: Any, **options: Any) -> Any:
        if isinstance(group, _vaerans.World):
            return System.run(self, group, *more, **options)
        return own(self, group, *more, **options)

    return run


def _of_world(own: Callable[..., Any]) -> Callable[..., Any]:
    """The form for a world and entities: in a chain it is called once for each group."""

    @functools.wraps(own)
    def run(self: System, world: Any, *more: Any, **options: Any) -> Any:
        if isinstance(world, Group):
            return own(self, world.world, list(world.entities))
        return own(self, world, *more, **options)

    return run


def _made(name: str, params: dict[str, Any]) -> System:
    """A native system again: what copies and pickles are made by."""
    return _vaerans.make_system(name, **params)


def _restored(cls: type[T], state: dict[str, Any]) -> T:
    """A system of a Python class with this state: what copies and pickles are made by."""
    system = cls.__new__(cls)
    _vaerans.SystemBase.__init__(system)
    system.__dict__.update(state)
    return system


class NativeSystem(System):
    """A system of the library. Its parameters are checked there; `_entry` is its name in the registry."""

    _entry: ClassVar[str]

    def __init_subclass__(cls, entry: str | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if entry is not None:
            cls._entry = entry
            _CLASSES[entry] = cls

    def __init__(self, **params: Any) -> None:
        super().__init__(self._entry, params)


def adopt(native: _vaerans.SystemBase) -> System:
    """The instance of the class that stands for a native system; called by the native module."""
    entry = _vaerans.find_system(native.contract.name)
    cls = _CLASSES.get(entry.class_name, NativeSystem)
    system = cls.__new__(cls)
    _vaerans.SystemBase.__init__(system, native)
    return system


class InverseOf(Generic[T]):
    """`Hadamard4.inverse(...)` makes the inverse class; `Hadamard4().inverse()` the inverse of that very instance."""

    def __init__(self, target: type[T]) -> None:
        self.target = target

    @overload
    def __get__(self, system: None, owner: type) -> type[T]: ...
    @overload
    def __get__(self, system: System, owner: type) -> Callable[[], T]: ...
    def __get__(self, system: System | None, owner: type) -> Any:
        return self.target if system is None else system._native_inverse


class Param(_vaerans.ParamBase):
    """A parameter of a system of your own: name, default (whose type is the parameter's type), one line of doc.

    `minimum`, `maximum`: of a number, both included; `choices`: of a text. Recipes and files with other values raise
    BadParameter. Files hold it by its name; `encode_only=True` keeps one that a decoder does not need out of them.
    """

    def __init__(
        self,
        name: str,
        default: Any,
        doc: str = "",
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        choices: Iterable[str] = (),
        encode_only: bool = False,
    ) -> None:
        # The native module would make numbers of NumPy's booleans.
        value = flag(name, default) if isinstance(default, np.bool_) else default
        kept_out = flag("encode_only", encode_only)
        super().__init__(
            name, value, doc, minimum=minimum, maximum=maximum, choices=list(choices), encode_only=kept_out
        )


def register(
    name: str | None = None, *, params: Iterable[Param] = (), doc: str | None = None
) -> Callable[[type[T]], type[T]]:
    """Class decorator: adds a Python system to the registry, so that recipes, files and compress() know it.

    `name` is the contract's name; each of `params` must be a keyword of the class and an attribute of its instances.
    Raises InvalidArgument if the name is taken; `unregister(name)` takes it out again.
    """
    if name is not None and not isinstance(name, str):
        raise BadParameter(f"@register() is written with parentheses, and a name in them is a text, not {name!r}")

    def add(cls: type[T]) -> type[T]:
        contract = getattr(cls, "contract", None)
        if not isinstance(contract, Contract):
            raise TypeError(f"{cls.__name__} needs a class attribute `contract = Contract(...)` to be registered")
        if name not in (None, contract.name):
            raise ValueError(f"{cls.__name__} is registered as {name!r}, but its contract says {contract.name!r}")
        declared = list(params)
        summary = doc or (cls.__doc__ or "").strip().partition("\n")[0]
        _vaerans._register_system(contract, cls.__name__, summary, declared, cls)
        cls._registered_params = declared  # type: ignore[attr-defined]
        return cls

    return add


def _with_remedy(message: str) -> str:
    """What to do about an unknown system that is a class of this process which nobody registered."""
    named = re.search("unknown system '([^']+)'", message)
    cls = _unregistered(named[1], System) if named else None
    if cls is None:
        return message
    told = (
        f"; {cls.__module__}.{cls.__qualname__} is of that name, but recipes, files and pickles know it only once it "
        "is registered: put @vaerans_ecs.register() above the class, with params=[Param(...), ...] if it takes any"
    )
    return message if told in message else message + told


def _unregistered(name: str, base: type[System]) -> type[System] | None:
    """The last class that was made with this name, or whose contract has it; native ones are always registered."""
    for cls in reversed(base.__subclasses__()):
        if issubclass(cls, NativeSystem):
            continue
        contract = cls.__dict__.get("contract")
        if name == cls.__name__ or (isinstance(contract, Contract) and contract.name == name):
            return cls
        if found := _unregistered(name, cls):
            return found
    return None


_TOLD["unknown_system"] = _with_remedy
