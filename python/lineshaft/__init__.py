"""The Lineshaft engine for Python packages that build or link against it.

The PyTorch device is the distribution ``lineshaft-torch``; this one holds the engine's library, its C++ headers
and the ``lineshaft`` command.
"""

import ctypes
import importlib.metadata
from pathlib import Path

__version__ = importlib.metadata.version("lineshaft")
__all__ = ["include_dir", "library_dir", "load"]

_here = Path(__file__).resolve().parent
_library = None


def include_dir() -> str:
    """The folder to pass to a C++ compiler with -I."""
    return str(_here / "include")


def library_dir() -> str:
    """The folder that holds liblineshaft.so."""
    return str(_here / "lib")


def load() -> ctypes.CDLL:
    """Loads liblineshaft.so into the process, once, with its own symbols ahead of anyone else's."""
    global _library
    if _library is None:
        _library = ctypes.CDLL(str(_here / "lib" / "liblineshaft.so"))
    return _library
