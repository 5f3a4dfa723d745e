"""Loads Lineshaft's engine by itself, before the extension does.

The engine brings its own oneDNN, and PyTorch carries another release of it. Loaded alone, the engine binds to its own; loaded as a dependency of
the extension it would find some of PyTorch's symbols first.
"""

import ctypes
import pathlib


def load(built: str):
    """`built` is the engine's library in its build tree; empty: the installed package's."""
    if not built:
        import lineshaft

        lineshaft.load()
        return
    if not pathlib.Path(built).exists():
        raise ImportError(f"Lineshaft's engine is not at {built}; build it: cmake --build build --target lineshaft")
    ctypes.CDLL(built)
