"""The most bytes that live tensors take together during a run, beyond those that live before it."""

import contextlib
import os

import torch


@contextlib.contextmanager
def quiet():
    """The profiler's library writes to the error stream past Python."""
    kept = os.dup(2)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def reference_peak(run) -> int:
    """On PyTorch's CPU device: the sums of what its allocator reports to the profiler, in order."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with quiet(), torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        run()
    changes = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(changes, key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return peak


def device_peak(run, device: torch.device) -> int:
    run()
    torch.accelerator.synchronize(device)
    before = torch.accelerator.memory_allocated(device)
    torch.accelerator.reset_peak_memory_stats(device)
    run()
    torch.accelerator.synchronize(device)
    return torch.accelerator.max_memory_allocated(device) - before
