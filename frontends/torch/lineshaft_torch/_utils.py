"""How a device is named: what torch.cuda._utils holds for CUDA, under PyTorch's own name as it asks for it."""

import torch

from . import _C


def _get_device_index(device=None, optional: bool = True, allow_cpu: bool = False) -> int:
    """The number of a device given as None (the current one), a number, a string or a torch.device.

    Without `optional` the device must be given with its number; with `allow_cpu` the CPU's is -1.
    """
    if isinstance(device, int):
        return device
    if device is not None:
        device = torch.device(device)
        if allow_cpu and device.type == "cpu":
            return -1
        if device.type != "lineshaft":
            raise ValueError(f"expected a lineshaft device, got {device}")
        if device.index is not None:
            return device.index
    if not optional:
        raise ValueError(f"expected a lineshaft device with its number, such as lineshaft:0; got {device}")
    return _C.current_device()
