"""Plugins: shared libraries by load_plugin() and VAERANS_PLUGINS, Python packages by entry points.

Each test runs in a process of its own, since what is loaded stays loaded.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "release"
CHAIN = "ycocg | dct8 | quantize(step=4) | ans"
CLI = Path(os.environ.get("VAERANS_CLI", BUILD / "bin" / "vaerans"))
PICTURE = ROOT / "examples" / "pictures" / "crop.png"


@pytest.fixture(scope="module")
def dct8():
    plugin = BUILD / "examples" / "dct8.so"
    if not plugin.exists():
        pytest.skip("examples/dct8.so is not built in build/release")
    return plugin


def compiled(folder: Path, name: str, text: str, *flags: str) -> Path:
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("there is no compiler")
    source, library = folder / f"{name}.cpp", folder / f"{name}.so"
    source.write_text(text)
    command = [compiler, "-std=c++20", "-shared", "-fPIC", f"-I{ROOT / 'include'}", *flags, source, "-o", library]
    subprocess.run(command, check=True)
    return library


def python(code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env={**os.environ, **env}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_python_loads_a_library(dct8):
    out = python(f"""
        import numpy as np, vaerans_ecs as v
        info = v.load_plugin({str(dct8)!r})
        again = v.load_plugin({str(dct8)!r})
        print(info, info.systems, again.systems == info.systems, len(v.plugins.loaded_plugins()))
        picture = np.random.default_rng(1).integers(0, 255, (24, 40, 3), np.uint8)
        file = v.compress(picture, pipeline={CHAIN!r})
        print(v.file_info(file).recipe, v.measure(picture, v.decompress(file))["psnr"] > 25)
    """)
    assert "['dct8', 'dct8_inverse'] True 1" in out and "dct8 | quantize" in out and "True" in out.splitlines()[-1]


def test_environment_is_read_on_first_need(dct8):
    code = f"""
        import vaerans_ecs as v
        print(len(v.plugins.loaded_plugins()), v.Pipeline({CHAIN!r}), len(v.plugins.loaded_plugins()))
    """
    out = python(code, VAERANS_PLUGINS=f"{dct8}:")
    assert out.startswith("0 ") and out.strip().endswith(" 1")
    bad = """
        import vaerans_ecs as v
        for _ in range(2):
            try: v.systems.find_system("dct8")
            except v.VaeransError as e: print(e.code, e)
    """
    assert python(bad, VAERANS_PLUGINS="/no/such.so").count("io /no/such.so: the plugin cannot be read") == 2


def run(*words: object, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CLI, *map(str, words)], env={**os.environ, **env}, capture_output=True, text=True)


def test_command_line(dct8, tmp_path):
    file = tmp_path / "a.vrs"
    words = ("compress", PICTURE, "-o", file, "--recipe", CHAIN)
    assert run(*words).returncode == 2  # unknown there
    done = run("--plugin", dct8, *words)
    assert done.returncode == 0, done.stderr
    assert run("decompress", file, "-o", tmp_path / "a.png", "--plugin", dct8).returncode == 0
    assert run("decompress", file, "-o", tmp_path / "b.png", VAERANS_PLUGINS=str(dct8)).returncode == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "dct8" in run("systems", "--plugin", dct8).stdout and "dct8" not in run("systems").stdout


def refused(plugin: Path) -> tuple[int, str]:
    done = run("systems", "--plugin", plugin)
    return done.returncode, done.stderr


def test_another_version_is_refused_before_its_code_runs(tmp_path):
    text = """
        #include <cstdio>
        struct Says { Says() { std::puts("CODE RAN"); } } says;
        extern "C" const char vaerans_abi_9_7[];
        extern "C" const char* const vaerans_plugin[2] = {"new", vaerans_abi_9_7};
    """
    plugin = compiled(tmp_path, "new", text)
    done = run("systems", "--plugin", plugin)
    assert done.returncode == 3 and "CODE RAN" not in done.stdout
    assert f"error[unsupported_version]: {plugin}: was built for vaerans 9.7, and this is 0.1" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("int nothing;", "is no plugin of vaerans: VAERANS_PLUGIN"),
        (
            '#include "vaerans/core/plugin.hpp"\nvoid gone(); static int x = (gone(), 1); VAERANS_PLUGIN("x")',
            "undefined symbol",
        ),
    ],
)
def test_what_is_no_plugin(tmp_path, text, words):
    code, err = refused(compiled(tmp_path, "none", text))
    assert code == 2 and "error[invalid_argument]" in err and words in err


def test_no_library_at_all(tmp_path):
    (tmp_path / "text.so").write_text("text")
    code, err = refused(tmp_path / "text.so")
    assert code == 2 and "cannot be loaded as a plugin" in err
    code, err = refused(tmp_path / "absent.so")
    assert code == 5 and "the plugin cannot be read: No such file" in err


def test_a_taken_name_leaves_nothing_registered(tmp_path):
    text = """
        #include "vaerans/vaerans.hpp"
        using namespace vaerans;
        const auto none = [](const Params&) -> std::shared_ptr<const System> { return nullptr; };
        const SystemRegistration first{{.name = "fresh", .class_name = "Fresh", .doc = "x", .make = none}};
        const SystemRegistration taken{{.name = "cdf53", .class_name = "Cdf", .doc = "x", .make = none}};
        VAERANS_PLUGIN("taken")
    """
    plugin = compiled(tmp_path, "taken", text)
    out = python(f"""
        import vaerans_ecs as v
        try: v.load_plugin({str(plugin)!r})
        except v.errors.InvalidArgument as e: print(e)
        print("fresh" in [s.name for s in v.systems.all_systems()], v.plugins.loaded_plugins())
    """)
    assert "system 'cdf53' or its wire id is already registered" in out and "False []" in out


def package(folder: Path, name: str, code: str, entry: str) -> None:
    (folder / f"{name}.py").write_text(textwrap.dedent(code))
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[vaerans_ecs.plugins]\n{name} = {entry}\n")


HALF = """
    from vaerans_ecs import Contract
    from vaerans_ecs.systems import System, register
    def setup():
        @register()
        class Half(System):
            "Half of it."
            contract = Contract("half", inputs=["planes"], outputs=["planes"], role="filter")
"""


def test_entry_points(tmp_path):
    package(tmp_path, "good_half", HALF, "good_half:setup")
    package(tmp_path, "broken_one", "raise ValueError('no luck')", "broken_one")
    out = python(
        """
        import sys, vaerans_ecs as v
        print("good_half" in sys.modules)
        print(v.systems.find_system("half"), "good_half" in sys.modules)
        v.systems.all_systems()
        """,
        PYTHONPATH=str(tmp_path),
    )
    assert out.splitlines()[:2] == ["False", "SystemEntry('half', Half) True"]
    assert out.count("RuntimeWarning") == 1
    assert (
        "the plugin 'broken_one' (broken_one, of broken_one 1.0) cannot be loaded and is left out: ValueError: no luck"
        in out
    )
