"""One line about a build: what it is, how far it is, and about how long it still takes.

    COMMAND | progress.py WHAT LOG [COMPILED]

COMMAND builds by Ninja; its lines "[done/all] ..." are counted, and all its lines go to LOG. COMPILED of the steps compile C++,
where that is known: they take nearly all the time, and the others count little. On a terminal the line is written over;
elsewhere there is one every tenth of the way.
"""

import re
import sys
import time

STEP = re.compile(r"\[(\d+)/(\d+)\]")
COMPILES = "Building CXX object"
FEW = 5  # steps: CMake looking after itself, not the build
OTHERS = 40  # steps that compile no C++, such as shaders, take about as long as one that does


def duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Line:
    def __init__(self, what: str, compiled: int | None):
        self.terminal = sys.stdout.isatty()
        bold, plain = ("\x1b[1m", "\x1b[0m") if self.terminal else ("", "")
        self.what = f"{bold}==>{plain} {what}"
        self.start = time.monotonic()
        self.shown = 0
        self.compiled, self.compiled_done = compiled, 0
        self.say(self.what)

    def say(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if self.terminal else text, end="" if self.terminal else "\n", flush=True)

    def share(self, done: int, total: int) -> float:
        """The part of the work that is done, by what steps take."""
        if self.compiled is None or not self.compiled_done <= self.compiled <= total:
            return done / total
        work, work_done = (
            self.compiled + (total - self.compiled) / OTHERS,
            self.compiled_done + (done - self.compiled_done) / OTHERS,
        )
        return work_done / work

    def step(self, done: int, total: int, compiles: bool) -> None:
        self.compiled_done += compiles
        share, gone = self.share(done, total), time.monotonic() - self.start
        left = f", about {duration(gone / share - gone)} left" if share > 0.05 else ""
        if self.terminal or int(share * 10) > self.shown:
            self.shown = int(share * 10)
            self.say(f"{self.what}: {done} of {total}{left}")

    def end(self) -> None:
        self.say(f"{self.what} took {duration(time.monotonic() - self.start)}")
        if self.terminal:
            print()


def main() -> None:
    what, log, *compiled = sys.argv[1:]
    line = Line(what, int(compiled[0]) if compiled else None)
    with open(log, "w") as kept:
        for text in sys.stdin:
            kept.write(text)
            counted = STEP.search(text)
            if counted and int(counted[2]) > FEW:
                line.step(int(counted[1]), int(counted[2]), COMPILES in text)
    line.end()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
