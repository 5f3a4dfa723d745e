"""Loads Lineshaft's engine by itself, before the extension does.

The engine brings its own oneDNN, and PyTorch carries another release of it. Loaded alone, the engine binds to its own; loaded as a dependency of the
extension it would find some of PyTorch's symbols first.
"""

import ctypes
import pathlib


def library_path(built: str) -> pathlib.Path:
    if built:
        return pathlib.Path(built)
    import lineshaft

    return pathlib.Path(lineshaft.library_dir()) / "liblineshaft.so"


def load(built: str):
    path = library_path(built)
    if not path.exists():
        raise ImportError(f"Lineshaft's engine is not at {path}; build it, or install the lineshaft package again")
    ctypes.CDLL(str(path))
