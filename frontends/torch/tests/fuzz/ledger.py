"""Differences from PyTorch's CPU that are right as they are, each by operator and condition, with its reason.

An entry excuses a find only where all that it names holds: `calls` (operators), `kinds` (of find), and where given `text` (a
pattern in the find's text) and `where` (a predicate over the program). An entry that is broader than its reason hides faults.
"""

import dataclasses
import re
from collections.abc import Callable

from fuzz import calls


@dataclasses.dataclass(frozen=True)
class Entry:
    calls: tuple
    kinds: tuple
    reason: str
    text: str = ""
    where: Callable | None = None

    def holds(self, program, verdict):
        return (
            calls.operator_of(verdict["call"]) in self.calls
            and verdict["kind"] in self.kinds
            and re.search(self.text, verdict["text"]) is not None
            and (self.where is None or self.where(program))
        )


JUSTIFIED = []


def reason(program, verdict):
    """Why this find is none, or None."""
    return next((entry.reason for entry in JUSTIFIED if entry.holds(program, verdict)), None)
