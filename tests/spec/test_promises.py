"""A test for each promise of the specification (promises.py is the table), and the exceptions that stand in writing."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs
from vaerans_ecs import components, systems
from vaerans_ecs.eval import compare, report

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("promises", HERE / "promises.py")
promises = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(promises)
DOCUMENT = HERE.parents[1] / "docs/specification.md"


def names() -> dict:
    offered = {}
    for module in (components, systems, vaerans_ecs):
        offered |= {name: getattr(module, name) for name in module.__all__}
    # Residual is a system and a component; steps are what chains are written with.
    modules = {"np": np, "wavelet": components.wavelet, "entropy": components.entropy}
    modules |= {"compare": compare, "report": report}
    return offered | modules | {"Residual": systems.Residual}


@pytest.mark.parametrize("promise", promises.TABLE, ids=lambda one: f"{one.topic}: {one.says}".replace("/", " "))
def test_promise(encoded, promise):
    exec(promise.code, names() | vars(encoded))


def test_exceptions_stand_in_writing():
    text = DOCUMENT.read_text("utf-8")
    missing = [promise.but for promise in promises.TABLE if promise.but and f"## {promise.but}\n" not in text]
    assert missing == []


def test_no_promise_stands_twice():
    seen = [(promise.topic, promise.says) for promise in promises.TABLE]
    assert len(seen) == len(set(seen))
