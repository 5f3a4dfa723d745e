"""An extension and an engine that were built from different headers are told apart in one line when the package is imported, before
anything of the extension runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import lineshaft_torch
import pytest
import torch
from lineshaft_torch import engine

PACKAGE = Path(lineshaft_torch.__file__).parent
MARK = re.compile(rb"lineshaft-headers:[0-9a-f]{16}")
COMMAND = "pip install --no-build-isolation --no-deps --force-reinstall . ./frontends/torch"


@pytest.fixture
def package(tmp_path):
    """A copy of the package, whose files a test changes."""
    copy = tmp_path / "lineshaft_torch"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def replace(file: Path, pattern: re.Pattern, text: bytes):
    content = file.read_bytes()
    assert pattern.search(content), f"{pattern.pattern} is not in {file}"
    file.write_bytes(pattern.sub(text, content))


def import_refused(package: Path) -> str:
    """The last line that Python says when it imports the package."""
    run = subprocess.run(
        [sys.executable, "-c", "import lineshaft_torch"],
        env=dict(os.environ, PYTHONPATH=str(package.parent), TORCH_DEVICE_BACKEND_AUTOLOAD="0"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 1, run.stderr
    *trace, line = run.stderr.strip().splitlines()
    # Nothing follows the line, and no other error comes before it.
    assert line.startswith("ImportError: ") and not any("Error: " in other for other in trace), run.stderr
    return line.removeprefix("ImportError: ")


def test_the_extension_has_the_headers_of_its_engine():
    assert re.fullmatch("[0-9a-f]{16}", engine.extension_headers(engine.EXTENSION))


def test_other_headers_are_refused(package):
    replace(package / "_C.so", MARK, b"lineshaft-headers:0123456789abcdef")
    said = import_refused(package)
    own = engine.extension_headers(engine.EXTENSION)
    assert said.startswith(
        f"lineshaft-torch was built for another engine: {package / '_C.so'} has the headers 0123456789abcdef,"
    )
    assert f"the headers {own}. Build both" in said and COMMAND in said


def test_an_engine_without_a_fingerprint_is_refused(package):
    # Any library that has none.
    older = Path(torch.__file__).parent / "lib/libc10.so"
    replace(package / "_build.py", re.compile(rb'LIBRARY = "[^"]*"'), f'LIBRARY = "{older}"'.encode())
    said = import_refused(package)
    assert f"{older} the headers of an older release. Build both" in said and COMMAND in said


def test_an_extension_without_a_fingerprint_is_refused(package):
    replace(package / "_C.so", MARK, b"lineshaft:headers.0123456789abcdef")
    said = import_refused(package)
    assert f"{package / '_C.so'} has the headers of an older release," in said and COMMAND in said


def test_a_missing_symbol_ends_in_the_same_line(package):
    # A name that the engine lacks in the place of one that the extension takes from it.
    replace(package / "_C.so", re.compile(rb"_ZN9lineshaft12compilationsEv"), b"_ZN9lineshaft12disappearingEv")
    said = import_refused(package)
    assert said.startswith("lineshaft-torch does not fit what it was built for: ")
    assert "undefined symbol: _ZN9lineshaft12disappearingEv" in said and COMMAND in said
