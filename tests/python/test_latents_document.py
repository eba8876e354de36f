"""The programs in docs/latents.md run, one after the other, as they stand."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "latents.md"


def test_every_program_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    programs = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(programs) == 3
    names = {}
    for program in programs:
        exec(compile(program, DOCUMENT.name, "exec"), names)
    assert names["removed"] == 1
