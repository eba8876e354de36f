"""The two kinds of numbers that chains compute with (docs/format.md, "Arithmetic"): a list is rounded to either.

Python computes in binary64. A sum, difference or product of two binary32 numbers that is rounded to binary64 and then
to binary32 is what binary32 arithmetic gives at once; so every single operation must be stored before the next.
"""

from array import array
from collections.abc import Iterable


class Float32:
    name = "f32"
    exact = False

    @staticmethod
    def store(values: Iterable[float]) -> list[float]:
        """Each rounded to IEEE binary32."""
        return array("f", values).tolist()


class Int16:
    name = "i16"
    exact = True

    @staticmethod
    def store(values: Iterable[int]) -> list[int]:
        """Each modulo 2^16."""
        return [(v + 0x8000 & 0xFFFF) - 0x8000 for v in values]


Numbers = type[Float32] | type[Int16]
