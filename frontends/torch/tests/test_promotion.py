"""The dtype and the value of operators of several tensors for every combination of dtypes, with and without axes, as on the CPU."""

import itertools
import os
import warnings

import lineshaft_torch
import pytest
import torch

D = "lineshaft"
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)  # fmt: skip
# On a software GPU, which compiles a kernel for each, one dtype of a kind.
FEW = (torch.float32, torch.float16, torch.int64, torch.uint8, torch.bool)
ON_CPU = os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu")
LONG = [] if ON_CPU else [pytest.mark.long]  # the dtypes are the frontend's, on every device


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def operands(count, dtypes):
    """Every choice of dtype and of axes for `count` tensors. The values need rounding in f16."""
    kinds = [(dtype, axes) for dtype in dtypes for axes in (True, False)]
    for choice in itertools.product(kinds, repeat=count):
        yield [torch.full((3,) if axes else (), 1.1 + i).to(dtype) for i, (dtype, axes) in enumerate(choice)]


def foreach(name, *scalars):
    return lambda *lists: getattr(torch, name)(*([tensor] for tensor in lists), *scalars)


def in_place(name, **options):
    return lambda a, *rest: getattr(a, name)(*rest, **options)


def out(function):
    return lambda a, b, c, result: function(a, b, c, out=result)


THREE = {
    "addcmul": lambda a, b, c: torch.addcmul(a, b, c, value=2),
    "addcmul_": in_place("addcmul_"),
    "addcdiv": lambda a, b, c: torch.addcdiv(a, b, c, value=2),
    "addcdiv_": in_place("addcdiv_"),
    "lerp": torch.lerp,
    "lerp_": in_place("lerp_"),
    "clamp": torch.clamp,
    "clamp_": in_place("clamp_"),
    "where": lambda a, b, c: torch.where(a.gt(2), b, c),
    "_foreach_addcmul": foreach("_foreach_addcmul", 2.0),
    "_foreach_addcmul_": foreach("_foreach_addcmul_"),
    "_foreach_addcdiv": foreach("_foreach_addcdiv", [2.0]),
    "_foreach_lerp": foreach("_foreach_lerp"),
}
TWO = {
    "addcmul with a number's place": lambda a, b: torch.addcmul(a, b, b.new_full((), 3.0)),
    "lerp with a number": lambda a, b: torch.lerp(a, b, 0.3),
    "clamp between numbers": lambda a, b: torch.clamp(a, 1, b),
    "masked_fill": lambda a, b: a.masked_fill(torch.ones_like(a, dtype=torch.bool), b),
    "index_fill": lambda a, b: a.index_fill(0, torch.zeros(1, dtype=torch.long, device=a.device), b),
    "index_put": lambda a, b: a.index_put((torch.zeros(1, dtype=torch.long, device=a.device),), b),
    "scatter": lambda a, b: a.scatter(0, torch.zeros_like(b, dtype=torch.long), b),
    "scatter_add": lambda a, b: a.scatter_add(0, torch.zeros_like(b, dtype=torch.long), b),
    "scatter_reduce": lambda a, b: a.scatter_reduce(0, torch.zeros_like(b, dtype=torch.long), b, "sum"),
    "index_add": lambda a, b: a.index_add(0, torch.arange(b.numel(), device=a.device), b),
    "index_copy": lambda a, b: a.index_copy(0, torch.arange(b.numel(), device=a.device), b),
    "cat": lambda a, b: torch.cat([a, b]),
    "stack": lambda a, b: torch.stack([a, b]),
    "hstack": lambda a, b: torch.hstack([a, b]),
    "addmv": lambda a, b: torch.addmv(b, a.expand(3, 3), a.expand(3)),
    "addmm": lambda a, b: torch.addmm(b, a.expand(3, 3), a.expand(3, 3)),
    "baddbmm": lambda a, b: torch.baddbmm(b, a.expand(2, 3, 3), a.expand(2, 3, 3)),
    "addr": lambda a, b: torch.addr(b, a.expand(3), a.expand(3)),
    "outer": lambda a, b: torch.outer(a.expand(3), b.expand(3)),
    "dot": lambda a, b: torch.dot(a.expand(3), b.expand(3)),
    "mse_loss": torch.nn.functional.mse_loss,
    "smooth_l1_loss": torch.nn.functional.smooth_l1_loss,
    "huber_loss": torch.nn.functional.huber_loss,
    "prelu": torch.nn.functional.prelu,
    "searchsorted": torch.searchsorted,
    "isin": torch.isin,
    "_foreach_add": foreach("_foreach_add"),
    "_foreach_add with alpha": lambda a, b: torch._foreach_add([a], [b], alpha=2),
    "_foreach_sub_": foreach("_foreach_sub_"),
    "_foreach_mul": foreach("_foreach_mul"),
    "_foreach_div": foreach("_foreach_div"),
    "_foreach_maximum": foreach("_foreach_maximum"),
    "_foreach_copy_": foreach("_foreach_copy_"),
    "_foreach_mul by a tensor": lambda a, b: torch._foreach_mul([a], b),
    "_foreach_div_ by a tensor": lambda a, b: torch._foreach_div_([a], b),
    "_foreach_add_ of a tensor": lambda a, b: torch._foreach_add_([a], b, alpha=2),
}

# The device takes what the CPU refuses; a result never differs.
BOOL = "not implemented for 'Bool'"
TAKES = {"clamp": BOOL, "clamp_": BOOL, "dot": BOOL, "searchsorted": BOOL}


def run(function, tensors):
    try:
        result = function(*tensors)
    except (RuntimeError, TypeError, NotImplementedError, IndexError) as error:
        return error
    if result is None:  # in place, of a list
        result = tensors[0]
    return result[0] if isinstance(result, (list, tuple)) else result


def difference(function, tensors):
    here = [tensor.to(D) for tensor in tensors]
    expected, actual = run(function, [tensor.clone() for tensor in tensors]), run(function, here)
    if isinstance(expected, Exception):
        return (
            ""
            if isinstance(actual, Exception)
            else f"takes what the CPU refuses ({str(expected).splitlines()[0][:120]})"
        )
    if isinstance(actual, Exception):
        return f"refuses: {str(actual).splitlines()[0][:200]}"
    if actual.dtype != expected.dtype:
        return f"gives {actual.dtype}, not {expected.dtype}"
    try:
        torch.testing.assert_close(actual.cpu(), expected, equal_nan=True)
    except AssertionError:
        return f"gives {actual.cpu().flatten().tolist()[:3]}, not {expected.flatten().tolist()[:3]}"
    return ""


def check(name, function, count):
    found = []
    dtypes = DTYPES if ON_CPU else FEW if count < 3 else FEW[:3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tensors in operands(count, dtypes):
            text = difference(function, tensors)
            if text and (name not in TAKES or TAKES[name] not in text):
                found.append(", ".join(f"{str(t.dtype)[6:]}{list(t.shape)}" for t in tensors) + ": " + text)
    assert not found, f"{len(found)} combinations:\n" + "\n".join(found[:20])


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG) for name in THREE])
def test_of_three_tensors(name):
    check(name, THREE[name], 3)


@pytest.mark.parametrize("name", [pytest.param(name, marks=LONG) for name in TWO])
def test_of_two_tensors(name):
    check(name, TWO[name], 2)
