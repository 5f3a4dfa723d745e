"""f16 and bf16: what PyTorch computes in f32 and rounds once is not rounded in between.

Every operator's samples run in the half types on the device and on PyTorch's CPU, and in f64 as the truth. The device's error may
be that of the CPU a few times over, or a rounding or two of the dtype.
"""

import os
import random
import warnings

import lineshaft_torch
import numpy
import pytest
import torch
from opinfo.cases import DRAWS, is_random, name_of, tensors_of, to_device
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils import _pytree as pytree

D = "lineshaft"
HALVES = (torch.float16, torch.bfloat16)
WORSE = 4  # times the CPU's error

# Not held against the truth, and why.
TIES = "which of equal values it names is left open"
CANCELS = "the result is near 0 beside what it is computed from, in f32 as well"
ROUNDS_EACH = "adds in the half type, one after another, as PyTorch's CPU and GPUs do"
RANDOM = "draws numbers"
CPU_ONLY = "PyTorch has a kernel of its own for the CPU; elsewhere it is Python over the half types"
DIFFERENT = {
    "cummax": ROUNDS_EACH,
    "cummin": ROUNDS_EACH,
    "nn.functional.unfold": ROUNDS_EACH,
    "nn.functional.max_pool2d": ROUNDS_EACH,
    "nn.functional.linear_cross_entropy": CPU_ONLY,
    "nn.functional.linear_cross_entropy.chunked": CPU_ONLY,
    "nn.functional.linear_cross_entropy.chunked_none": CPU_ONLY,
    "nn.functional.grid_sample": CANCELS,
    "polygamma": CANCELS,
    "special.polygamma": CANCELS,
    "std_mean": CANCELS,
    "sort": TIES,
    "msort": TIES,
    "topk": TIES,
    "unique_consecutive": "an axis of several is not taken",
    "nn.functional.multi_head_attention_forward": RANDOM,
}
NOT_THERE = ("complex", "cdouble", "cfloat", "chalf", "jiterator", "hash_tensor", "tensor_split", "empty", "new_empty", "rand", "cauchy", "exponential", "geometric", "log_normal", "uniform", "bernoulli", "multinomial")  # fmt: skip
SCALES = {torch.float16: (1, 200, 1e-3), torch.bfloat16: (1,)}  # near where f16 overflows and where it loses bits

ON_CPU = os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu")
# What `make test` runs; the others are long, and on a software GPU all but three.
QUICK = {
    "std", "std.unbiased", "std_mean", "var", "var_mean", "norm", "renorm", "cdist", "logsumexp", "logaddexp", "lerp", "addcmul",
    "addcdiv", "nn.functional.gelu", "nn.functional.silu", "nn.functional.softplus", "nn.functional.rms_norm", "nn.functional.layer_norm",
    "nn.functional.group_norm", "nn.functional.batch_norm", "nn.functional.cosine_similarity", "nn.functional.normalize", "nn.functional.mish",
}  # fmt: skip
if not ON_CPU:
    QUICK = {"std", "nn.functional.rms_norm", "logaddexp"}


def made(op, dtype, requires_grad):
    random.seed(0)
    torch.manual_seed(0)
    numpy.random.seed(0)
    return op.sample_inputs("cpu", dtype, requires_grad=requires_grad)


def wide(tree):
    def widen(leaf):
        if isinstance(leaf, torch.Tensor) and leaf.dtype in HALVES:
            return leaf.detach().double().requires_grad_(leaf.requires_grad)
        return torch.float64 if leaf in HALVES else leaf

    return pytree.tree_map(widen, tree)


def scaled(op, dtype, backward):
    for scale in SCALES[dtype]:
        for number, sample in enumerate(made(op, dtype, backward)):
            yield number, sample, scale


def times(tree, scale):
    def scale_leaf(leaf):
        if scale == 1 or not isinstance(leaf, torch.Tensor) or leaf.dtype not in HALVES:
            return leaf
        return (leaf.detach() * scale).requires_grad_(leaf.requires_grad)

    return pytree.tree_map(scale_leaf, tree)


def results(op, sample, backward, parts):
    given, args, kwargs = parts
    out = op(given, *args, **kwargs)
    if not backward:
        return tensors_of(out)
    outputs = [t for t in tensors_of(sample.output_process_fn_grad(out)) if t.requires_grad]
    inputs = [t for t in tensors_of(parts) if t.requires_grad]
    if not outputs:
        return []
    torch.manual_seed(1)
    seeds = [torch.randn(t.shape).to(dtype=torch.float16).to(t.device, t.dtype) for t in outputs]
    return [g for g in torch.autograd.grad(outputs, inputs, seeds, allow_unused=True) if g is not None]


def error(actual, truth, dtype):
    """The largest error in units of the dtype's last place; what one of both has that is not finite is infinite."""
    a, t = actual.detach().cpu().double(), truth.detach().double()
    info = torch.finfo(dtype)
    rounded = t.to(dtype).double()  # where the truth itself overflows
    same = (a == rounded) | (a.isnan() & rounded.isnan())
    unit = torch.clamp(t.abs() * info.eps, min=info.smallest_normal * info.eps)
    far = torch.where(same, torch.zeros_like(a), (a - t).abs() / unit)
    return far.nan_to_num(nan=float("inf")).max().item() if far.numel() else 0.0


