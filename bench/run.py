"""Measures Lineshaft side by side with PyTorch's own CPU kernels: what `make bench` runs. See bench/README.md."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", help="run the cases whose name or group contains this text")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each device; the best counts (7)")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long a turn takes, about (0.2)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of both (all cores)")
    parser.add_argument("--device", default="lineshaft", help="the torch device (lineshaft)")
    parser.add_argument(
        "--one-core", action="store_true", help="only models of small operations, the process on one core"
    )
    parser.add_argument("--save", type=Path, help="write NAME.json and NAME.png (runs/bench)")
    return parser.parse_args()


arguments = parse_arguments()
if arguments.one_core:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    arguments.threads = 1
# Read when torch and the engine start.
os.environ["LINESHAFT_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
os.environ.setdefault("LINESHAFT_FALLBACK", "error")

import torch  # noqa: E402
from cases import cases  # noqa: E402
from harness import Result, measure  # noqa: E402
from report import HEADING, row, save, summary  # noqa: E402
from small import GROUP as SMALL  # noqa: E402


def settle(device: torch.device) -> None:
    """Takes what a failed case left to be raised at the next wait, so that it does not fall to the next one."""
    try:
        torch.accelerator.synchronize(device)
    except RuntimeError as error:
        print(f"  also: {str(error).splitlines()[0][:150]}")


def on_one_core() -> list[Result]:
    """The models of small operations once more, in a process that has one core: cores and threads are fixed at the start."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--rounds", arguments.rounds, "--seconds", arguments.seconds, "--device", arguments.device]
        command = [sys.executable, __file__, "--one-core", "--save", f"{folder}/bench", *map(str, options)]
        if arguments.only:
            command += ["--only", arguments.only]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        saved = Path(folder, "bench.json")
        rows = json.loads(saved.read_text())["results"] if saved.exists() else []
    for each in rows:
        each.pop("ratio")
        each["name"] += ", one core"
    return [Result(**each) for each in rows]


def main() -> int:
    torch.set_num_threads(arguments.threads)
    device = torch.empty(1, device=arguments.device).device
    properties = torch.lineshaft.get_device_properties(device)
    machine = {
        "device": f"{properties.id}: {properties.name}",
        "threads": arguments.threads,
        "torch": torch.__version__,
    }
    chosen = [case for case in cases() if not arguments.only or arguments.only in f"{case.group} {case.name}"]
    if arguments.one_core:
        chosen = [case for case in chosen if case.group == SMALL]
    if not chosen:
        sys.exit(f'no case\'s name contains "{arguments.only}"')
    print(
        f"{machine['device']}, {arguments.threads} threads, best of {arguments.rounds}, torch {torch.__version__}\n{HEADING}"
    )
    results, broken = [], []
    for case in chosen:
        try:
            results.append(measure(case, device, arguments.rounds, arguments.seconds))
            print(row(results[-1]), flush=True)
        except (RuntimeError, NotImplementedError) as error:
            broken.append(case.name)
            print(f"{case.name:48} does not run: {str(error).splitlines()[0][:150]}", flush=True)
            settle(device)
    small = [case.name for case in chosen if case.group == SMALL]
    if small and not arguments.one_core:
        results += (again := on_one_core())
        print("\n".join(map(row, again)), flush=True)
        broken += [f"{name}, one core" for name in small if f"{name}, one core" not in {each.name for each in again}]
    if results:
        print(summary(results))
        save(results, machine, arguments.save or Path("runs/bench"))
    differing = [result.name for result in results if not result.agrees]
    for name in differing:
        print(f"results differ: {name}")
    for name in broken:
        print(f"does not run: {name}")
    return 1 if differing or broken else 0


if __name__ == "__main__":
    sys.exit(main())
