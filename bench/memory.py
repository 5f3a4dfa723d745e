"""The memory of a training step: the bytes that live tensors take, and all that is held from the system for them."""

import contextlib
import dataclasses
import gc
import os

import torch

STEPS = 3  # the optimizer makes its state in the first; the second is the usual one


@dataclasses.dataclass
class Memory:
    """Peaks in bytes, from before the model is made on: tensors on PyTorch's CPU device and on the device measured, and
    what the device has reserved."""

    reference: int
    live: int
    reserved: int

    def text(self) -> str:
        return f"memory: live x{self.live / self.reference:.2f}, reserved x{self.reserved / self.reference:.2f}"


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


def train(build, device: torch.device) -> None:
    run = build(device)
    for _ in range(STEPS):
        run()


def reference_peak(build) -> int:
    """On PyTorch's CPU device: the sums of what its allocator reports to the profiler, in order."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with quiet(), torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        train(build, torch.device("cpu"))
    changes = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(changes, key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return peak


def device_peaks(build, device: torch.device) -> tuple[int, int]:
    gc.collect()
    torch.accelerator.synchronize(device)
    torch.accelerator.empty_cache()
    others = torch.accelerator.memory_allocated(device)
    torch.accelerator.reset_peak_memory_stats(device)
    train(build, device)
    torch.accelerator.synchronize(device)
    return torch.accelerator.max_memory_allocated(device) - others, torch.accelerator.max_memory_reserved(device)


def measure(build, device: torch.device) -> Memory:
    """`build(device)` makes model, batch and optimizer and returns a training step. Nothing else may live on the device."""
    return Memory(reference_peak(build), *device_peaks(build, device))
