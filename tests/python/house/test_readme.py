"""The README's programs, as they stand there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def test_python(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    first, second = capsys.readouterr().out.splitlines()
    assert 1000 < int(first.split()[0]) < 100_000
    assert names["back"].shape == names["photo"].shape
    assert second.startswith("(64, 6144) ")
    by_model = names["vaerans"].compress(names["photo"], quality=75, mode="model")
    size, stream = len(by_model), int(second.split()[-1])
    assert 0.9 * size < stream < size  # step by step is what compress() does


def test_recipes_parse():
    from vaerans_ecs import Pipeline

    recipes = re.findall(r'--recipe "(.*?)"', README)
    assert recipes
    for recipe in recipes:
        assert str(Pipeline(recipe)) == recipe
