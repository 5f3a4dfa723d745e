"""Adam and AdamW take one call a step. PyTorch's default on accelerators is a dozen calls over lists of tensors (`foreach`), with
the same arithmetic; on the device these are one operation in the end, but recording and merging them takes longer than a small
model's whole step. So where the device's fused kernel can do a step, it does, whichever of both was asked for; the state stays
what `foreach` has: step counts on the host."""

import functools
import inspect

import torch

from . import _C
from .after_import import after_import

# Those of PyTorch's function, in order. One that has others is left alone.
_PARAMETERS = (
    "params", "grads", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs", "state_steps", "grad_scale", "found_inf", "amsgrad",
    "has_complex", "beta1", "beta2", "lr", "weight_decay", "eps", "maximize", "capturable", "differentiable",
    "decoupled_weight_decay",
)  # fmt: skip


def _fits(lists, options) -> bool:
    """Whether the fused kernel takes these: dense tensors of one dtype on one device, and all options numbers on the host."""
    params, grads, exp_avgs, exp_avg_sqs, highest, steps = lists
    return (
        params[0].device.type == "lineshaft"
        and not (options["capturable"] or options["differentiable"] or options["has_complex"])
        and not any(isinstance(options[name], torch.Tensor) for name in ("lr", "beta1", "beta2"))
        and all(step.is_cpu for step in steps)
        and not torch.compiler.is_compiling()
        and _C.is_uniform(params, grads, exp_avgs, exp_avg_sqs)
        and (not options["amsgrad"] or _C.is_uniform(params, highest, highest, highest))
    )


def _multi_tensor(foreach, one):
    """PyTorch's function, with the fused kernel where it fits. `one` is what it adds to step counts."""

    @functools.wraps(foreach)
    def _multi_tensor_adam(
        params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, state_steps, grad_scale, found_inf, **options
    ):
        lists = (params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, state_steps)
        if not params or grad_scale is not None or found_inf is not None or not _fits(lists, options):
            return foreach(*lists, grad_scale, found_inf, **options)
        torch._foreach_add_(state_steps, one, alpha=1.0)
        fused = torch._fused_adamw_ if options["decoupled_weight_decay"] else torch._fused_adam_
        fused(
            *lists,
            amsgrad=options["amsgrad"],
            lr=options["lr"],
            beta1=options["beta1"],
            beta2=options["beta2"],
            weight_decay=options["weight_decay"],
            eps=options["eps"],
            maximize=options["maximize"],
        )

    return _multi_tensor_adam


def _use_fused(adam):
    foreach = getattr(adam, "_multi_tensor_adam", None)
    if foreach is not None and tuple(inspect.signature(foreach).parameters) == _PARAMETERS:
        adam._multi_tensor_adam = _multi_tensor(foreach, torch.tensor(1.0, device="cpu"))


def register():
    after_import("torch.optim.adam", _use_fused)
