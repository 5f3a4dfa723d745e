"""Differences from PyTorch's CPU that are right as they are, each by operator and condition, with its reason.

An entry excuses a find only where all that it names holds: `calls` (operators), `kinds` (of find), and where given `text` (a
pattern in the find's text) and `where` (a predicate over the program). An entry that is broader than its reason hides faults.
"""

import dataclasses
import re
from collections.abc import Callable

import torch

from fuzz import calls, mutate, program, tensors


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
    "layer_norm",
    "layer_norm",
    "native_layer_norm",
    "group_norm",
    "batch_norm",
    "native_batch_norm",
    "instance_norm",
    "special.gradients",
)
SUMS = (
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "matmul",
    "mm",
    "bmm",
    "mv",
    "dot",
    "inner",
    "linear",
    "addmm",
    "addmv",
    "addbmm",
    "baddbmm",
    "einsum",
    "tensordot",
    "__rmatmul__",
    "bilinear",
    "cdist",
    "sum",
    "mean",
    "norm",
)
SORTS = ("sort", "argsort", "msort", "topk", "kthvalue", "median", "nanmedian", "mode")


def tensors_of(prog):
    return [tensors.build(dict(data, grad=False), "cpu")[0] for data in prog["tensors"]]


def squares_overflow(program):
    """Whether some finite number's square is beyond its dtype."""
    for tensor in tensors_of(program):
        if tensor.dtype.is_floating_point and tensor.numel():
            finite = tensor[torch.isfinite(tensor)].double().abs()
            # Half precision is summed up in float32.
            most = torch.finfo(max(tensor.dtype, torch.float32, key=lambda d: torch.finfo(d).max)).max
            if finite.numel() and finite.max().item() > 0.01 * most**0.5:
                return True
    return False


def beyond_range(program):
    """Whether products or quotients of the numbers leave the range of their dtype."""
    for tensor in tensors_of(program):
        if tensor.dtype.is_floating_point and tensor.numel():
            small = tensor[torch.isfinite(tensor) & (tensor != 0)].double().abs()
            if small.numel() and small.min().item() < 100 * torch.finfo(torch.float32).tiny ** 0.5:
                return True
    return squares_overflow(program)


def descending(program):
    """Whether the offsets of bags, or the lengths of something, are in disorder."""
    given = [t for t in tensors_of(program) if t.dim() == 1 and t.dtype in (torch.int64, torch.int32)]
    return any(not bool((t.diff() >= 0).all()) for t in given)


def repeated(program):
    """Whether an index is given twice."""
    given = [t.reshape(-1) for t in tensors_of(program) if not t.dtype.is_floating_point]
    return any(t.unique().numel() < t.numel() for t in given)


def blank_targets(program):
    return any(not t.dtype.is_floating_point and bool((t == 0).any()) for t in tensors_of(program))


def no_epsilon(program):
    """Whether some number of the arguments is 0.0, such as an epsilon."""
    places = []
    mutate.collect([[s["args"], s.get("kwargs", {})] for s in program["steps"]], places)
    return any(isinstance(holder[key], float) and holder[key] == 0.0 for holder, key in places)


def unsorted(program):
    """Whether the boundaries of a search are in disorder, or no numbers."""
    boundaries = [t for t in tensors_of(program) if t.dim() > 0 and t.shape[-1] > 1]
    return any(not bool((t.diff(dim=-1) >= 0).all()) for t in boundaries if t.dtype != torch.bool)


def has_call(*names):
    return lambda program: any(calls.operator_of(step["call"]) in names for step in program["steps"])


def differentiates(*names):
    """Whether a step runs one of the operators, itself or forward-mode differentiated."""
    return lambda program: any(
        calls.operator_of(step["args"][0] if step["call"] == "special.tangent" else step["call"]) in names
        for step in program["steps"]
    )


def holds_nan(program):
    return any(t.dtype.is_floating_point and bool(t.isnan().any()) for t in tensors_of(program))


def first_call(*names):
    return lambda program: calls.operator_of(program["steps"][0]["call"]) in names


def ties(prog):
    """Whether something that is ordered without a promise of stability may have two elements alike (or NaN)."""
    unstable = [
        s for s in prog["steps"] if calls.operator_of(s["call"]) in SORTS and not s.get("kwargs", {}).get("stable")
    ]
    if not unstable:
        return False
    plain = dict(
        prog, tensors=[dict(data, grad=False) for data in prog["tensors"]], keep=list(range(len(prog["steps"])))
    )
    plain["steps"] = [step for step in prog["steps"] if not step["call"].startswith("special.gradients")]
    results = program.run(dict(plain, keep=range(len(plain["steps"]))), "cpu").results.values()
    for seen in results:
        if isinstance(seen, program.Seen):
            flat = seen.value.reshape(-1)
            if flat.isnan().any() or flat.unique().numel() < flat.numel():
                return True
    return False


