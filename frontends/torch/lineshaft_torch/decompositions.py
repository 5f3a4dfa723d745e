"""Operators that PyTorch's own decompositions compute from others on the device.

A kernel of the extension always wins: a name that has one is left out. The decompositions are imported when one is called first, as that takes
PyTorch most of a second.
"""

import torch

# Each name is an operator with its overload, whose decomposition in torch._decomp computes it on the device. Not here, as they would call
# themselves: fill_, zero_, masked_fill_.
NAMES: tuple[str, ...] = (
    # elementwise
    "addcdiv.out",
    "addcmul.out",
    "channel_shuffle",
    "clamp_max.Tensor_out",
    "clamp_min.Tensor_out",
    "clamp_min.out",
    "isneginf.out",
    "isposinf.out",
    "lerp.Scalar_out",
    "lerp.Tensor_out",
    "logit",
    "nan_to_num.out",
    "rsub.Tensor",
    "special_entr.out",
    "special_log_ndtr.out",
    # reductions
    "all.all_out",
    "all.out",
    "aminmax.out",
    "count_nonzero.dim_IntList",
    "nansum",
    "norm.out",
    "std.correction",
    "std_mean.correction",
    "trace",
    "vdot",
    # indices and shapes
    "eye.m_out",
    "index_add.out",
    "index_copy.out",
    "index_fill_.int_Scalar",
    "index_fill_.int_Tensor",
    "isin.Tensor_Tensor_out",
    "linspace.out",
    "logspace.out",
    "roll",
    "take",
    "tril.out",
    "triu.out",
    "unfold_backward",
    # networks
    "_weight_norm_interface",
    "linalg_cross.out",
    "multi_margin_loss",
    "multilabel_margin_loss_forward",
    "renorm.out",
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
