"""The house's linter: each rule names what breaks it, in made-up trees of a few lines, and passes what does not."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OF = "Of"  # apart from what follows it, as this file is checked, too


@pytest.fixture(scope="module")
def lint():
    """The modules of tools/lint by name."""
    sys.path.insert(0, str(ROOT / "tools/lint"))
    import comments
    import cpp_includes
    import house
    import lengths
    import python_imports
    import test_mirror
    import text_names

    sys.path.pop(0)
    modules = (comments, cpp_includes, house, lengths, python_imports, test_mirror, text_names)
    return {module.__name__: module for module in modules}


@pytest.fixture
def tree(tmp_path):
    """Writes files, given as {path: text}, and gives the folder that holds them."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def texts(findings):
    return [finding.text for finding in findings]


def includes(header, quoted=True):
    return f'#include "{header}"\n' if quoted else f"#include <{header}>\n"


class TestLayers:
    def errors(self, lint, root):
        return texts(lint["cpp_includes"].check(root))

    def test_downwards_is_allowed(self, lint, tree):
        files = {"src/coding/coder.cpp": includes("base/bits.hpp"), "src/base/bits.hpp": "#pragma once\n"}
        assert self.errors(lint, tree(files)) == []

    def test_an_include_upwards(self, lint, tree):
        files = {"src/coding/coder.cpp": includes("systems/base.hpp"), "src/systems/base.hpp": "#pragma once\n"}
        assert self.errors(lint, tree(files)) == ["coding may not include systems (systems/base.hpp)"]

    def test_an_include_upwards_of_a_public_header(self, lint, tree):
        assert self.errors(lint, tree({"src/onnx/session.cpp": includes("vaerans/models.hpp")})) == [
            "onnx may not include models (vaerans/models.hpp)"
        ]

    def test_a_system_that_includes_another(self, lint, tree):
        files = {"src/systems/klt/klt.cpp": includes("systems/vae/tiles.hpp"), "src/systems/vae/tiles.hpp": ""}
        assert self.errors(lint, tree(files)) == ["systems may not include each other: systems/vae/tiles.hpp"]

    def test_systems_share_their_base(self, lint, tree):
        files = {"src/systems/klt/klt.cpp": includes("systems/system_base.hpp"), "src/systems/system_base.hpp": ""}
        assert self.errors(lint, tree(files)) == []

    def test_a_folder_that_is_no_layer(self, lint, tree):
        (error,) = self.errors(lint, tree({"src/misc/things.cpp": ""}))
        assert error.startswith("'misc' is no layer")

    def test_a_public_header_that_includes_a_private_one(self, lint, tree):
        files = {"include/vaerans/core/world.hpp": includes("core/chain.hpp"), "src/core/chain.hpp": ""}
        assert self.errors(lint, tree(files)) == ["a public header may not include core/chain.hpp: it is not installed"]

    def test_other_libraries_stay_in_their_layer(self, lint, tree):
        files = {
            "src/kernels/blur/blur_simd.cpp": includes("hwy/highway.h", quoted=False),
            "src/core/world.cpp": includes("hwy/highway.h", quoted=False),
            "include/vaerans/api.hpp": includes("nlohmann/json.hpp", quoted=False),
        }
        assert self.errors(lint, tree(files)) == [
            "a public header may include the standard library and vaerans/ only, not <nlohmann/json.hpp>",
            "only kernels may include <hwy/highway.h>",
        ]

    def test_the_program_sees_public_headers_only(self, lint, tree):
        files = {"cli/info.cpp": includes("format/layout.hpp"), "src/format/layout.hpp": ""}
        assert self.errors(lint, tree(files)) == ["cli may include public headers only, not format/layout.hpp"]


class TestImports:
    def errors(self, lint, root):
        return texts(lint["python_imports"].check(root))

    def test_an_import_upwards(self, lint, tree):
        files = {"python/vaerans_ecs/core/world.py": "from ..api import compress\n"}
        assert self.errors(lint, tree(files)) == ["core may not import api"]

    def test_an_import_downwards(self, lint, tree):
        files = {"python/vaerans_ecs/api.py": "from .core import Context\nfrom vaerans_ecs import systems\n"}
        assert self.errors(lint, tree(files)) == []

    def test_an_optional_package_elsewhere(self, lint, tree):
        files = {"python/vaerans_ecs/core/world.py": "def f():\n    import torch\n"}
        assert self.errors(lint, tree(files)) == ["core may not import torch"]


class TestNames:
    DECLARATION = 'register_system({.name = "vae", .class_name = "OnnxVAEEncode"});\nregister_system({"klt",\n "KLT"});'

    def names(self, lint, tree, path, line):
        root = tree({"src/systems/all.cpp": self.DECLARATION, path: line})
        return texts(lint["text_names"].check(root))

    @pytest.mark.parametrize(
        "line",
        [
            'if (step.contract().name == "vae") return;',
            'if ("vae" != name) return;',
            'const auto* step = find_step(trail, "vae");',
            'auto system = make_system("vae", params);',
        ],
    )
    def test_a_name_in_cpp(self, lint, tree, line):
        assert self.names(lint, tree, "src/api/rate.cpp", line) == ["the system 'vae' is recognised by its name"]

    @pytest.mark.parametrize("line", ["if name == 'klt':", "if name in ('ans', 'klt'):", 'if name.startswith("klt"):'])
    def test_a_name_in_python(self, lint, tree, line):
        assert self.names(lint, tree, "python/x.py", line) == ["the system 'klt' is recognised by its name"]

    def test_other_texts(self, lint, tree):
        assert self.names(lint, tree, "src/api/rate.cpp", 'if (key == "RGB") log("vae");') == []

    def test_a_system_may_be_made_where_it_is_declared(self, lint, tree):
        root = tree({"src/systems/klt.cpp": self.DECLARATION + 'auto inverse() { return make_system("klt"); }'})
        assert texts(lint["text_names"].check(root)) == []

    def test_more_than_the_limit(self, lint, tree, monkeypatch):
        monkeypatch.setattr(lint["text_names"], "MAX_NAMES_AS_TEXT", 0)
        root = tree({"src/systems/all.cpp": self.DECLARATION, "src/api/a.cpp": 'if (name == "vae") return;'})
        findings, figures = lint["house"].house(root)
        assert figures["systems recognised by name"] == "1 (limit 0)"
        assert "1 systems are recognised by name; 0 are allowed (tools/lint/text_names.py)" in texts(findings)