JUSTIFIED = [
    Entry(
        ("special.trained",),
        ("error unexpected",),
        "an optimizer that makes its state at once, as Adagrad does, keeps it where the parameters were: so it is with CUDA",
        text=r"Expected all tensors to be on the same device",
    ),
    Entry(
        ("linalg.cholesky_ex",),
        ("nan",),
        "the factor of a matrix that has none is unspecified: its info says so",
        text=r"got nan",
    ),
    Entry(
        ("lu_solve", "linalg.lu_solve", "special.tangent"),
        ("values",),
        "factors drawn at random are ill-conditioned: the solution is off by the order of sums",
        where=differentiates("lu_solve", "linalg.lu_solve"),
    ),
    Entry(
        (),
        ("error class",),
        "an index out of range is found by the device, which raises IndexError for all operators alike; the CPU's class differs from one to the next",
        text=r"raises IndexError: .*(is out of range; it must lie in|index is out of bounds for dimension with size 0)",
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
        ("polygamma", "special.polygamma", *(f"polygamma.polygamma_n_{n}" for n in range(5))),
        ("nan",),
        "at infinity the device gives the limit, the CPU's series no number",
        text="got -?0.0, expected nan",
    ),
    Entry(
        ("prod", "cumprod", "masked.prod", "masked.cumprod"),
        ("nan", "values"),
        "a product that leaves the range on its way is infinity, zero or no number, by the order of its factors",
        where=beyond_range,
    ),
    Entry(
        (),
        ("error unexpected",),
        "a dtype that an operator has no kernel for is refused for tensors without elements too; the CPU looks at the dtype only where there is something to compute",
        text="not implemented for '",
        where=lambda program: any(0 in data["shape"] for data in program["tensors"]),
    ),
    Entry(
        (
            "div",
            "floor_divide",
            "remainder",
            "fmod",
            "divide",
            "true_divide",
            "lcm",
            "__rmod__",
            "__rdiv__",
            "special.gradients",
        ),
        ("error missing",),
        "the CPU raises where an integer is divided by zero; on a device, as on GPUs, the result has no meaning",
        text="ZeroDivisionError",
    ),
    Entry(
        ("all", "any"),
        ("values",),
        "into an output of uint8 the CPU first casts the elements, so that 0.5 counts as 0",
        where=lambda program: any(data["dtype"] == "uint8" for data in program["tensors"]),
    ),
    Entry(
        ("native_dropout_backward",),
        ("dtype",),
        "gradients are floating; for an integer one the CPU's formula promotes",
        text="^got torch.u?int",
    ),
    Entry(
        ("_batch_norm_with_update", "native_batch_norm", "_native_batch_norm_legit", "batch_norm"),
        ("error class", "error missing"),
        "inputs of less than two axes and statistics without axes are refused on the way by the CPU, as an error of some index",
        text="takes an input of 2 axes at least|TensorAccessor expected",
    ),
    Entry(
        ("remainder", "fmod", "floor_divide", "div", "divide", "__rmod__"),
        ("nan", "values"),
        "where a quotient leaves the range, its remainder has no digit that is right; the CPU's vectorized kernel gives NaN, its scalar one 0",
        where=beyond_range,
    ),
    Entry(
        ("embedding_bag",),
        ("values", "error unexpected", "error missing", "error class"),
        "offsets of bags ascend by contract",
        where=descending,
    ),
    Entry(
        ("ctc_loss", "ctc_loss"),
        ("values", "nan"),
        "targets of CTC do not contain the blank by contract",
        where=blank_targets,
    ),
    Entry(
        (
            "_batch_norm_with_update",
            "batch_norm",
            "native_batch_norm",
            "_native_batch_norm_legit",
            "batch_norm",
        ),
        ("nan",),
        "a variance of 0 without an epsilon: 0 times infinity",
        where=no_epsilon,
    ),
    Entry(
        ("index_put", "special.setitem", "index_copy", "scatter", "put"),
        ("values", "fusion", "graph", "unfused", "threads"),
        "which of several values that are written to one place stays is not promised",
        where=repeated,
    ),
    Entry(
        ("sinc",),
        ("values",),
        "PyTorch's formula for the gradient of sinc loses all digits near 0, on the CPU too",
        where=has_call("special.gradients"),
    ),
    Entry(
        ("ctc_loss",),
        ("nan", "values"),
        "the gradient of an infinite loss has no meaning",
        text="nan|inf",
    ),
    Entry(
        ("mode",),
        ("nan", "values"),
        "the CPU counts a NaN where it stands first and nowhere else",
        where=holds_nan,
    ),
    Entry(
        ("cumsum", "masked.cumsum"),
        ("nan",),
        "a running sum that leaves the range of f32 comes back on the CPU only, which keeps it in f64",
        text="got -?(inf|nan)",
        where=squares_overflow,
    ),
    Entry(
        SUMS,
        ("nan", "values"),
        "a sum of products that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        ("grid_sampler_2d", "grid_sampler_3d", "grid_sample"),
        ("error unexpected",),
        "a number that names no mode is refused; the CPU takes it for one",
        text="unknown (padding|interpolation) mode",
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
            "batch_norm",
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
