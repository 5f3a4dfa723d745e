"""The ``lineshaft`` command: runs the built binary, telling it which Python environment it was started from."""

import os
import sys
from pathlib import Path


def main() -> None:
    binary = Path(__file__).resolve().parent / "bin" / "lineshaft"
    os.environ.setdefault("LINESHAFT_PYTHON", sys.executable)
    os.execv(binary, ["lineshaft", *sys.argv[1:]])
