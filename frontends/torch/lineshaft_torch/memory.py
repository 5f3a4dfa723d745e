"""Memory statistics under the names of torch.cuda; torch.accelerator has the same."""

import torch


def _device(device):
    from .device import _index

    return _index(device)


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


def mem_get_info(device=None) -> tuple[int, int]:
    """Bytes free and bytes in all."""
    return torch.accelerator.get_memory_info(_device(device))


def empty_cache():
    """Gives cached memory back to the system."""
    torch.accelerator.empty_cache()
