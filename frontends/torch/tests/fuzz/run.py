"""Fuzzes the PyTorch device against PyTorch's CPU: random programs of operators, until the time is over.

    python run.py --minutes 10                      # on the first device, from seed 1
    python run.py --device vulkan --seed 7 --jobs 2
    python run.py --programs 500 --seed 3           # the same programs each time
    python run.py --ops softmax,cumsum --minutes 2  # samples of these operators of OpInfo only
    python run.py --device cpu --replay build/fuzz-torch/cpu-1-values-cumsum.json

A find is made smaller and written to --out as JSON, which --replay runs again, and as Python that stands alone. The exit status
is 0 without finds, 1 with finds, 2 for a fault of the fuzzer's own. Ctrl-C ends the run and says what there is so far.
docs/fuzzing.md tells how programs are made and compared.
"""

import argparse
import os
import select
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS)]
# One thread a process, as many processes as --jobs says; a missing operator raises.
os.environ.setdefault("LINESHAFT_FALLBACK", "error")
os.environ.setdefault("LINESHAFT_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# So many finds of different kinds are made smaller; more are written as they are.
SMALLER = 40
UNFUSED_EVERY = 16


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to run (default: 1)")
    parser.add_argument("--programs", type=int, help="run this many programs, however long it takes")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other programs (default: 1)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first program (default: 0)")
    parser.add_argument(
        "--device", choices=["cpu", "vulkan", "remote"], help="the backend (default: what LINESHAFT_DEVICES says)"
    )
    parser.add_argument("--ops", help="names of operators of OpInfo, with commas between")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument(
        "--seconds-a-program", type=float, default=60, help="a program that takes longer hangs (default: 60)"
    )
    parser.add_argument("--replay", nargs="+", type=Path, help="run these files instead")
    parser.add_argument("--out", type=Path, help="where finds are written (default: build/fuzz-torch)")
    parser.add_argument("--as-found", action="store_true", help="write finds as they are, without making them smaller")
    parser.add_argument("--verbose", action="store_true", help="list every operator with how often it was compared")
    return parser.parse_args()


def backend_of(options):
    if options.device:
        os.environ["LINESHAFT_DEVICES"] = options.device
    return os.environ.get("LINESHAFT_DEVICES", "cpu").split(":")[0].split(",")[0]


class Fuzzing:
    """A run: programs go out to the judges, answers come in."""

    def __init__(self, options, backend):
        from fuzz.judge import Judge
        from fuzz.report import Tally, default_folder

        self.options, self.backend = options, backend
        self.folder = options.out or default_folder()
        self.judges = [Judge(seconds=options.seconds_a_program) for _ in range(options.jobs)]
        self.asked = [None] * options.jobs
        self.tally, self.finds, self.broken = Tally(), {}, []
        self.start, self.next = time.monotonic(), options.first
        self.only = options.ops.split(",") if options.ops else None

    def more(self):
        if self.options.programs is not None:
            return self.next < self.options.first + self.options.programs
        return time.monotonic() - self.start < 60 * self.options.minutes

    def request(self):
        self.next += 1
        return {"do": "both", "seed": self.options.seed, "number": self.next - 1, "only": self.only}

    def run(self):
        while True:
            for i, judge in enumerate(self.judges):
                if self.asked[i] is None and self.more():
                    self.asked[i] = self.request()
                    judge.send(self.asked[i])
            busy = {judge.child.answers: i for i, judge in enumerate(self.judges) if self.asked[i] is not None}
            if not busy:
                return
            ready, _, _ = select.select(list(busy), [], [], 0.5)
            for end, i in busy.items():
                child = self.judges[i].child
                answer = child.poll() if end in ready else child.late()
                if answer is not None:
                    request, self.asked[i] = self.asked[i], None
                    self.take(self.judges[i], request, answer)

    def take(self, judge, request, answer):
        from fuzz.judge import signature

        answer = judge.judged(request, answer, unfused=request["number"] % UNFUSED_EVERY == 0)
        if answer.get("kind") == "hang":
            answer = judge.patiently(request)
        self.tally.add(answer)
        if answer["outcome"] == "broken":
            self.broken.append((request["number"], answer["text"]))
        if answer["outcome"] != "find":
            return
        key = signature(answer)
        if key in self.finds:
            self.finds[key]["times"] += 1
            return
        self.finds[key] = {"answer": answer, "request": request, "times": 1}
        print(
            f"find: program {request['number']}: {answer['kind']} in {answer.get('call')}: {answer['text'][:300]}",
            flush=True,
        )

    def conclude(self, smaller):
        """Writes the finds and says how each is replayed."""
        from fuzz.calls import operator_of
        from fuzz.report import write

        for i, find in enumerate(self.finds.values()):
            answer, request = find["answer"], find["request"]
            program = answer.pop("program", None) or self.judges[0].program(request)
            if program is None:
                continue
            note = ""
            if smaller and i < SMALLER:
                program, answer, note = self.smaller(program, answer)
            name = f"{self.backend}-{self.options.seed}-{request['number']}-{answer['kind'].replace(' ', '_')}-{operator_of(answer.get('call') or 'none')}"
            path = write(self.folder, name.replace("/", "_"), program, answer, self.backend)
            print(
                f"FOUND {find['times']} times, {answer['kind']} in {answer.get('call')}{note}: {answer['text'][:400]}"
            )
            command = f"{sys.executable} {Path(__file__)} --device {self.backend}"
            print(f"  replay: {command} --replay {path}")
            ops = f" --ops {self.options.ops}" if self.options.ops else ""
            print(
                f"  or as it was: {command} --seed {self.options.seed} --first {request['number']} --programs 1{ops}",
                flush=True,
            )

    def smaller(self, program, answer):
        from fuzz.judge import same_find
        from fuzz.minimize import Minimizer

        judge, best = self.judges[0], answer
        unfused = answer["kind"] == "unfused"
        again = judge.check(program, unfused)
        if not same_find(again, answer):
            return (
                program,
                answer,
                f" (alone it does not show: run --seed {self.options.seed} --first {max(0, self.next - 600)})",
            )

        def still(candidate):
            nonlocal best
            got = judge.check(candidate, unfused)
            if same_find(got, answer):
                best = got
                return True
            return False

        slow = answer["kind"] == "hang"
        program = Minimizer(still, seconds=300 if slow else 30, tries=400).smallest(program)
        return program, best, ""

    def close(self):
        for judge in self.judges:
            judge.close()


def replay(options):
    from fuzz import program
    from fuzz.judge import Judge

    judge, failed = Judge(seconds=options.seconds_a_program), 0
    for path in options.replay:
        answer = judge.check(program.load(path), unfused=True)
        failed += answer["outcome"] == "find"
        print(
            f"{path}: {answer['outcome']} {answer.get('fault', '')} {answer.get('kind', '')} {answer.get('call', '')} {answer.get('text', '')}"
        )
        if answer["outcome"] == "broken":
            return 2
    judge.close()
    return 1 if failed else 0


def main():
    options = parse()
    backend = backend_of(options)
    import lineshaft_torch  # noqa: F401  the device itself opens in the children
    import torch

    torch.set_num_threads(1)
    if options.replay:
        return replay(options)
    from fuzz.calls import operator_of
    from fuzz.families import opinfo

    fuzzing, interrupted = Fuzzing(options, backend), False
    print(
        f"fuzzing the PyTorch device, backend {backend}, from program {options.first} of seed {options.seed}",
        flush=True,
    )
    try:
        fuzzing.run()
    except KeyboardInterrupt:
        interrupted = True
        print("interrupted", flush=True)
    seconds = time.monotonic() - fuzzing.start
    try:
        fuzzing.conclude(smaller=not interrupted and not options.as_found)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    fuzzing.close()
    from fuzz import calls

    everything = sorted({operator_of(calls.name_of(op)) for op in opinfo.OPERATORS})
    print(f"programs {options.first} to {fuzzing.next - 1} of seed {options.seed}, backend {backend}:")
    fuzzing.tally.print(everything, seconds, options.verbose)
    for number, text in fuzzing.broken[:3]:
        print(f"the fuzzer itself failed at program {number}:\n{text}")
    return 2 if fuzzing.broken else 1 if fuzzing.finds else 0


if __name__ == "__main__":
    sys.exit(main())
