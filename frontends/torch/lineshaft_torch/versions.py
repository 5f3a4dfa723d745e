"""Which PyTorch this package works with."""

SUPPORTED = ("2.11", "2.12", "2.13")
TESTED = "2.13"


def check(version: str, built_for: str | None = None):
    """Raises ImportError, in one line, for a PyTorch that this package does not support or was not built for."""
    series = ".".join(version.split(".")[:2])
    if series not in SUPPORTED:
        raise ImportError(
            f"lineshaft-torch supports torch {', '.join(SUPPORTED)}; this is {version}. "
            f"Install torch {TESTED} and build lineshaft-torch again"
        )
    if built_for is not None and ".".join(built_for.split(".")[:2]) != series:
        raise ImportError(
            f"lineshaft-torch was built for torch {built_for} and this is {version}. Build it again, in Lineshaft's "
            "folder: pip install --no-build-isolation --no-deps --force-reinstall ./frontends/torch"
        )
