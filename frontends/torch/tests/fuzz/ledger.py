"""Differences from PyTorch's CPU that are right as they are, each by operator and condition, with its reason.

An entry excuses a find only where all that it names holds: `calls` (operators), `kinds` (of find), and where given `text` (a
pattern in the find's text) and `where` (a predicate over the program). An entry that is broader than its reason hides faults.
"""

import dataclasses
import re
from collections.abc import Callable

import torch

from fuzz import calls, tensors


@dataclasses.dataclass(frozen=True)
class Entry:
    calls: tuple
    kinds: tuple
    reason: str
    text: str = ""
    where: Callable | None = None

    def holds(self, program, verdict):
        # What one step gives shows in the steps after it.
        called = [calls.operator_of(step["call"]) for step in program["steps"]]
        return (
            (not self.calls or any(name in self.calls for name in called))
            and verdict["kind"] in self.kinds
            and re.search(self.text, verdict["text"]) is not None
            and (self.where is None or self.where(program))
        )


VARIANCES = (
    "var",
    "std",
    "var_mean",
    "std_mean",
    "nn.functional.layer_norm",
    "layer_norm",
    "native_layer_norm",
    "nn.functional.group_norm",
    "nn.functional.batch_norm",
    "native_batch_norm",
    "nn.functional.instance_norm",
    "special.gradients",
)
SORTS = ("sort", "argsort", "msort", "topk", "kthvalue", "median", "nanmedian", "mode")


def tensors_of(program):
    return [tensors.build(dict(data, grad=False), "cpu")[0] for data in program["tensors"]]


def squares_overflow(program):
    """Whether some finite number's square is beyond its dtype."""
    for tensor in tensors_of(program):
        if tensor.dtype.is_floating_point and tensor.numel():
            finite = tensor[torch.isfinite(tensor)].double().abs()
            if finite.numel() and finite.max().item() > 0.01 * torch.finfo(tensor.dtype).max ** 0.5:
                return True
    return False


def unsorted(program):
    """Whether the boundaries of a search are in disorder, or no numbers."""
    boundaries = [t for t in tensors_of(program) if t.dim() > 0 and t.shape[-1] > 1]
    return any(not bool((t.diff(dim=-1) >= 0).all()) for t in boundaries if t.dtype != torch.bool)


def first_call(*names):
    return lambda program: calls.operator_of(program["steps"][0]["call"]) in names


def ties(program):
    """Whether some tensor has two elements alike (or NaN), and what orders them does not promise to keep their order."""
    for step in program["steps"]:
        if calls.operator_of(step["call"]) not in SORTS or step.get("kwargs", {}).get("stable"):
            continue
        for tensor in tensors_of(program):
            flat = tensor.reshape(-1)
            if flat.isnan().any() or flat.unique().numel() < flat.numel():
                return True
    return False


JUSTIFIED = [
    Entry(
        (),
        ("error class",),
        "an index out of range is found by the device, which raises IndexError for all operators alike; the CPU's class differs from one to the next",
        text=r"raises IndexError: .*is out of range; it must lie in",
    ),
    Entry(
        VARIANCES,
        ("nan", "values"),
        "where squares overflow, the CPU's way to a variance (one pass, Welford's) may give a number where two passes give infinity",
        where=lambda program: (
            squares_overflow(program) and any(calls.operator_of(s["call"]) in VARIANCES[:-1] for s in program["steps"])
        ),
    ),
    Entry(
        (
            "polygamma",
            "digamma",
            "special.polygamma",
            "special.psi",
            "polygamma.polygamma_n_0",
            "polygamma.polygamma_n_1",
            "polygamma.polygamma_n_2",
            "mvlgamma",
            "lgamma",
        ),
        ("nan", "values"),
        "at its poles the device gives infinity, the CPU a large number by the rounding of pi",
        text=r"got (inf|nan), expected -?[0-9.]+(e[+][0-9]+)? |got (inf|nan), expected [0-9]{8}",
    ),
    Entry(
        ("prod", "cumprod"),
        ("nan", "values"),
        "a product that overflows on its way is infinity or no number, by the order of its factors",
        where=squares_overflow,
    ),
    Entry(
        (),
        ("error unexpected",),
        "a dtype that an operator has no kernel for is refused for tensors without elements too; the CPU looks at the dtype only where there is something to compute",
        text="not implemented for '",
        where=lambda program: any(0 in data["shape"] for data in program["tensors"]),
    ),
    Entry(
        ("bucketize", "searchsorted"),
        ("values",),
        "a search among what is not sorted is undefined",
        where=unsorted,
    ),
    Entry(
        SORTS,
        ("values",),
        "which of equal elements comes first is promised by a stable sort only; the device's sorts are all stable",
        where=ties,
    ),
    Entry(
        (
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "native_layer_norm",
            "native_group_norm",
        ),
        ("dtype",),
        "statistics that are kept for the backward pass are float32, as on CUDA; the CPU rounds them to half precision",
        text="^got torch.float32, expected torch.(b?float16)$",
    ),
    Entry(
        (
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "nn.functional.batch_norm",
            "batch_norm",
            "native_layer_norm",
            "layer_norm",
        ),
        ("error missing",),
        "the CPU's own kernels take no mixture of dtypes here; the device does, as CUDA does",
        text="mixed dtype \\(CPU\\)",
    ),
    Entry(
        ("special.gradients",),
        ("nan",),
        "at NaN the CPU's vectorized kernel gives NaN and its scalar one the incoming gradient, as the device does",
        where=first_call("hardswish"),
    ),
]


def reason(program, verdict):
    """Why this find is none, or None."""
    return next((entry.reason for entry in JUSTIFIED if entry.holds(program, verdict)), None)
