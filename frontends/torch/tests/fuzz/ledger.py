"""Differences from PyTorch's CPU that are right as they are, each by operator and condition, with its reason."""

from fuzz.justified import errors, ranges, results

JUSTIFIED = [*errors.ENTRIES, *ranges.ENTRIES, *results.ENTRIES]


def reason(program, verdict):
    """Why this find is none, or None."""
    return next((entry.reason for entry in JUSTIFIED if entry.holds(program, verdict)), None)
