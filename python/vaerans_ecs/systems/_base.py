"""System: one step of a chain, whether the library does the work or a Python class."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar, overload

from .. import _vaerans
from .._vaerans import Contract, Group, Pipeline, Spec

_CLASSES: dict[str, type["NativeSystem"]] = {}  # by class name in the registry

T = TypeVar("T", bound="System")


class System(_vaerans.SystemBase):
    """One step of a chain. Derive from it, give it a `contract` and a `run()`, and it works beside the native ones.

    >>> class Half(System):
    ...     contract = Contract('half', inputs=[Latent4], outputs=[Latent4], role='filter')
    ...     def run(self, group):
    ...         batch = group.batch()                      # (N, C, h, w), read-only, no copy
    ...         group.output(batch.shape[1:])[...] = batch / 2

    An instance must not change once it is in a chain. What run() raises becomes the error of the group's entities.
    """

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
        return self._native_inverse()

    def describe(self, input: Spec, side_info: bytes) -> Spec:
        """What the step makes of `input`, given its side information. A chain that is to be written to a file needs it.

        Files are hostile: check everything, and do not trust `side_info`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no describe()")

    def run(self, group: Group) -> None:
        """Does the work for one group of entities of one shape."""
        raise NotImplementedError(f"{type(self).__name__} has no run()")

    @property
    def recipe(self) -> str:
        """As in a Pipeline: 'cdf53(levels=5)'."""
        return self._recipe()

    def __or__(self, tail: "System | Pipeline") -> Pipeline:
        return _vaerans._join(self, tail)

    def __str__(self) -> str:
        return self.recipe

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.params().items())
        return f"{type(self).__name__}({given})"


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
        super().__init__(
            name, default, doc, minimum=minimum, maximum=maximum, choices=list(choices), encode_only=encode_only
        )


def register(
    name: str | None = None, *, params: Iterable[Param] = (), doc: str | None = None
) -> Callable[[type[T]], type[T]]:
    """Class decorator: adds a Python system to the registry, so that recipes, files and compress() know it.

    `name` is the contract's name; each of `params` must be a keyword of the class and an attribute of its instances.
    Raises InvalidArgument if the name is taken; `unregister(name)` takes it out again.
    """

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
