"""Memory statistics under the names of torch.cuda; torch.accelerator has the same."""

import torch

from ._utils import _get_device_index as _device


def memory_allocated(device=None) -> int:
    """Bytes of live tensors."""
    return torch.accelerator.memory_allocated(_device(device))


def max_memory_allocated(device=None) -> int:
    return torch.accelerator.max_memory_allocated(_device(device))


def memory_reserved(device=None) -> int:
    """Bytes held from the system."""
    return torch.accelerator.memory_reserved(_device(device))


def max_memory_reserved(device=None) -> int:
    return torch.accelerator.max_memory_reserved(_device(device))


def reset_peak_memory_stats(device=None):
    torch.accelerator.reset_peak_memory_stats(_device(device))


def memory_stats(device=None) -> dict:
    return torch.accelerator.memory_stats(_device(device))


def memory_summary(device=None, abbreviated: bool = False) -> str:
    """The statistics as lines of text: current and peak bytes, and how often memory was asked for."""
    stats = memory_stats(device)
    lines = [f"memory of lineshaft:{_device(device)}"]
    for name, key in (("live tensors", "allocated_bytes"), ("held from the system", "reserved_bytes")):
        now, peak = (stats.get(f"{key}.all.{which}", 0) / 2**20 for which in ("current", "peak"))
        lines.append(f"{name:<22}{now:>12.1f} MiB now {peak:>12.1f} MiB at most")
    if not abbreviated:
        lines.append(f"{'times out of memory':<22}{stats.get('num_ooms', 0):>12}")
    return "\n".join(lines)


def mem_get_info(device=None) -> tuple[int, int]:
    """Bytes free and bytes in all."""
    return torch.accelerator.get_memory_info(_device(device))


def empty_cache():
    """Gives cached memory back to the system."""
    torch.accelerator.empty_cache()
