"""Measures what being a guest costs: training steps through `lineshaft serve` beside the same steps on the same device in this process, in turns.

    .venv/bin/python bench/guest.py [--rounds N] [--only TEXT]

It starts a server that lends the CPU backend (or what --lend names) and talks to it through a Unix socket.
"""

import argparse
import atexit
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="pairs of turns; the median ratio counts (15)")
    parser.add_argument("--steps", type=int, default=5, help="training steps a turn (5)")
    parser.add_argument("--lend", default="cpu:0", help="the device that is lent and that it is compared with (cpu:0)")
    parser.add_argument("--server", help="the address of a server that runs already")
    parser.add_argument("--only", default="", help="the training steps whose name contains this text")
    return parser.parse_args()


def start_server(folder: str, lend: str) -> None:
    """Until this process ends, after its devices are closed."""
    socket = Path(folder) / "lineshaft.sock"
    server = subprocess.Popen(
        [sys.executable, "-m", "lineshaft", "serve", "--socket", str(socket)],
        env=os.environ | {"LINESHAFT_DEVICES": lend},
        stderr=subprocess.DEVNULL,
    )
    atexit.register(server.terminate)
    for _ in range(200):
        if socket.exists():
            time.sleep(0.1)
            return
        time.sleep(0.05)
    sys.exit("the server does not start; `lineshaft serve` says why")


def seconds_of(run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def median_ratio(local, guest, rounds: int) -> tuple[float, float, float]:
    """Local time over guest time, and both in ms: medians of turns that alternate."""
    local(), guest()
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            pairs.append((seconds_of(local), seconds_of(guest)))
        else:
            second = seconds_of(guest)
            pairs.append((seconds_of(local), second))
    ratio = statistics.median(a / b for a, b in pairs)
    return ratio, *(1e3 * statistics.median(column) for column in zip(*pairs, strict=True))


def main() -> int:
    arguments = parse_arguments()
    threads = str(len(os.sched_getaffinity(0)))
    os.environ.setdefault("LINESHAFT_THREADS", threads)
    os.environ.setdefault("LINESHAFT_FALLBACK", "error")
    with tempfile.TemporaryDirectory() as folder:
        if not arguments.server:
            start_server(folder, arguments.lend)
        os.environ["LINESHAFT_SERVER"] = arguments.server or f"unix:{folder}/lineshaft.sock"
        os.environ["LINESHAFT_DEVICES"] = f"remote:0,{arguments.lend}"
        return compare(arguments)


def compare(arguments: argparse.Namespace) -> int:
    import torch
    from cases import models

    guest, local = torch.device("lineshaft:0"), torch.device("lineshaft:1")
    print(f"{torch.lineshaft.get_device_name(guest)}, lent and local, median of {arguments.rounds} pairs of turns")
    print(f"{'':44}{'local ms':>10}{'guest ms':>10}{'ratio':>8}")

    def row(name, ratio, a, b):
        print(f"{name:44}{a:10.3f}{b:10.3f}{ratio:8.3f}", flush=True)

    for case in models():
        if arguments.only not in case.name:
            continue
        runs = {device: case.build(device) for device in (guest, local)}

        def turn(device, runs=runs):
            def steps():
                for _ in range(arguments.steps):
                    runs[device]()
                torch.accelerator.synchronize(device)

            return steps

        ratio, a, b = median_ratio(turn(local), turn(guest), arguments.rounds)
        row(case.name, ratio, a / arguments.steps, b / arguments.steps)

    compare_graphs(arguments, {"guest": guest, "local": local}, row)
    compare_round_trips(arguments, guest, local, row)
    host = torch.empty(2**24)  # 64 MiB
    host.fill_(1)
    there = {device: host.to(device) for device in (guest, local)}
    other = torch.empty_like(host)
    copy = statistics.median(seconds_of(lambda: other.copy_(host)) for _ in range(9))

    def upload(device):
        return lambda: (there[device].copy_(host), torch.accelerator.synchronize(device))

    for name, make in (("upload 64 MiB", upload), ("read 64 MiB", lambda device: lambda: host.copy_(there[device]))):
        ratio, a, b = median_ratio(make(local), make(guest), arguments.rounds)
        row(name, ratio, a, b)
        print(f"{'':8}{copy * 1e3 / b:.2f} of memcpy's speed ({2**26 / copy / 1e9:.1f} GB/s)")
    return 0


def compare_round_trips(arguments: argparse.Namespace, guest, local, row) -> None:
    import torch

    small = {device: torch.ones(1, device=device) for device in (guest, local)}

    def add_and_wait(device):
        small[device].add_(1)
        torch.accelerator.synchronize(device)

    def hundred(trip, device):
        def run():
            for _ in range(100):
                trip(device)

        return run

    for name, trip in (
        ("read one value", lambda device: small[device].item()),
        ("add to one element and wait", add_and_wait),
    ):
        ratio, a, b = median_ratio(hundred(trip, local), hundred(trip, guest), arguments.rounds)
        row(name, ratio, a / 100, b / 100)


def received_bytes(arguments: argparse.Namespace) -> int | None:
    """Bytes of frames that the server has had from this process; None where the server is another's."""
    if arguments.server:
        return None
    status = subprocess.run(
        [
            sys.executable,
            "-m",
            "lineshaft",
            "top",
            "--json",
            "--socket",
            os.environ["LINESHAFT_SERVER"].removeprefix("unix:"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(session["received"] for session in json.loads(status.stdout)["sessions"])


def compare_graphs(arguments: argparse.Namespace, devices: dict, row) -> None:
    """The same steps, captured once and replayed."""
    import torch
    from cases import models

    for case in models():
        if arguments.only not in case.name or not hasattr(torch.accelerator, "Graph"):
            continue
        graphs = {}
        for name, device in devices.items():
            with torch.accelerator.device_index(device.index):
                run = case.build(device, capturable=True)
                for _ in range(2):
                    run()
                graphs[name] = torch.accelerator.Graph()
                with graphs[name]:
                    run()

        def turn(name):
            def steps():
                for _ in range(arguments.steps):
                    graphs[name].replay()
                torch.accelerator.synchronize(devices[name])

            return steps

        ratio, a, b = median_ratio(turn("local"), turn("guest"), arguments.rounds)
        row(f"{case.name}, a graph", ratio, a / arguments.steps, b / arguments.steps)
        before = received_bytes(arguments)
        turn("guest")()
        if before is not None:
            print(f"{'':8}{(received_bytes(arguments) - before) / arguments.steps:.0f} bytes sent a step")


if __name__ == "__main__":
    sys.exit(main())
