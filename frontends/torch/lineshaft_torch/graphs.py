"""Optimizers that a graph would replay wrongly say so when they are captured.

Their step count is a number on the host, which a capture keeps as it is: each replay would be the same step again. PyTorch looks
for that on CUDA and XPU only.
"""

import torch
from torch.optim.optimizer import register_optimizer_step_pre_hook

from . import _C

# Their steps do not depend on the count that they keep.
_COUNT_FOR_NOTHING = (torch.optim.Adadelta, torch.optim.RMSprop)


def _is_on_device(group) -> bool:
    return any(parameter.device.type == "lineshaft" for parameter in group["params"])


def _check(optimizer, args, kwargs):
    """Before each step of every optimizer."""
    if not _C.is_capturing():
        return
    for group in filter(_is_on_device, optimizer.param_groups):
        if group.get("fused"):
            continue  # the count is on the device, and the kernel adds to it
        if group.get("capturable") is False and not isinstance(optimizer, _COUNT_FOR_NOTHING):
            remedy = "make it with capturable=True"
        elif isinstance(optimizer, torch.optim.Adagrad) and group["lr_decay"] != 0:
            remedy = "make it with fused=True"
        else:
            continue
        raise RuntimeError(
            f"the step of {type(optimizer).__name__} cannot be captured in a graph: it counts its steps on the host, and "
            f"every replay would be the same step again; {remedy}"
        )


def register():
    register_optimizer_step_pre_hook(_check)
