"""One exception class for every error code, each deriving from the builtin that fits."""

import re
from pathlib import Path

import pytest
from vaerans_ecs import World, _vaerans, errors
from vaerans_ecs.errors import VaeransError

HEADER = Path(__file__).parents[3] / "include/vaerans/base/error.hpp"

BUILTINS = {
    "arena_full": MemoryError,
    "unknown_entity": KeyError,
    "missing_component": KeyError,
    "contract": TypeError,
    "dtype": TypeError,
    "unknown_system": LookupError,
    "bad_recipe": ValueError,
    "bad_parameter": ValueError,
    "model_not_found": LookupError,
    "runtime_not_found": ImportError,
    "inference": RuntimeError,
    "corrupt_stream": ValueError,
    "image_unreadable": OSError,
    "io": OSError,
    "exists": FileExistsError,
}


def codes_of_header() -> dict[str, int]:
    enum = HEADER.read_text().partition("enum class ErrorCode")[2].partition("};")[0]
    return {name: int(value) for name, value in re.findall(r"^\s*(\w+) = (\d+),", enum, re.MULTILINE)}


def test_every_code_has_a_class():
    codes = _vaerans.error_codes()
    assert codes == codes_of_header()
    assert {code: cls.value for code, cls in errors.CLASSES.items()} == codes


@pytest.mark.parametrize("code", sorted(errors.CLASSES))
def test_class(code):
    cls = errors.CLASSES[code]
    assert issubclass(cls, VaeransError) and cls.__doc__
    assert issubclass(cls, BUILTINS.get(code, Exception))
    made = errors.make(cls.value, code, "what; where; what to do")
    assert type(made) is cls and made.code == code and str(made) == "what; where; what to do"


def test_a_code_of_a_newer_library_is_kept():
    made = errors.make(70, "brand_new", "text")
    assert (made.code, made.value) == ("brand_new", 70)


def test_messages_are_not_quoted_as_key_errors_are():
    with pytest.raises(KeyError) as caught:
        World(1 << 20).keys(5)
    assert str(caught.value).startswith("entity 5")


def test_arena_full_carries_numbers():
    world = World(arena_bytes=1 << 20)
    with pytest.raises(MemoryError) as caught:
        world.arena.alloc_tensor((1 << 20, 2), "u8")
    error = caught.value
    assert error.asked >= 2 << 20 and error.capacity >= 1 << 20 and error.left <= error.capacity
    assert "arena_bytes" in str(error)
