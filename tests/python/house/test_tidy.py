"""clang-tidy is run again where what the compiler reads has changed, and only there."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def tidy(tmp_path, monkeypatch):
    """The module over a folder of its own, with a clang-tidy that notes its calls and dislikes the word `bad`."""
    monkeypatch.syspath_prepend(str(ROOT / "tools/lint"))
    import tidy

    program = tmp_path / "clang-tidy"
    program.write_text(f'#!/bin/sh\ncd {tmp_path}; echo "$4" >> calls\n! grep -n bad "$4"\n')
    program.chmod(0o755)
    (tmp_path / "stamps").mkdir()
    command = ["c++", "-c", "a.cpp", "-o", "a.o"]
    monkeypatch.setattr(tidy, "TIDY", program)
    monkeypatch.setattr(tidy, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(tidy, "commands", lambda: {"a.cpp": (str(tmp_path), command)})
    monkeypatch.setattr(tidy, "rules", lambda source: b"")
    (tmp_path / "a.hpp").write_text("int one();\n")
    (tmp_path / "a.cpp").write_text('#include "a.hpp"\n')
    return tidy


def calls(folder):
    return len((folder / "calls").read_text().splitlines())


@pytest.mark.skipif(sys.platform != "linux", reason="the fake clang-tidy is a shell script")
class TestStamps:
    def test_what_has_passed_is_not_looked_at_again(self, tidy, tmp_path):
        assert tidy.passes("a.cpp") and tidy.passes("a.cpp")
        assert calls(tmp_path) == 1

    @pytest.mark.parametrize("change", ["int two();\n", "// NOLINT\n"])
    def test_a_header_counts_with_its_comments(self, tidy, tmp_path, change):
        assert tidy.passes("a.cpp")
        (tmp_path / "a.hpp").write_text("int one();\n" + change)
        assert tidy.passes("a.cpp")
        assert calls(tmp_path) == 2

    def test_other_rules_count(self, tidy, tmp_path, monkeypatch):
        assert tidy.passes("a.cpp")
        monkeypatch.setattr(tidy, "rules", lambda source: b"more")
        assert tidy.passes("a.cpp")
        assert calls(tmp_path) == 2

    def test_a_failure_is_found_again(self, tidy, tmp_path, capsys):
        (tmp_path / "a.cpp").write_text("int bad;\n")
        assert not tidy.passes("a.cpp") and not tidy.passes("a.cpp")
        assert calls(tmp_path) == 2 and capsys.readouterr().out.count("1:int bad") == 2

    def test_rules_of_a_folder_are_added(self, monkeypatch, tmp_path):
        monkeypatch.syspath_prepend(str(ROOT / "tools/lint"))
        import tidy

        (tmp_path / "tests/unit").mkdir(parents=True)
        (tmp_path / ".clang-tidy").write_text("all")
        (tmp_path / "tests/.clang-tidy").write_text("but")
        monkeypatch.setattr(tidy, "ROOT", tmp_path)
        monkeypatch.setattr(tidy, "version", lambda: b"1 ")
        assert tidy.rules("tests/unit/a.cpp") == b"1 allbut"
        assert tidy.rules("src/a.cpp") == b"1 all"
