"""What docs/format.md says in numbers is what the library and the golden file hold."""

import re
import sys
from pathlib import Path

from vaerans_ecs.systems import find_system

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "format.md").read_text()
sys.path.append(str(ROOT / "tests"))

from reference_decoder import Priors, decode  # noqa: E402
from reference_decoder.coders import spread  # noqa: E402


def worked_example():
    return TEXT.split("## A worked example")[1].split("\n## ")[0]


def test_the_worked_example_is_the_golden_file():
    block = worked_example().split("```")[1]
    printed = " ".join(re.findall(r"^((?:[0-9a-f]{2} )+)", block, re.MULTILINE))
    assert bytes.fromhex(printed) == (ROOT / "tests" / "golden" / "one-sample.vrs").read_bytes()
    says = float(re.search(r"the latent decodes to [^=]* = ([\d.]+)\.", worked_example())[1])
    assert decode(bytes.fromhex(printed), Priors([])).base.values == [says]


def test_the_document_lists_the_systems():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| ([^|]*) \|", TEXT, re.MULTILINE)
    for wire_id, name, parameters in rows:
        system = find_system(name)
        assert system.wire_id == int(wire_id)
        stored = [(p.name, str(p.wire_id), str(p.default).strip().lower()) for p in system.params if p.wire_id]
        assert re.findall(r"`(\w+)` \((\d+), '?([\w.-]+)'?\)", parameters) == stored
    assert len(rows) == 14


def test_the_document_has_the_numbers_of_the_spreads():
    assert [int(n) for n in re.findall(r"\b2\d{9}\b|\b30370\d{5}\b", TEXT)] == list(spread.ROOTS)
