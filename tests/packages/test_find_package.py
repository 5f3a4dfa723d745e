"""Lineshaft as a CMake package: a project of a few lines finds an installed engine and builds against it, with nothing of the repository."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("LINESHAFT_BUILD", ROOT / "build/release"))
CMAKE = shutil.which("cmake", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

# docs/guides/install.md has the same three lines; the example reads compressed files, which takes zlib.
PROJECT = """
cmake_minimum_required(VERSION 3.22)
project(perceptron LANGUAGES CXX)
find_package(ZLIB)
if(NOT ZLIB_FOUND)
  message(FATAL_ERROR "no zlib")
endif()
find_package(Lineshaft 0.1 REQUIRED)
add_executable(perceptron mlp.cc)
target_link_libraries(perceptron PRIVATE Lineshaft::lineshaft ZLIB::ZLIB)
"""


def cmake(*words) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CMAKE_")}
    return subprocess.run(
        [CMAKE, *map(str, words)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.fixture(scope="module")
def prefix(tmp_path_factory) -> Path:
    """The engine, installed where an earlier release was that had one header more."""
    if CMAKE is None:
        pytest.skip("CMake is not installed")
    if not (BUILD / "lib/liblineshaft.so").exists():
        pytest.skip(f"the engine is not built in {BUILD}")
    folder = tmp_path_factory.mktemp("prefix")
    gone = folder / "include/lineshaft/base/gone.h"
    gone.parent.mkdir(parents=True)
    gone.write_text("#error of an earlier release\n")
    installed = cmake("--install", BUILD, "--prefix", folder)
    assert installed.returncode == 0, installed.stdout
    assert not gone.exists()
    return folder


def test_a_project_finds_it_and_trains(prefix, tmp_path):
    shutil.copy(ROOT / "examples/mlp.cc", tmp_path)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    build = tmp_path / "build"
    configured = cmake(
        "-S", tmp_path, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"
    )
    if "no zlib" in configured.stdout:
        pytest.skip("zlib, which the example reads files with, is not installed: apt-get install zlib1g-dev")
    assert configured.returncode == 0, configured.stdout
    commands = (build / "compile_commands.json").read_text()
    assert f"{prefix}/include" in commands and f"{ROOT}/src" not in commands and str(BUILD) not in commands
    built = cmake("--build", build)
    assert built.returncode == 0, built.stdout

    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINESHAFT_")}
    run = subprocess.run(
        [build / "perceptron"],
        env=environment | {"LINESHAFT_DEVICES": "cpu"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "training on cpu:" in run.stdout
    epochs = [
        (float(loss), float(right)) for loss, right in re.findall(r"loss ([\d.]+), test accuracy ([\d.]+)", run.stdout)
    ]
    assert len(epochs) == 3 and epochs[-1][0] < epochs[0][0] and epochs[-1][1] > 80, run.stdout


def test_what_is_installed_names_nothing_of_the_build(prefix):
    files = sorted(prefix.glob("lib*/**/cmake/Lineshaft/*.cmake"))
    assert {"LineshaftConfig.cmake", "LineshaftConfigVersion.cmake", "LineshaftTargets.cmake"} < {f.name for f in files}
    for file in files:
        text = file.read_text()
        assert str(ROOT) not in text and str(BUILD) not in text and str(prefix) not in text, file
        assert (
            "COMPILE_DEFINITIONS" not in text and "COMPILE_OPTIONS" not in text and "lineshaft_options" not in text
        ), file


@pytest.mark.parametrize("version, found", [("0.1", True), ("0.1.0", True), ("0.2", False), ("1", False)])
def test_it_tells_its_version(prefix, tmp_path, version, found):
    (tmp_path / "CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.22)\nproject(other LANGUAGES CXX)\nfind_package(Lineshaft {version} REQUIRED)\n"
    )
    run = cmake("-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert (run.returncode == 0) == found, run.stdout


def test_its_headers_have_the_fingerprint_of_its_library(prefix):
    headers = cmake("-P", prefix / "include/lineshaft/fingerprint.cmake")
    (library,) = prefix.glob("lib*/**/liblineshaft.so")
    of_library = ctypes.CDLL(str(library)).lineshaft_header_fingerprint
    of_library.restype = ctypes.c_char_p
    assert headers.stdout.strip() == of_library().decode()