class TestComments:
    @pytest.mark.parametrize(
        ("path", "line"),
        [
            ("src/a.hpp", f"/// {OF} all subbands together."),
            ("src/a.hpp", f"int n;  ///< {OF} one entity."),
            ("src/a.hpp", f"int n;  // {OF.lower()} one entity"),
            ("python/a.py", f'    """{OF} both."""'),
            ("python/a.py", f"N = 3  # {OF.lower()} each"),
            ("python/bindings/a.cpp", '.def_ro("n", &X::n, "Of one entity.")'),
        ],
    )
    def test_fragments(self, lint, tree, path, line):
        assert len(list(lint["comments"].fragments(tree({path: line + "\n"})))) == 1

    def test_sentences(self, lint, tree):
        text = "/// The number of\n/// of all subbands.\nint f();  // one of them\n"
        assert list(lint["comments"].fragments(tree({"src/a.hpp": text}))) == []

    def test_half_a_line(self, lint, tree):
        root = tree({"src/a.hpp": f"// {'word ' * 22}that\n// the\n// formatter has broken, and so it goes on.\n"})
        (finding,) = lint["comments"].half_lines(root)
        assert (finding.line, finding.text) == (2, "half a line ('the'): fill the paragraph anew")

    def test_the_end_of_a_paragraph(self, lint, tree):
        root = tree({"src/a.hpp": f"// {'word ' * 22}that\n// ends.\n// another one begins\n"})
        assert list(lint["comments"].half_lines(root)) == []

    def test_a_line_that_is_too_long(self, lint, tree):
        root = tree({"src/a.hpp": f"// {'x' * 118}\n// {'x' * 117}\n"})
        assert texts(lint["lengths"].long_lines(root)) == ["121 columns; 120 are the limit"]


class TestLengths:
    def test_functions(self, lint, tree):
        body = "  x();\n" * 41
        root = tree({"src/a.cpp": f"void f() {{\n{body}}}\n", "tools/b.py": "def f():\n" + "    x()\n" * 41})
        found = list(lint["lengths"].long_functions(root))
        assert texts(found) == ["a function of 42 lines: is it one thing?", "a function of 41 lines: is it one thing?"]
        assert all(finding.advice for finding in found)

    def test_files(self, lint, tree):
        root = tree({"src/a.cpp": "\n" * 601, "src/b.cpp": "\n" * 600})
        assert texts(lint["lengths"].long_files(root)) == ["601 lines: split it by topic"]


class TestMirror:
    def test_beside_its_subject(self, lint, tree):
        names = ("src/core/arena.cpp", "include/vaerans/core/world.hpp", "include/vaerans/api.hpp")
        tests = ("core/arena", "core/world", "api/api")
        files = dict.fromkeys(names, "") | {f"tests/unit/{name}_test.cpp": "" for name in tests}
        assert self.errors(lint, tree(files)) == []

    def test_away_from_its_subject(self, lint, tree):
        files = {"src/kernels/dwt/dwt.cpp": "", "tests/unit/kernels/dwt_test.cpp": ""}
        assert self.errors(lint, tree(files)) == ["tests nothing in src/kernels: move it to where its subject stands"]

    def test_an_exception_that_is_none_any_more(self, lint, tree, monkeypatch):
        monkeypatch.setattr(lint["test_mirror"], "WITHOUT_SUBJECT", {"core/arena_test.cpp": "why", "gone.cpp": "why"})
        files = {"src/core/arena.cpp": "", "tests/unit/core/arena_test.cpp": ""}
        first, second = texts(lint["test_mirror"].check(tree(files)))
        assert first.startswith("has a subject") and second.endswith("names gone.cpp, which is not there")

    def errors(self, lint, root):
        """Without the exceptions of this project."""
        exceptions = lint["test_mirror"].WITHOUT_SUBJECT
        return [text for text in texts(lint["test_mirror"].check(root)) if not any(e in text for e in exceptions)]


class TestHouse:
    def test_a_crowded_folder(self, lint, tree):
        root = tree({f"src/base/f{i}.hpp": "" for i in range(17)})
        findings, figures = lint["house"].house(root)
        assert "17 files; more than 16 need a folder of their own" in texts(findings)
        assert figures["largest folder"] == "src/base 17"

    def test_the_figures_of_this_house(self, lint, capsys):
        assert lint["house"].main(ROOT) == 0
        printed = capsys.readouterr().out
        for figure in ("largest folder", "upward includes", "systems recognised by name", "functions over 40 lines"):
            assert f"{figure}:" in printed
        assert "house: 0 errors" in printed
