"""Times one computation on two devices in turns and compares what it gives."""

import dataclasses
import time
from collections.abc import Callable

import torch
from memory import Memory
from memory import measure as measure_memory


@dataclasses.dataclass
class Case:
    """`build(device)` makes inputs (the same on every device) and returns the computation, which returns a tensor."""

    name: str
    group: str
    build: Callable[[torch.device], Callable[[], torch.Tensor]]
    tolerance: float = 1e-4  # of the largest value
    work: float = 0  # what a run does, in `unit`
    unit: str = ""  # "GF" or "GB"; none for cases that are only timed
    calls: bool = False  # time how long a call takes to return, not the work
    memory: bool = False  # measure memory too


@dataclasses.dataclass
class Result:
    name: str
    group: str
    reference_ms: float
    device_ms: float
    error: float  # of the largest value
    agrees: bool
    rate: float = 0
    unit: str = ""
    memory: Memory | None = None

    @property
    def ratio(self) -> float:
        return self.reference_ms / self.device_ms


def synchronize(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def sample(run: Callable, device: torch.device, times: int) -> float:
    """Seconds a run, after one that is not counted. The result lives until the device is done: it has to be computed."""
    run()
    synchronize(device)
    start = time.perf_counter()
    for _ in range(times):
        result = run()
        synchronize(device)
        del result
    return (time.perf_counter() - start) / times


def sample_calls(run: Callable, device: torch.device, times: int) -> float:
    """Seconds that a call takes to return; what is recorded runs afterwards, uncounted, and is kept until then."""
    run()
    synchronize(device)
    start = time.perf_counter()
    results = [run() for _ in range(times)]
    seconds = (time.perf_counter() - start) / times
    synchronize(device)
    del results
    return seconds


def measure(case: Case, device: torch.device, rounds: int, seconds: float) -> Result:
    reference = torch.device("cpu")
    runs = {reference: case.build(reference), device: case.build(device)}
    # Everything but the training steps gives the same at every run; those are compared at their first.
    want, have = runs[reference]().detach().double(), runs[device]().detach().cpu().double()
    error = ((want - have).abs().max() / want.abs().max().clamp_min(1e-30)).item()
    timed = sample_calls if case.calls else sample
    times = {each: min(1000, max(1, int(seconds / max(timed(runs[each], each, 3), 1e-7)))) for each in runs}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for each, run in runs.items():
            best[each] = min(best[each], timed(run, each, times[each]))
    result = Result(
        case.name, case.group, best[reference] * 1e3, best[device] * 1e3, error, error <= case.tolerance,
        case.work / best[device], case.unit,
    )  # fmt: skip
    if case.memory:
        del runs, run
        result.memory = measure_memory(case.build, device)
    return result
