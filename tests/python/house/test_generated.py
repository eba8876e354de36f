"""The classes of vaerans_ecs.systems and docs/reference/systems.md say what the descriptors say."""

import importlib.util
import inspect
import os
import sys
from pathlib import Path

import pytest
from vaerans_ecs import BadParameter, systems

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate_systems", ROOT / "tools/generate/systems.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def entries(generate):
    return generate.descriptors(Path(os.environ.get("VAERANS_CLI", ROOT / "build/release/bin/vaerans")))


def test_files_are_current(generate, entries):
    stale = [
        str(path)
        for path, text in generate.files(entries).items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run ./dev generate"


def test_no_module_is_left_over(generate, entries):
    hand_written = {"_base.py", "_keys.py"}
    there = {path.name for path in (ROOT / generate.PYTHON).glob("*.py")} - hand_written
    assert there == {path.name for path in generate.files(entries) if path.suffix == ".py"}


def test_signatures_show_types_and_defaults():
    signature = inspect.signature(systems.Quantize)
    assert str(signature) == "(step: float = 1.0, bits: int = 0, deadzone: float = 0.5, rdo: float = 0.0) -> None"
    assert "Literal['auto'" in str(inspect.signature(systems.ANSEncode))
    assert inspect.signature(systems.MetricPSNR).parameters["ref"].default == "RGB"


def test_help_has_every_parameter_with_its_range():
    text = inspect.getdoc(systems.Quantize)
    assert "Args:" in text and "    bits: " in text and "0 or 2 to 16." in text
    for entry in systems.all_systems():
        shown = inspect.getdoc(getattr(systems, entry.class_name))
        assert shown.startswith(entry.doc.partition("\n")[0][:60])
        assert all(f"{param.name}: " in shown for param in entry.params)


def test_every_default_makes_the_same_system_as_the_library():
    for entry in systems.all_systems():
        made = getattr(systems, entry.class_name)()
        assert made.recipe == systems.make_system(entry.name).recipe
        assert made.contract.name == entry.name and made.contract.role == entry.role


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: systems.WaveletCDF53(levels=33), "'levels' is a whole number, 0 to 32, not 33"),
        (lambda: systems.KLT(noise=float("nan")), "'noise' is a number, 0 to 1, not nan"),
        (lambda: systems.ANSEncode("zip"), "'coder' is a text, auto, mixing, context, static or constriction, not zip"),
        (lambda: systems.OnnxVAEEncode(tile=-2), "'tile' is a whole number, -1 to 1048576, not -2"),
    ],
)
def test_one_error_for_values_out_of_range(make, words):
    with pytest.raises(BadParameter, match=words):
        make()


def test_numbers_in_files():
    numbered = {entry.name: entry.wire_id for entry in systems.all_systems() if entry.wire_id is not None}
    assert numbered["quantize"] == 10 and "dequantize" not in numbered
    assert all(entry.in_files == (entry.role == "forward") for entry in systems.all_systems())
