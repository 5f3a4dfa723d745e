"""Measures Lineshaft side by side with PyTorch's own CPU kernels: what `make bench` runs. See bench/README.md."""

import argparse
import os
import sys
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", help="run the cases whose name or group contains this text")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each device; the best counts (7)")
    parser.add_argument("--seconds", type=float, default=0.2, help="how long a turn takes, about (0.2)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of both (all cores)")
    parser.add_argument("--device", default="lineshaft", help="the torch device (lineshaft)")
    parser.add_argument("--save", type=Path, help="write NAME.json and NAME.png (runs/bench)")
    return parser.parse_args()


arguments = parse_arguments()
# Read when torch and the engine start.
os.environ["LINESHAFT_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
os.environ.setdefault("LINESHAFT_FALLBACK", "error")

import torch  # noqa: E402
from cases import cases  # noqa: E402
from harness import measure  # noqa: E402
from report import HEADING, row, save, summary  # noqa: E402


def settle(device: torch.device) -> None:
    """Takes what a failed case left to be raised at the next wait, so that it does not fall to the next one."""
    try:
        torch.accelerator.synchronize(device)
    except RuntimeError as error:
        print(f"  also: {str(error).splitlines()[0][:150]}")


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
    if results:
        print(summary(results))
        save(results, machine, arguments.save or Path("runs/bench"))
    differing = [result.name for result in results if not result.agrees]
    for name in differing:
        print(f"results differ: {name}")
    return 1 if differing or broken else 0


if __name__ == "__main__":
    sys.exit(main())
