"""What a type checker says of programs that use the package: nothing of right ones, each mistake of wrong ones."""

import subprocess
import sys

import pytest

RIGHT = """
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans

photo = np.zeros((8, 8, 3), np.uint8)
one: bytes = vaerans.compress(photo, quality=75)
many: list[bytes] = vaerans.compress([photo, photo], lossless=True)
stack: list[bytes] = vaerans.compress(np.zeros((2, 8, 8, 3), np.uint8))
unknown: np.ndarray = photo
of_unknown: bytes = vaerans.compress(unknown)
picture: np.ndarray = vaerans.decompress(one)
pictures: list[np.ndarray] = vaerans.decompress(many)
collect = vaerans.Context(on_error="collect")
mixed: list[bytes | vaerans.VaeransError] = vaerans.compress([photo, photo], lossless=True, context=collect)
back: list[np.ndarray | vaerans.VaeransError] = vaerans.decompress(many, context=collect)
with_context: bytes = vaerans.compress(photo, context=collect)
size: int = vaerans.save(Path("a.vrs"), photo)
world = vaerans.World()
entity: int = world.spawn_image(photo)
pipeline = vaerans.Pipeline("ycocg | cdf53 | quantize(step=4) | ans")
pipeline.run(world, [entity])
info: vaerans.FileInfo = vaerans.file_info(one)
recipe: str = info.recipe
plugin: str = vaerans.load_plugin("dct8.so").name
"""
MISTAKES = {
    "n: int = vaerans.compress(photo)": 'expression has type "bytes", variable has type "int"',
    "b: bytes = vaerans.compress(np.zeros((2, 8, 8, 3), np.uint8))": 'type "list[bytes]", variable has type "bytes"',
    "vaerans.compress([photo], context=collect)[0].hex()": 'Item "VaeransError" of "bytes | VaeransError"',
    "vaerans.compress(photo, qualty=3)": 'did you mean "quality"?',
    'vaerans.World(arena_bytes="1M")': 'Argument "arena_bytes" to "World" has incompatible type "str"',
}


def mypy(folder, program):
    (folder / "program.py").write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder.parent / "mypy_cache", "program.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.long
def test_a_right_program_is_right(tmp_path):
    code, said = mypy(tmp_path, RIGHT)
    assert code == 0, said


@pytest.mark.long
def test_mistakes_are_found(tmp_path):
    code, said = mypy(tmp_path, RIGHT + "\n".join(MISTAKES))
    assert code == 1
    for text in MISTAKES.values():
        assert text in said
