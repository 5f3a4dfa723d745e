"""Operators that PyTorch's own decompositions compute from others on the device."""

import torch

# Each name is an operator with its overload, whose decomposition in torch._decomp computes it on the device.
NAMES: tuple[str, ...] = ()

_library = None


def register():
    """Registers the decompositions of NAMES as the device's kernels."""
    global _library
    if not NAMES:
        return
    from torch._decomp import decomposition_table

    _library = torch.library.Library("aten", "IMPL", "PrivateUse1")
    for name in NAMES:
        packet, _, overload = name.partition(".")
        operator = getattr(getattr(torch.ops.aten, packet), overload or "default")
        _library.impl(name, decomposition_table[operator])
