"""What file(1) and desktops take .vrs files for: the rules that cmake/Install.cmake installs, and without them."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RULES = ROOT / "cmake" / "mime"
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.vrs"))


def says(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_nobody_takes_a_file_for_something_else(path):
    assert says("file", "-b", path) == "data"


@pytest.mark.parametrize(
    "path", GOLDEN + sorted((ROOT / "tests" / "golden" / "draft").glob("*.vrs")), ids=lambda p: p.name
)
def test_the_magic_file_names_the_type(path):
    rules = RULES / "vaerans.magic"
    assert says("file", "-b", "--mime-type", "-m", rules, path) == "image/x-vaerans"
    assert says("file", "-b", "-m", rules, path).startswith("vaerans picture")


def test_the_magic_file_tells_latents_from_pictures():
    text = {
        name: says("file", "-b", "-m", RULES / "vaerans.magic", ROOT / "tests" / "golden" / name)
        for name in ("one-sample.vrs", "pixels.vrs")
    }
    assert text == {"one-sample.vrs": "vaerans picture, format 1, latent", "pixels.vrs": "vaerans picture, format 1"}


def test_shared_mime_info_takes_the_rules(tmp_path):
    packages = tmp_path / "mime" / "packages"
    packages.mkdir(parents=True)
    shutil.copy(RULES / "vaerans.xml", packages)
    says("update-mime-database", tmp_path / "mime")
    assert "50:image/x-vaerans:*.vrs" in (tmp_path / "mime" / "globs2").read_text()
    assert b"\xf6VRS\x01" in (tmp_path / "mime" / "magic").read_bytes()
