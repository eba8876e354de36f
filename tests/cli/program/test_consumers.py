"""A C++ project that has the sources as a part: built and run. The other two ways are in the ctest `consumer`."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build" / "release"


@pytest.mark.long
def test_from_the_sources():
    if not (BUILD / "CMakeCache.txt").exists():
        pytest.skip("build/release is not there: ./dev build")
    given = {"BUILD_DIR": BUILD, "SOURCE_DIR": ROOT, "CONFIG": "Release", "CXX": shutil.which("c++"), "LIBDIR": "lib"}
    words = [f"-D{name}={value}" for name, value in given.items()]
    done = subprocess.run(
        ["cmake", *words, "-DBUILD_SOURCES=ON", "-P", ROOT / "tests" / "consumer" / "run.cmake"],
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for way in ("find_package", "pkg-config", "add_subdirectory", "FetchContent"):
        assert f"{way}: vaerans 0.1" in said
