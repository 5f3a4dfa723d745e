"""Operators that PyTorch's own decompositions compute from others on the device.

A kernel of the extension always wins: a name that has one is left out. The decompositions are imported when one is called first, as that takes
PyTorch most of a second.
"""

import torch

# Each name is an operator with its overload, whose decomposition in torch._decomp computes it on the device. Not here, as they would call
# themselves: fill_, zero_, masked_fill_.
NAMES: tuple[str, ...] = (
    # elementwise
    "channel_shuffle",
    "isneginf.out",
    "isposinf.out",
    "logit",
    "special_entr.out",
    "special_log_ndtr.out",
    # reductions
    "trace",
    "vdot",
    # indices and shapes
    "roll",
    "unfold_backward",
)

_library = None
registered: list[str] = []  # the names that have no kernel in the extension


def has_kernel(name):
    """Whether the extension has a kernel of its own."""
    return torch._C._dispatch_has_kernel_for_dispatch_key(f"aten::{name}", "PrivateUse1")


def operator_of(name):
    packet, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, packet), overload or "default")


def _lazy(name):
    decomposition = None

    def kernel(*args, **kwargs):
        nonlocal decomposition
        if decomposition is None:
            from torch._decomp import decomposition_table

            decomposition = decomposition_table[operator_of(name)]
        return decomposition(*args, **kwargs)

    kernel.__name__ = name.replace(".", "_")
    return kernel


def register():
    """Registers the decompositions of NAMES as the device's kernels."""
    global _library
    _library = torch.library.Library("aten", "IMPL", "PrivateUse1")
    for name in NAMES:
        if not has_kernel(name):
            _library.impl(name, _lazy(name))
            registered.append(name)
