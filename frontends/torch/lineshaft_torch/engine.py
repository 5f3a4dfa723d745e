"""Loads Lineshaft's engine by itself, before the extension does, and refuses one that the extension was not built for.

The engine brings its own oneDNN, and PyTorch carries another release of it. Loaded alone, the engine binds to its own; loaded as a dependency of
the extension it would find some of PyTorch's symbols first.

An extension that was compiled with other headers than the engine would hang or crash at its first operator. So the engine says by
base/fingerprint.h which headers it has, and the extension's file holds those that it was compiled with.
"""

import ctypes
import importlib
import mmap
import pathlib
import re

EXTENSION = pathlib.Path(__file__).with_name("_C.so")
REMEDY = (
    "Build both from one commit, in Lineshaft's folder: pip install --no-build-isolation --no-deps --force-reinstall "
    ". ./frontends/torch (or run ninja in the engine's build folder and then in the extension's)"
)


def load(built: str):
    """`built` is the engine's library in its build tree; empty: the installed package's."""
    if not built:
        import lineshaft

        check(lineshaft.load())
        return
    if not pathlib.Path(built).exists():
        raise ImportError(f"Lineshaft's engine is not at {built}; build it: cmake --build build --target lineshaft")
    check(ctypes.CDLL(built))


def check(library: ctypes.CDLL):
    """Raises ImportError, in one line, for an engine with other headers than the extension was built with. The extension is not
    loaded before: that would end at a symbol that only one of the two knows, with less to go by."""
    if not EXTENSION.exists():
        raise ImportError(f"lineshaft-torch's extension is not at {EXTENSION}; build it: ninja in its build folder")
    engine, extension = engine_headers(library), extension_headers(EXTENSION)
    if engine != extension:
        raise ImportError(
            f"lineshaft-torch was built for another engine: {EXTENSION} has the headers {extension}, {library._name} "
            f"the headers {engine}. {REMEDY}"
        )


def engine_headers(library: ctypes.CDLL) -> str:
    try:
        fingerprint = library.lineshaft_header_fingerprint
    except AttributeError:
        return "of an older release"
    fingerprint.restype = ctypes.c_char_p
    return fingerprint().decode()


def extension_headers(path: pathlib.Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = re.search(rb"lineshaft-headers:([0-9a-f]{16})\0", content)
        return found[1].decode() if found else "of an older release"


def load_extension():
    """Loads the extension. A symbol that an engine with the same headers lacks is told in one line, too."""
    try:
        importlib.import_module("._C", __package__)
    except ImportError as error:
        if "undefined symbol" not in str(error):
            raise
        raise ImportError(f"lineshaft-torch does not fit what it was built for: {error}. {REMEDY}") from None
