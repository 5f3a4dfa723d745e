"""What an entry of the ledger is."""

import dataclasses
import re
from collections.abc import Callable

from fuzz import calls


@dataclasses.dataclass(frozen=True)
class Entry:
    """Excuses a find where all that it names holds: `calls` (operators; none for any), `kinds` (of find), and where given `text` (a
    pattern in the find's text) and `where` (a predicate over the program). One that is broader than its reason hides faults."""

    calls: tuple
    kinds: tuple
    reason: str
    text: str = ""
    where: Callable | None = None

    def holds(self, program, verdict):
        # What one step gives shows in the steps after it.
        called = [calls.operator_of(step["call"]) for step in program["steps"]]
        return (
            (not self.calls or any(name in self.calls for name in called))
            and verdict["kind"] in self.kinds
            and re.search(self.text, verdict["text"]) is not None
            and (self.where is None or self.where(program))
        )
