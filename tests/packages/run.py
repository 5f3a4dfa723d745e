"""Trains models of other people's packages on the device and on PyTorch's CPU device and compares: what `make test-models` runs.

    python run.py                          # all cases on the first device
    LINESHAFT_DEVICES=vulkan python run.py --jobs 2
    python run.py --only "peft: LoRA"      # cases whose name contains the text, with tracebacks
    python run.py --list                   # the names
    python run.py --reference              # on PyTorch's CPU device alone: are the cases themselves sound?

expected.txt lists the cases that are expected not to run, each with its reason: what the device lacks and says so. A case that
fails and is not listed fails the run; so does one that is listed and passes. A case that gives other numbers than the CPU is
never expected. Each family runs in worker processes of its own, so that a crash costs one case.
"""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
# Each with the packages that its cases' names begin with.
FAMILIES = {
    "text": ["transformers"],
    "vision": ["transformers"],
    "diffusion": ["diffusers"],
    "adapters": ["peft"],
    "networks": ["timm", "monai", "x-transformers", "vector-quantize-pytorch", "openai-whisper"],
    "graphs": ["torch_geometric"],
    "probabilistic": ["gpytorch", "pyro"],
    "reinforcement": ["stable-baselines3"],
    "programs": ["torch", "safetensors", "skorch"],
}
LEAST = 60  # the list only grows
SECONDS_A_CASE = 300

os.environ.setdefault("LINESHAFT_FALLBACK", "error")
os.environ.setdefault("LINESHAFT_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
sys.path.insert(0, str(HERE))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="worker processes (all cores)")
    parser.add_argument("--only", default="", help="run the cases whose name contains this text and show tracebacks")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--reference", action="store_true", help="run on PyTorch's CPU device alone")
    parser.add_argument("--results", type=Path, help="write every case's outcome to this file, one JSON line each")
    parser.add_argument("--family", choices=list(FAMILIES), help=argparse.SUPPRESS)
    parser.add_argument("--skip", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def expected() -> dict[str, str]:
    """By case: why it does not run."""
    lines = (HERE / "expected.txt").read_text().splitlines()
    pairs = [line.split(" | ", 1) for line in lines if line and not line.startswith("#")]
    return {name.strip(): reason.strip() for name, reason in pairs}


def say(**event) -> None:
    print(json.dumps(event), flush=True)


def out_of_time(*_):
    raise TimeoutError(f"it takes longer than {SECONDS_A_CASE} s")


def work(arguments: argparse.Namespace) -> None:
    """A worker: the cases of one family, one line of JSON before and after each."""
    warnings.simplefilter("ignore")
    import torch
    from harness import Difference, check, check_reference

    torch.set_num_threads(1)
    signal.signal(signal.SIGALRM, out_of_time)
    cases = importlib.import_module(f"families.{arguments.family}").cases()
    for index, case in enumerate(cases):
        if index < arguments.skip or arguments.only not in case.name:
            continue
        if arguments.list:
            say(name=case.name, outcome="listed")
            continue
        say(start=index, name=case.name)
        begin, outcome, text = time.monotonic(), "pass", ""
        signal.alarm(SECONDS_A_CASE)
        try:
            check_reference(case) if arguments.reference else check(case, torch.device("lineshaft"))
        except Difference as error:
            outcome, text = "wrong", str(error)
        except Exception as error:
            outcome, text = "raises", f"{type(error).__name__}: {error}".splitlines()[0]
            if arguments.only:
                traceback.print_exc()
        signal.alarm(0)
        say(name=case.name, outcome=outcome, text=text, seconds=round(time.monotonic() - begin, 1))


def run_family(family: str, arguments: argparse.Namespace) -> list[dict]:
    """All cases of a family; after a crash a new worker goes on behind the case that crashed."""
    events, skip = [], 0
    while True:
        command = [sys.executable, __file__, "--family", family, "--only", arguments.only, "--skip", str(skip)]
        command += ["--list"] * arguments.list + ["--reference"] * arguments.reference
        errors = None if arguments.only else subprocess.PIPE
        running = None
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as worker:
            said, complaints = worker.communicate()
        for line in said.splitlines():
            if not line.startswith("{"):
                continue
            event = json.loads(line)
            if "start" in event:
                running = event
                continue
            running = None
            events.append(event)
            show(event)
        if running is None:
            if worker.returncode:
                events.append(
                    {"name": f"family {family}", "outcome": "raises", "text": (complaints or "").strip()[-300:]}
                )
                show(events[-1])
            return events
        events.append(
            {"name": running["name"], "outcome": "crashes", "text": f"the process ends with status {worker.returncode}"}
        )
        show(events[-1])
        skip = running["start"] + 1


def show(event: dict) -> None:
    if event["outcome"] == "listed":
        print(event["name"])
    else:
        print(
            f"{event['outcome']:8} {event.get('seconds', 0):6.1f} s  {event['name']}  {event.get('text', '')[:200]}",
            flush=True,
        )


def judge(events: list[dict], whole: bool) -> int:
    reasons = expected()
    by_name = {event["name"]: event for event in events}
    failed = [event for event in events if event["outcome"] != "pass"]
    for event in failed:
        event["expected"] = event["outcome"] == "raises" and event["name"] in reasons
    unexpected = [event for event in failed if not event["expected"]]
    stale = [name for name in reasons if by_name.get(name, {}).get("outcome") == "pass"]
    gone = [name for name in reasons if whole and name not in by_name]
    for event in unexpected:
        print(f"unexpected: {event['name']} {event['outcome']}: {event.get('text', '')}")
    for name in stale:
        print(f"listed in expected.txt and passes: {name}")
    for name in gone:
        print(f"listed in expected.txt and no case: {name}")
    few = whole and len(events) < LEAST
    if few:
        print(f"{len(events)} cases; at least {LEAST} are to be there")
    passed = len(events) - len(failed)
    wrong = sum(event["outcome"] == "wrong" for event in events)
    print(f"{len(events)} models: {len(failed) - len(unexpected)} do not run, as expected; {wrong} wrong")
    print(f"{passed} passed, {len(unexpected)} failed")
    return 1 if unexpected or stale or gone or few else 0


def main() -> int:
    arguments = parse()
    if arguments.family:
        work(arguments)
        return 0
    package = arguments.only.partition(":")[0]  # "peft: LoRA" is of one family; a text without a package may be of any
    wanted = [name for name, packages in FAMILIES.items() if ":" not in arguments.only or package in packages]
    with ThreadPoolExecutor(1 if arguments.only else arguments.jobs) as pool:
        events = [event for family in pool.map(lambda name: run_family(name, arguments), wanted) for event in family]
    if arguments.list:
        return 0
    if arguments.results:
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text("".join(json.dumps(event) + "\n" for event in events))
    if arguments.reference:
        return 0 if all(event["outcome"] == "pass" for event in events) else 1
    return judge(events, not arguments.only)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
