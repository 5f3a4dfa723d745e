"""A progress bar on a terminal; elsewhere a line now and then."""

import sys
import time


class Progress:
    def __init__(self, title: str, total: int, every: float = 10.0):
        self.title, self.total, self.every = title, total, every
        self.start = self.shown = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def update(self, done: int, text: str = "") -> None:
        now = time.monotonic()
        last = done >= self.total
        if not last and now - self.shown < (0.1 if self.terminal else self.every):
            return
        self.shown = now
        rate = done / max(now - self.start, 1e-9)
        left = (self.total - done) / max(rate, 1e-9)
        numbers = f"{done}/{self.total} {rate:6.0f}/s {left:4.0f} s left {text}"
        if self.terminal:
            filled = round(24 * done / self.total)
            sys.stderr.write(f"\r\033[K{self.title} [{'#' * filled}{'.' * (24 - filled)}] {numbers}")
        else:
            sys.stderr.write(f"{self.title} {numbers}\n")
        sys.stderr.flush()

    def close(self) -> None:
        if self.terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
