"""Measures two versions of Lineshaft side by side: whether a change made something slower.

    python bench/versions.py OLD NEW
    python bench/versions.py OLD NEW --only "small operations" --rounds 40
    python bench/versions.py OLD NEW --one-core

OLD and NEW say where a version is: the interpreter of a virtual environment that has it (`old/.venv/bin/python`), or such an
interpreter and the folders to import from (`.venv/bin/python@frontends/torch:build/python`). Each version has a process of its
own, and both are alive at once: they take short turns, so that a machine whose speed changes meanwhile slows both. A row says
the medians of the turns, and how many times faster the new version is: the median over pairs of turns.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", help="INTERPRETER[@FOLDER:FOLDER...]")
    parser.add_argument("new", help="likewise")
    parser.add_argument("--only", default="", help="the cases whose name or group contains this text")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each version (20)")
    parser.add_argument("--seconds", type=float, default=0.1, help="how long a turn takes, about (0.1)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of both (all cores)")
    parser.add_argument("--one-core", action="store_true", help="both processes on one core")
    parser.add_argument("--save", type=Path, help="write the rows to this file, as JSON")
    return parser.parse_args()


class Version:
    """A process that has one version, and runs what it is told to."""

    def __init__(self, where: str, environment: dict[str, str]):
        interpreter, _, folders = where.partition("@")
        if folders:
            folders = ":".join(str(Path(folder).resolve()) for folder in folders.split(":"))
            environment = environment | {"PYTHONPATH": folders}
        self.process = subprocess.Popen(
            [interpreter, __file__, "--turns"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, **request):
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"a version ended early, with status {self.process.wait()}; what it said stands above")
        return json.loads(answer)


def turns() -> None:
    """What a version's process does: a case by its name, then turns of it."""
    sys.path.insert(0, str(Path(__file__).parent))
    import torch
    from cases import cases
    from harness import sample, sample_calls

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    device = torch.empty(1, device="lineshaft").device
    all_cases = {case.name: case for case in cases()}
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "list":
            answer = [[case.name, case.group] for case in all_cases.values()]
        elif request["do"] == "build":
            case = all_cases[request["name"]]
            timed, run = sample_calls if case.calls else sample, case.build(device)
            times = min(1000, max(1, int(request["seconds"] / max(timed(run, device, 3), 1e-7))))
            answer = times
        else:
            answer = timed(run, device, times)
        print(json.dumps(answer), flush=True)


def main() -> None:
    arguments = parse_arguments()
    if arguments.one_core:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        arguments.threads = 1
    threads = str(arguments.threads)
    environment = dict(os.environ, LINESHAFT_THREADS=threads, OMP_NUM_THREADS=threads)
    environment.setdefault("LINESHAFT_FALLBACK", "error")
    versions = [Version(arguments.old, environment), Version(arguments.new, environment)]
    theirs = [{tuple(row) for row in version.ask(do="list")} for version in versions]
    chosen = [
        row for row in versions[1].ask(do="list") if tuple(row) in theirs[0] and arguments.only in " ".join(row[::-1])
    ]
    if not chosen:
        sys.exit(f'no case that both versions have contains "{arguments.only}"')
    print(f"{'case':48}{'old ms':>12}{'new ms':>12}{'new is':>10}")
    rows = []
    for name, _ in chosen:
        for version in versions:
            version.ask(do="build", name=name, seconds=arguments.seconds)
        pairs = []
        for number in range(arguments.rounds):
            order = versions if number % 2 else versions[::-1]
            seconds = {version: version.ask(do="turn") for version in order}
            pairs.append([seconds[version] for version in versions])
        old, new = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
        ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
        rows.append({"name": name, "old_ms": old, "new_ms": new, "ratio": ratio})
        print(f"{name:48}{old:12.4f}{new:12.4f}{ratio:9.3f}x", flush=True)
    if arguments.save:
        arguments.save.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    try:
        turns() if sys.argv[1:] == ["--turns"] else main()
    except KeyboardInterrupt:
        sys.exit(130)
