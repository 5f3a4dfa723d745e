"""NaN, infinities, signed zeros and numbers below the smallest normal one: every elementwise operator, reduction, scan, sort and
pool of PyTorch's own list, and its gradient, gives what it gives on the CPU.
"""

import math
import os
import random
import warnings

import lineshaft_torch
import numpy
import pytest
import torch
from opinfo.cases import DRAWS, is_random, name_of, tensors_of, to_device, uninitialized
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import BinaryUfuncInfo, ReductionOpInfo, UnaryUfuncInfo
from torch.utils import _pytree as pytree

ON_CPU = os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu")
NAN, INF = math.nan, math.inf
SPECIAL = (NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 1e-40, -1e-40, 1e-30, 3e38, -3e38, 88.0, -104.0, 6.0)  # fmt: skip

# What differs, and why.
CPU_VECTORS = "PyTorch's CPU loses it in its vectors"
CPU_SUMS_F64 = "PyTorch's CPU accumulates f32 in f64, its GPUs in f32 as the device does"
ORDER = "the numbers cancel or overflow by the order in which they are summed"
TIES = "which of equal values it names is left open"
DIFFERENT = {
    "fmod": CPU_VECTORS + ": a quotient past 2^24 gives nan",
    "remainder": CPU_VECTORS + ": a quotient past 2^24 gives nan",
    "__rmod__": CPU_VECTORS + ": a quotient past 2^24 gives nan",
    "nn.functional.gelu": CPU_VECTORS + ": gelu(inf) is nan there, and inf on its GPUs",
    "cumprod": CPU_SUMS_F64,
    "std": CPU_SUMS_F64,
    "prod": ORDER,
    "nn.functional.adaptive_avg_pool2d": ORDER,
    "nn.functional.normalize backward": ORDER,
    "nn.functional.group_norm backward": "where the variance overflows the device has rstd 0, the CPU nan",
    "kthvalue": TIES,
    "mode": "PyTorch's CPU counts a NaN where it stands first and nowhere else",
    "topk": TIES,
    "sort": TIES + ", unless it is stable",
    "argsort": TIES + ", unless it is stable",
    "digamma backward": "the device has the poles where PyTorch's CPU has large numbers",
}
NOT_THERE = ("complex", "polar", "cdouble", "cfloat", "chalf", "jiterator", "hash_tensor")
# Operators beside the elementwise ones and the reductions that look at the order or the sign of values.
OTHERS = {
    "cummax", "cummin", "cumsum", "cumprod", "logcumsumexp", "sort", "argsort", "topk", "kthvalue", "median", "nanmedian", "mode", "msort", "unique",
    "unique_consecutive", "searchsorted", "bucketize", "isin", "softmax", "log_softmax", "logsumexp", "clamp", "where", "lerp", "addcmul", "addcdiv",
    "nan_to_num", "scatter_reduce", "index_reduce", "renorm", "cdist", "diff", "trapezoid", "aminmax", "quantile", "histc", "norm", "linalg.vector_norm",
    "nn.functional.normalize", "nn.functional.cosine_similarity", "nn.functional.pairwise_distance", "nn.functional.layer_norm",
    "nn.functional.group_norm", "nn.functional.rms_norm", "nn.functional.max_pool1d", "nn.functional.max_pool2d", "nn.functional.max_pool3d",
    "nn.functional.adaptive_max_pool1d", "nn.functional.adaptive_max_pool2d", "nn.functional.adaptive_max_pool3d", "nn.functional.avg_pool1d",
    "nn.functional.avg_pool2d", "nn.functional.adaptive_avg_pool2d", "nn.functional.mse_loss", "nn.functional.l1_loss",
    "nn.functional.smooth_l1_loss", "nn.functional.huber_loss", "nn.functional.binary_cross_entropy_with_logits", "nn.functional.kl_div",
    "nn.functional.hinge_embedding_loss", "nn.functional.margin_ranking_loss", "nn.functional.soft_margin_loss", "nn.functional.cross_entropy",
    "nn.functional.nll_loss", "nn.functional.gelu", "nn.functional.leaky_relu", "nn.functional.hardtanh", "nn.functional.softshrink",
    "nn.functional.hardshrink", "nn.functional.glu", "nn.functional.prelu", "nn.functional.threshold", "nn.functional.softmin",
}  # fmt: skip


