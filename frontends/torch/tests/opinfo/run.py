"""Runs the OpInfo cases in worker processes, so that a crash costs one case, and holds the result against the ledger.

    python run.py                       # all cases on the first device
    LINESHAFT_DEVICES=vulkan python run.py --jobs 2
    python run.py --only softmax        # cases whose name contains the text, with tracebacks
    python run.py --update              # writes the failures of this run into the ledger, reasons to be filled in

The ledger (ledger.<backend>.txt) lists the cases that are expected to fail, each with its reason. A case that fails and is not
listed fails the run; so does one that is listed and passes.
"""

import argparse
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

os.environ.setdefault("LINESHAFT_FALLBACK", "error")
os.environ.setdefault("LINESHAFT_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

SECONDS_A_CASE = 120


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="worker processes (default: all cores)")
    parser.add_argument("--only", help="run the cases whose name contains this text and show tracebacks")
    parser.add_argument("--every", type=int, default=1, help="run every n-th case")
    parser.add_argument("--backend", help="name of the ledger (default: the first device's backend)")
    parser.add_argument("--update", action="store_true", help="write this run's failures to the ledger")
    parser.add_argument("--results", type=Path, help="write every case's outcome to this file, one JSON line each")
    return parser.parse_args()


def run_worker(cases, indices, out, verbose):
    """Runs the cases in a child; gives the index that killed it, or None."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        worker(cases, indices, writer, verbose)
        os._exit(0)
    os.close(writer)
    current = None
    with os.fdopen(reader) as lines:
        for line in lines:
            event = json.loads(line)
            if "start" in event:
                current = event["start"]
            else:
                out.append(event)
                current = None
    os.waitpid(child, 0)
    return current


def worker(cases, indices, writer, verbose):
    import torch
    from cases import name_of, run_case

    torch.set_num_threads(1)

    def say(event):
        os.write(writer, (json.dumps(event) + "\n").encode())

    for index in indices:
        say({"start": index})
        signal.alarm(SECONDS_A_CASE)
        outcome, text = "pass", ""
        try:
            run_case(cases[index])
        except Exception as error:
            outcome, text = "fail", f"{type(error).__name__}: {error}"
            if verbose:
                traceback.print_exc()
        signal.alarm(0)
        direction, op = cases[index]
        say({"name": f"{direction} {name_of(op)}", "outcome": outcome, "text": text[:600]})


def run_share(cases, indices, path, verbose):
    """One share of the cases, with a fresh child after each crash. Writes JSON lines to `path`."""
    from cases import name_of

    results = []
    while indices:
        crashed = run_worker(cases, indices, results, verbose)
        if crashed is None:
            break
        direction, op = cases[crashed]
        results.append({"name": f"{direction} {name_of(op)}", "outcome": "crash", "text": "the process died or hung"})
        indices = indices[indices.index(crashed) + 1 :]
    Path(path).write_text("".join(json.dumps(r) + "\n" for r in results))


def read_ledger(path):
    ledger = {}
    if path.exists():
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                name, _, reason = line.partition(" -- ")
                ledger[name.strip()] = reason.strip()
    return ledger


def write_ledger(path, failures, old):
    lines = ["# Cases that are expected to fail, each with its reason: <direction> <operator> -- <reason>"]
    for result in sorted(failures, key=lambda r: r["name"]):
        first = result["text"].splitlines()[0] if result["text"] else result["outcome"]
        lines.append(f"{result['name']} -- {old.get(result['name']) or first[:160]}")
    path.write_text("\n".join(lines) + "\n")


def main():
    options = parse()
    import lineshaft_torch  # noqa: F401  the device itself opens in the workers
    from cases import all_cases, name_of

    cases = all_cases()
    chosen = [i for i, (d, op) in enumerate(cases) if not options.only or options.only in f"{d} {name_of(op)}"]
    chosen = chosen[:: options.every]
    backend = options.backend or os.environ.get("LINESHAFT_DEVICES", "cpu").split(":")[0].split(",")[0]
    start, pids, parts = time.time(), [], []
    for job in range(options.jobs):
        part = f"/tmp/lineshaft-opinfo-{os.getpid()}-{job}.jsonl"
        parts.append(part)
        pid = os.fork()
        if pid == 0:
            run_share(cases, chosen[job :: options.jobs], part, bool(options.only))
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    results = [json.loads(line) for part in parts for line in Path(part).read_text().splitlines()]
    for part in parts:
        os.unlink(part)
    if options.results:
        options.results.write_text("".join(json.dumps(r) + "\n" for r in results))
    return judge(options, backend, results, time.time() - start)


def judge(options, backend, results, seconds):
    path = Path(__file__).parent / f"ledger.{backend}.txt"
    ledger = read_ledger(path)
    failures = [r for r in results if r["outcome"] != "pass"]
    if options.update:
        write_ledger(path, failures, ledger)
        ledger = read_ledger(path)
    unexpected = [r for r in failures if r["name"] not in ledger]
    recovered = [r for r in results if r["outcome"] == "pass" and r["name"] in ledger]
    for result in unexpected:
        print(f"FAILED {result['name']} ({result['outcome']}): {result['text'].strip()[:300]}")
    for result in recovered:
        print(f"PASSED UNEXPECTEDLY {result['name']}: take it out of {path.name}")
    for direction in ("forward", "backward"):
        mine = [r for r in results if r["name"].startswith(direction)]
        passed = sum(r["outcome"] == "pass" for r in mine)
        print(f"OpInfo float32 {direction} on {backend}: {passed} of {len(mine)} pass")
    print(f"{len(results)} cases in {seconds:.0f} s, {len(failures) - len(unexpected)} expected failures")
    bad = len(unexpected) + len(recovered)
    print(f"{len(results) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
