"""A PyTorch that the package does not support is refused in one line: when it is built and when it is imported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lineshaft_torch import versions

PACKAGE = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("version, built", [("2.9.1", None), ("3.0.0", None), ("2.12.0", "2.13.0+cpu")])
def test_import_refuses(version, built):
    with pytest.raises(ImportError) as error:
        versions.check(version, built)
    assert "\n" not in str(error.value) and version in str(error.value)


@pytest.mark.parametrize("version", versions.SUPPORTED)
def test_import_accepts(version):
    versions.check(version + ".0", version + ".1+cpu")


def pretend_torch(folder: Path, version: str):
    """What the build asks of PyTorch: its version and where its headers are."""
    utils = folder / "torch/utils"
    utils.mkdir(parents=True)
    (folder / "torch/__init__.py").write_text(f'__version__ = "{version}"\n')
    (utils / "__init__.py").touch()
    (utils / "cpp_extension.py").write_text("def include_paths():\n    return []\n")


@pytest.mark.skipif(shutil.which("cmake") is None, reason="CMake is not installed")
@pytest.mark.parametrize("version", ["2.10.1", "2.14.0+cpu"])
def test_build_refuses(tmp_path, version):
    pretend_torch(tmp_path, version)
    run = subprocess.run(
        ["cmake", "-S", PACKAGE, "-B", tmp_path / "build", f"-DPython_EXECUTABLE={sys.executable}"],
        env=dict(os.environ, PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    said = " ".join(run.stderr.split())
    assert run.returncode != 0
    assert (
        f"lineshaft-torch supports torch 2.11, 2.12 and 2.13; {sys.executable} has {version}. Install torch 2.13"
        in said
    )
