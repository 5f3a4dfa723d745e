"""What ran on the CPU because the device lacks it: operators, and operations in f64 on a GPU without it ("aten::mm in f64")."""

from . import _C


def fallback_counts() -> dict[str, int]:
    """How often each ran on the CPU, in all threads, since the start or the last reset."""
    return _C.fallback_counts()


def reset_fallback_counts():
    _C.reset_fallback_counts()


def set_fallback(mode: str):
    """What LINESHAFT_FALLBACK sets: "warn" or "error"."""
    if mode not in ("warn", "error"):
        raise ValueError(f'the fallback mode is "warn" or "error"; got {mode!r}')
    _C.set_fallback_error(mode == "error")