def chosen(op):
    elementwise = isinstance(op, (UnaryUfuncInfo, BinaryUfuncInfo, ReductionOpInfo)) or op.name.startswith("_foreach")
    elementwise = elementwise and not op.name.startswith(NOT_THERE)
    return (elementwise or op.name in OTHERS) and torch.float32 in op.supported_dtypes("cpu") and op.name not in DRAWS


def special_values(count, period):
    """`count` special values, each `period` times in a row, so that two tensors of different periods meet in all pairs."""
    values = [value for value in SPECIAL for _ in range(period)]
    return torch.tensor([values[i % len(values)] for i in range(count)])


def filled(tree):
    period = 1

    def fill(leaf):
        nonlocal period
        if not isinstance(leaf, torch.Tensor) or leaf.dtype != torch.float32:
            return leaf
        made = special_values(leaf.numel(), period).reshape(leaf.shape)
        period *= len(SPECIAL)
        return made.requires_grad_(leaf.requires_grad)

    return pytree.tree_map(fill, tree)


def samples(op, requires_grad):
    """One pair of vectors that covers all pairs for what takes two tensors; the operator's own samples, filled, for others."""
    pairs = len(SPECIAL) ** 2
    random.seed(0)
    torch.manual_seed(0)
    numpy.random.seed(0)
    if isinstance(op, UnaryUfuncInfo):
        yield special_values(64, 1).requires_grad_(requires_grad), (), {}
        return
    if isinstance(op, BinaryUfuncInfo):
        left, right = special_values(pairs, 1), special_values(pairs, len(SPECIAL))
        yield left.requires_grad_(requires_grad), (right.requires_grad_(requires_grad),), {}
        return
    for number, sample in enumerate(op.sample_inputs("cpu", torch.float32, requires_grad=requires_grad)):
        if number >= 12:
            return
        if not is_random(op, sample):
            given, args, kwargs = filled((sample.input, sample.args, sample.kwargs))
            if op.name in ("searchsorted", "bucketize"):  # sorted boundaries, NaN last
                boundaries = args[0] if op.name == "bucketize" else given
                boundaries.copy_(boundaries.sort(-1).values)
            yield given, args, kwargs


def run(op, parts, backward):
    given, args, kwargs = parts
    out = op(given, *args, **kwargs)
    if not backward:
        return tensors_of(out)
    outputs = [t for t in tensors_of(out) if t.requires_grad]
    inputs = [t for t in tensors_of(parts) if t.requires_grad]
    if not outputs:
        return []
    gradients = torch.autograd.grad(outputs, inputs, [torch.ones_like(t) for t in outputs], allow_unused=True)
    return [g for g in gradients if g is not None]


def differences(op, backward):
    for number, parts in enumerate(samples(op, backward)):
        try:
            expected = run(op, parts, backward)
        except (RuntimeError, TypeError, ValueError):
            continue
        try:
            actual = run(op, to_device(parts), backward)
        except NotImplementedError:
            continue
        for which, (a, e) in enumerate(zip(actual, expected)):
            a = a.detach().cpu()
            try:
                torch.testing.assert_close(a, e.detach(), rtol=1e-3, atol=1e-5, equal_nan=True)
            except AssertionError:
                far = ~torch.isclose(a.double(), e.detach().double(), rtol=1e-3, atol=1e-5, equal_nan=True)
                at = far.flatten().nonzero().flatten().tolist()
                inputs = [t.detach().flatten() for t in tensors_of(parts) if t.dtype == torch.float32]
                for i in at[:6]:
                    of = [t[i].item() for t in inputs if t.numel() == a.numel()]
                    yield f"sample {number}, result {which} at {i} of {of}: {a.flatten()[i].item()}, not {e.detach().flatten()[i].item()}"


OPERATORS = [op for op in op_db if chosen(op) and not uninitialized(op)]
NAMED = [
    (op, direction)
    for op in OPERATORS
    for direction in ("forward", "backward")
    if direction == "forward" or op.supports_autograd
]
# On a software GPU every fourth case; `make test-all` runs all of them.
CASES = [
    pytest.param(
        op, direction, id=f"{name_of(op)}-{direction}", marks=[] if ON_CPU or number % 4 == 0 else [pytest.mark.long]
    )
    for number, (op, direction) in enumerate(NAMED)
]


@pytest.mark.parametrize("op, direction", CASES)
def test_special_values(op, direction):
    lineshaft_torch.set_fallback("error")
    reason = DIFFERENT.get(f"{name_of(op)} {direction}") or DIFFERENT.get(name_of(op))
    if reason:
        pytest.skip(reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(differences(op, direction == "backward"))
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:12])
