"""torch.lineshaft: devices, streams, events, generators and memory, named as torch.cuda names them."""

import dataclasses
import time

import torch

from . import _C, _utils
from . import random as _random
from .memory import (
    empty_cache,
    max_memory_allocated,
    max_memory_reserved,
    mem_get_info,
    memory_allocated,
    memory_reserved,
    memory_stats,
    memory_summary,
    reset_peak_memory_stats,
)
from .random import (
    get_rng_state,
    get_rng_state_all,
    initial_seed,
    manual_seed,
    manual_seed_all,
    seed,
    seed_all,
    set_rng_state,
    set_rng_state_all,
)
from .streams import Event, Stream, current_stream, default_stream, set_stream, stream

__all__ = [
    "DeviceProperties",
    "Event",
    "Stream",
    "compilations",
    "current_device",
    "current_stream",
    "default_stream",
    "device",
    "device_count",
    "device_of",
    "empty_cache",
    "get_amp_supported_dtype",
    "get_device_name",
    "get_device_properties",
    "get_rng_state",
    "get_rng_state_all",
    "init",
    "initial_seed",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "memory_summary",
    "reconnect",
    "reset_peak_memory_stats",
    "seed",
    "seed_all",
    "set_device",
    "set_rng_state",
    "set_rng_state_all",
    "set_stream",
    "stream",
    "synchronize",
]


@dataclasses.dataclass(frozen=True)
class DeviceProperties:
    id: str  # "vulkan:0"
    backend: str
    name: str
    driver: str
    total_memory: int  # bytes
    threads: int
    features: tuple[str, ...]


def __getattr__(name):
    if name == "default_generators":
        return _random.default_generators()
    raise AttributeError(f"module 'torch.lineshaft' has no attribute {name!r}")


# PyTorch asks for these by name.
_index = _utils._get_device_index
_get_generator = _random._get_generator

# PyTorch asks this, before it keeps the state of random numbers for activation checkpointing. The generators are there before
# a device is opened.
_initialized = True


def is_available() -> bool:
    """Whether there is a device to use.

    True also where the user named what cannot be had, as a server in LINESHAFT_SERVER that does not answer: a program
    that asks goes on to use the device, and its first use raises the error that says so. So no program falls to the CPU
    by itself, and one that computes on the CPU, where PyTorch's optimizers ask this too, goes on.
    """
    return _C.is_available()


def is_initialized() -> bool:
    """Whether a device has been opened."""
    return _C.is_initialized()


def init():
    """Nothing is to be done: a device is opened at first use."""


_lazy_init = init


def exchange_device(device: int) -> int:
    """Makes the device the current one, unless its number is negative; gives the number of the one before."""
    return _C.exchange_device(device)


maybe_exchange_device = _exchange_device = _maybe_exchange_device = exchange_device


def _is_in_bad_fork() -> bool:
    return _C.is_forked()


def device_count() -> int:
    """The number of devices that this process has.

    Raises the error of their first use where what the user named cannot be had.
    """
    return _C.device_count()


def current_device() -> int:
    return _C.current_device()


def set_device(device):
    _C.set_device(_index(device))


def synchronize(device=None):
    """Waits for all work of a device; raises what it found wrong, and for a device that is not there.

    torch.accelerator.synchronize() does not ask whether there is one: programs that compute on the CPU call it too.
    """
    _C.device_count()
    torch.accelerator.synchronize(_index(device))


def reconnect(device=None, timeout: float = 60.0):
    """Opens a device anew after it was lost, such as when its server was started again.

    Tries for up to `timeout` seconds, then raises what the last try said. A server that could not be reached when its
    device was first used is looked for again. Tensors that lay on the device are lost: make the model anew, or load its last checkpoint. Tensors elsewhere, generators and seeds stay as they are.
    """
    index, deadline, pause = _index(device), time.monotonic() + timeout, 0.1
    while True:
        try:
            return _C.reconnect(index)
        except RuntimeError:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 2.0)


def get_device_properties(device=None) -> DeviceProperties:
    found = _C.describe(_index(device))
    found["total_memory"] = found.pop("memory")
    found["features"] = tuple(found["features"])
    return DeviceProperties(**found)


def get_device_name(device=None) -> str:
    return _C.describe(_index(device))["name"]


def get_amp_supported_dtype() -> list[torch.dtype]:
    return [torch.float16, torch.bfloat16, torch.float32]


def is_bf16_supported(including_emulation: bool = True) -> bool:
    return True


def compilations() -> int:
    """Programs, pipelines and library primitives that the devices of this process have compiled so far.

    Each is compiled once for a structure: dtypes, shapes, layouts. Learning rates, seeds and scalars that change from step to
    step compile nothing. What a server compiles for a guest is not among them.
    """
    return _C.compilations()


class device:
    """A context in which the given device is the current one."""

    def __init__(self, device):
        self.index = -1 if device is None else _index(device)
        self.previous = -1

    def __enter__(self):
        self.previous = _C.exchange_device(self.index)

    def __exit__(self, *error):
        _C.exchange_device(self.previous)
        return False


class device_of(device):
    """A context in which the device of a tensor is the current one."""

    def __init__(self, tensor):
        super().__init__(tensor.device if tensor.device.type == "lineshaft" else None)
