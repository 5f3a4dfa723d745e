"""A PyTorch that is too old is refused in one line, and one that is newer than those tested is warned of: when the package is built
and when it is imported."""

import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from lineshaft_torch import versions

PACKAGE = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "version, built", [("2.9.1", None), ("1.13.0", None), ("2.12.0", "2.13.0+cpu"), ("3.0.0", "2.15.0")]
)
def test_import_refuses(version, built):
    with pytest.raises(ImportError) as error:
        versions.check(version, built)
    assert "\n" not in str(error.value) and version in str(error.value)


@pytest.mark.parametrize("version", versions.TESTED)
def test_import_accepts(version):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        versions.check(version + ".0", version + ".1+cpu")


@pytest.mark.parametrize("version", ["2.16.0", "2.100.1+cu130", "3.0.0a0+git1234"])
def test_import_warns_of_what_is_newer(version):
    with pytest.warns(
        UserWarning, match=f"tested with torch 2.11 to {versions.TESTED[-1]}; this is {re.escape(version)}"
    ):
        versions.check(version, version)


def pretend_torch(folder: Path, version: str):
    """What the build asks of PyTorch: its version and where its headers are."""
    utils = folder / "torch/utils"
    utils.mkdir(parents=True)
    (folder / "torch/__init__.py").write_text(f'__version__ = "{version}"\n')
    (utils / "__init__.py").touch()
    (utils / "cpp_extension.py").write_text("def include_paths():\n    return []\n")


def configure(folder, version):
    pretend_torch(folder, version)
    run = subprocess.run(
        # No engine lies in the folder: what is not refused before ends there, and leaves the sources as they are.
        [
            "cmake",
            "-S",
            PACKAGE,
            "-B",
            folder / "build",
            f"-DPython_EXECUTABLE={sys.executable}",
            f"-DLINESHAFT_ROOT={folder}",
        ],
        env=dict(os.environ, PYTHONPATH=str(folder)),
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    return " ".join(run.stderr.split())


@pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed")
def test_build_refuses_what_is_too_old(tmp_path):
    said = configure(tmp_path, "2.10.1")
    assert (
        f"lineshaft-torch needs torch 2.11 or newer; {sys.executable} has 2.10.1. Install torch {versions.TESTED[-1]}"
        in said
    )


@pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed")
@pytest.mark.parametrize("version, newer", [(f"{versions.TESTED[-1]}.0+cu130", False), ("2.16.0+cpu", True)])
def test_build_goes_on_with_what_is_newer(tmp_path, version, newer):
    said = configure(tmp_path, version)
    assert "lineshaft-torch needs torch" not in said and "build the engine first" in said
    assert (f"{sys.executable} has {version}, which is newer" in said) == newer