def faults(op, dtype, backward):
    if backward and not (op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")):
        return
    if dtype not in op.supported_dtypes("cpu"):
        return
    for number, sample, scale in scaled(op, dtype, backward):
        parts = times((sample.input, sample.args, sample.kwargs), scale)
        if is_random(op, sample):
            continue
        try:
            truth = results(op, sample, backward, wide(parts))
            expected = results(op, sample, backward, parts)
        except (RuntimeError, TypeError, NotImplementedError):
            continue  # no f64 of it, or none on the CPU
        try:
            actual = results(op, sample, backward, to_device(parts))
        except NotImplementedError:
            continue
        for which, (a, e, t) in enumerate(zip(actual, expected, truth)):
            if e.dtype not in HALVES or a.shape != t.shape:
                continue
            mine, theirs = error(a, t, e.dtype), error(e, t, e.dtype)
            if mine > max(WORSE * theirs, 2.0):
                yield f"sample {number} times {scale:g}, result {which}: {mine:.3g} units off, the CPU {theirs:.3g}"


CASES = [
    pytest.param(op, dtype, direction, id=f"{name_of(op)}-{str(dtype)[6:]}-{direction}", marks=[] if name_of(op) in QUICK else [pytest.mark.long])
    for op in op_db
    for dtype in HALVES
    for direction in ("forward", "backward")
    if op.name not in DRAWS and not op.name.startswith(NOT_THERE)
]  # fmt: skip


@pytest.mark.parametrize("op, dtype, direction", CASES)
def test_error_is_that_of_one_rounding(op, dtype, direction):
    reason = DIFFERENT.get(name_of(op)) or DIFFERENT.get(op.name)
    if reason:
        pytest.skip(reason)
    lineshaft_torch.set_fallback("error")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(faults(op, dtype, direction == "backward"))
    assert not found, "\n".join(found[:5])


COUNTED = {
    "mean": lambda x: x.mean(),
    "mean of rows": lambda x: x.mean(1),
    "var": lambda x: x.var(),
    "std": lambda x: x.std(),
    "var_mean": lambda x: torch.stack(torch.var_mean(x)),
    "masked mean": lambda x: torch.masked.mean(x),
    "masked std": lambda x: torch.masked.std(x, unbiased=False),
    "nanmean": lambda x: x.nanmean(),
    "norm": lambda x: x.norm(),
    "quotient by a count": lambda x: x.sum(1) / torch.tensor(x.numel(), device=x.device),
    "product with a number": lambda x: x[:, :3] * torch.tensor(1e5, device=x.device, dtype=torch.float64),
    "layer_norm": lambda x: torch.nn.functional.layer_norm(x, x.shape)[:, :3],
    "group_norm": lambda x: torch.nn.functional.group_norm(x[None], 2)[..., :3],
    "batch_norm": lambda x: torch.nn.functional.batch_norm(x.t(), None, None, training=True)[:3],
    "rms_norm": lambda x: torch.nn.functional.rms_norm(x, x.shape[1:])[:, :3],
    "mse_loss": lambda x: torch.nn.functional.mse_loss(x, x * 0.5),
    "huber_loss": lambda x: torch.nn.functional.huber_loss(x, x * 0.5),
    "nll_loss": lambda x: torch.nn.functional.cross_entropy(x.t(), (x[0] > 0).long()),
    "avg_pool": lambda x: torch.nn.functional.avg_pool1d(x, x.shape[1]),
    "adaptive_avg_pool": lambda x: torch.nn.functional.adaptive_avg_pool1d(x, 1),
    "gradient of a mean": lambda x: torch.autograd.grad((y := x.detach().requires_grad_()).mean() * 100, y)[0][:, :3],
}


@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("name", COUNTED)
def test_more_elements_than_a_half_type_counts(name, dtype):
    """70,000 elements a row: a count or scale that is held in f16 would be infinite, and the result 0."""
    torch.manual_seed(0)
    x = ((torch.rand(4, 70_000) + 0.1) / 100).to(dtype)  # so that sums of all fit
    actual, truth = COUNTED[name](x.to(D)), COUNTED[name](x.double())
    assert actual.dtype == dtype
    torch.testing.assert_close(actual.cpu().double(), truth, rtol=8 * torch.finfo(dtype).eps, atol=1e-7)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_scattered_sums_and_counts_do_not_end_early(dtype):
    """In f16 a count ends at 2048, and a sum where its parts are below half a unit."""
    values = torch.rand(20_000, generator=torch.Generator().manual_seed(1)).to(dtype).to(D)
    index = torch.ones(20_000, dtype=torch.int64, device=D)
    zeros = torch.zeros(2, dtype=dtype, device=D)
    total = values.cpu().double().sum()
    unit = 2 * torch.finfo(dtype).eps
    for found, expected in (
        (zeros.scatter_add(0, index, values), total),
        (zeros.scatter_reduce(0, index, values, "sum"), total),
        (zeros.scatter_reduce(0, index, values, "mean", include_self=False), total / 20_000),
        (zeros.index_reduce(0, index, values, "mean", include_self=False), total / 20_000),
    ):
        assert found.dtype == dtype
        assert abs(found[1].item() / expected.item() - 1) < unit
