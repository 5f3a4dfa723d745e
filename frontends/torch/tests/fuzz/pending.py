"""Faults that are found and not mended yet: entries as in the ledger, which excuse a find until the mend is there. Whoever mends
one takes its entry out. Nothing stays here: what is right as it is belongs into the ledger, with the reason.
"""

from fuzz.justified.entry import Entry

PENDING: list[Entry] = []


def reason(program, verdict):
    """The fault that this find is, or None."""
    return next((entry.reason for entry in PENDING if entry.holds(program, verdict)), None)
