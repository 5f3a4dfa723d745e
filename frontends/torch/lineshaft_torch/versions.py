"""Which PyTorch this package works with."""

import warnings

TESTED = ("2.11", "2.12", "2.13", "2.14", "2.15")  # series, the oldest first


def series(version: str) -> tuple[int, ...]:
    """(2, 13) of "2.13.0+cpu"."""
    return tuple(int(part) for part in version.split(".")[:2])


def check(version: str, built_for: str | None = None):
    """Raises ImportError, in one line, for a PyTorch that is too old or that this package was not built for; warns of one that is
    newer than those it was tested with."""
    now, oldest, newest = series(version), series(TESTED[0]), series(TESTED[-1])
    if now < oldest:
        raise ImportError(
            f"lineshaft-torch needs torch {TESTED[0]} or newer; this is {version}. Install torch {TESTED[-1]} and build "
            "lineshaft-torch again"
        )
    if built_for is not None and series(built_for) != now:
        raise ImportError(
            f"lineshaft-torch was built for torch {built_for} and this is {version}. Build it again, in Lineshaft's "
            "folder: pip install --no-build-isolation --no-deps --force-reinstall ./frontends/torch"
        )
    if now > newest:
        warnings.warn(
            f"lineshaft-torch was tested with torch {TESTED[0]} to {TESTED[-1]}; this is {version}, which is newer. If something "
            f"is wrong, install torch {TESTED[-1]} and build lineshaft-torch again",
            stacklevel=2,
        )
