"""Numbers that do not fit a tensor's dtype: what they wrap to, round to or are refused as is what the CPU gives."""

import math
import os
import warnings

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
ON_CPU = os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu")
INTEGERS = {torch.uint8: (0, 255), torch.int8: (-128, 127), torch.int16: (-(2**15), 2**15 - 1), torch.int32: (-(2**31), 2**31 - 1), torch.int64: (-(2**63), 2**63 - 1)}  # fmt: skip
FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
DTYPES = (
    (*INTEGERS, *FLOATS, torch.bool)
    if ON_CPU
    else (torch.uint8, torch.int8, torch.int64, torch.float32, torch.float16, torch.bool)
)
NUMBERS = (0, 1, -1, -3, 7, 127, 128, -128, -129, 255, 256, 300, -300, 32768, 2**31 - 1, 2**31, -(2**31) - 1, 2**40, 2**62, 2.5, -2.5, 0.1, 7e4, 1e10, 1e30, 1e39, -1e39, math.inf, -math.inf, math.nan, True)  # fmt: skip

if not ON_CPU:
    NUMBERS = (-3, 300, 2**40, 0.1, 1e39, math.inf, math.nan)

OPERATORS = {
    "add": torch.add,
    "sub": torch.sub,
    "rsub": torch.rsub,
    "mul": torch.mul,
    "div": torch.div,
    "div floor": lambda x, s: torch.div(x, s, rounding_mode="floor"),
    "div trunc": lambda x, s: torch.div(x, s, rounding_mode="trunc"),
    "floor_divide": torch.floor_divide,
    "remainder": torch.remainder,
    "fmod": torch.fmod,
    "pow": torch.pow,
    "power of a number": lambda x, s: torch.pow(s, x),
    "number minus": lambda x, s: s - x,
    "alpha": lambda x, s: torch.add(x, x, alpha=s),
    "eq": torch.eq,
    "ne": torch.ne,
    "lt": torch.lt,
    "le": torch.le,
    "gt": torch.gt,
    "ge": torch.ge,
    "bitwise_and": torch.bitwise_and,
    "bitwise_or": torch.bitwise_or,
    "bitwise_xor": torch.bitwise_xor,
    "bitwise_left_shift": torch.bitwise_left_shift,
    "bitwise_right_shift": torch.bitwise_right_shift,
    "copysign": torch.copysign,
    "xlogy": torch.xlogy,
    "float_power": torch.float_power,
    "clamp_min": torch.clamp_min,
    "clamp_max": torch.clamp_max,
    "clamp": lambda x, s: torch.clamp(x, -3, s),
    "clamp from": lambda x, s: torch.clamp(x, s, 5),
    "fill_": lambda x, s: x.clone().fill_(s),
    "full": lambda x, s: torch.full((2,), s, dtype=x.dtype, device=x.device),
    "full_like": torch.full_like,
    "masked_fill": lambda x, s: x.masked_fill(x.gt(1), s),
    "index_fill": lambda x, s: x.index_fill(0, torch.tensor([1], device=x.device), s),
    "scatter": lambda x, s: x.scatter(0, torch.tensor([1], device=x.device), s),
    "where": lambda x, s: torch.where(x.gt(1), x, s),
    "pad": lambda x, s: F.pad(x, (1, 1), value=s),
    "addcmul": lambda x, s: torch.addcmul(x, x, x, value=s),
    "lerp": lambda x, s: torch.lerp(x, x, s),
    "threshold": lambda x, s: F.threshold(x, s, s),
    "hardtanh": lambda x, s: F.hardtanh(x, -3, s),
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "isin": lambda x, s: torch.isin(x, s),
    "index_put": lambda x, s: x.clone().__setitem__(slice(0, 2), s) or x,
    "add_": lambda x, s: x.clone().add_(s),
    "mul_": lambda x, s: x.clone().mul_(s),
    "remainder_": lambda x, s: x.clone().remainder_(s),
    "_foreach_add": lambda x, s: torch._foreach_add([x], s)[0],
    "_foreach_mul_": lambda x, s: torch._foreach_mul_([x.clone()], s)[0],
    "_foreach_pow": lambda x, s: torch._foreach_pow([x], s)[0],
    "_foreach_clamp_min": lambda x, s: torch._foreach_clamp_min([x], s)[0],
    "_foreach_clamp_max list": lambda x, s: torch._foreach_clamp_max([x], [s])[0],
    "tensor on the host": lambda x, s: torch.maximum(x, torch.tensor(s)),
    "remainder by the host": lambda x, s: torch.remainder(x, torch.tensor(s)),
}  # fmt: skip

# The device takes what the CPU refuses; a result never differs.
OWN_RANGE = "type c10::"  # PyTorch's GPUs check a bound of an f16 tensor in f32's range, as the device does
BOOL = "not implemented for 'Bool'"
TO_INFINITY = "type float without overflow"
TAKES = {
    "pow": (OWN_RANGE, "gives [inf, inf, 1.0"),  # 2^31 - 1 is odd, the f32 nearest to it is even
    "_foreach_pow": (OWN_RANGE, "gives [inf, inf, 1.0"),
    "power of a number": (BOOL,),
    "alpha": (OWN_RANGE,),
    "clamp_min": (OWN_RANGE, BOOL),
    "clamp_max": (OWN_RANGE, BOOL),
    "clamp": (OWN_RANGE, BOOL),
    "clamp from": (OWN_RANGE, BOOL),
    "threshold": (OWN_RANGE,),
    "hardtanh": (OWN_RANGE,),
    "_foreach_clamp_min": (OWN_RANGE, TO_INFINITY, BOOL),
    "_foreach_clamp_max list": (OWN_RANGE, TO_INFINITY, BOOL),
}


def values(dtype):
    if dtype == torch.bool:
        return torch.tensor([True, False] * 9)
    low, high = INTEGERS.get(dtype, (-3.5, 5.25))
    return torch.tensor([low, low + 1, 1, 2, 5, high - 1, high, 3, 4] * 2).to(dtype)


def outcome(function, x, number):
    try:
        return function(x, number)
    except (RuntimeError, TypeError, ValueError, NotImplementedError, OverflowError) as error:
        return error


def difference(function, dtype, number):
    x = values(dtype)
    expected, actual = outcome(function, x, number), outcome(function, x.to(D), number)
    if isinstance(expected, Exception):
        if isinstance(actual, Exception) or "ZeroDivisionError" in str(expected):
            return ""
        return f"takes what the CPU refuses ({str(expected).splitlines()[0][:120]})"
    if isinstance(actual, Exception):
        return f"refuses: {str(actual).splitlines()[0][:200]}"
    if actual.dtype != expected.dtype:
        return f"gives {actual.dtype}, not {expected.dtype}"
    try:
        torch.testing.assert_close(actual.cpu(), expected, equal_nan=True)
    except AssertionError:
        return f"gives {actual.cpu().tolist()[:9]}, not {expected.tolist()[:9]}"
    return ""


@pytest.mark.parametrize("name", OPERATORS)
def test_numbers(name):
    lineshaft_torch.set_fallback("error")
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for dtype in DTYPES:
            for number in NUMBERS:
                if name == "div trunc" and number == -1 and dtype in (torch.int32, torch.int64):
                    continue  # the least integer by -1 ends the process in PyTorch's CPU kernel
                text = difference(OPERATORS[name], dtype, number)
                if text and not any(allowed in text for allowed in TAKES.get(name, ())):
                    found.append(f"{str(dtype)[6:]}, {number}: {text}")
    assert not found, f"{len(found)} combinations:\n" + "\n".join(found[:20])


RANGES = [(-1.5, 2.5, 1), (0.5, 3.2, 0.7), (0, 2.5, 1), (0.9, 3.1, 1), (-0.5, 0.5, 1), (5, 1.5, -1.5), (0.5, 9.7, 2.5), (0.2, 0.1, 1), (0, 5, 0), (5, 0, 1),
          (0, 0, 0.5), (0, 2.5, -1), (1, 2**53 + 1, 2**52), (0.0, math.inf, 1), (math.nan, 1, 1), (-0.9, -0.1, 1), (7, 7, 1),
          (0, 10, 3), (10, 0, -3), (0, 1, 0.1), (1, 0, -0.3), (True, 5, 2), (2.999999999, 3, 1)]  # fmt: skip


@pytest.mark.parametrize("bounds", RANGES, ids=str)
def test_ranges(bounds):
    """The size of an i64 range counts whole numbers, that of others what lies between fractional bounds."""
    for dtype in (None, torch.int64, torch.int32, torch.uint8, torch.float32, torch.float16, torch.float64):
        expected = outcome(lambda _, b: torch.arange(*b, dtype=dtype), None, bounds)
        actual = outcome(lambda _, b: torch.arange(*b, dtype=dtype, device=D), None, bounds)
        if isinstance(expected, Exception):
            assert type(actual) is type(expected), f"{dtype}: {actual}, expected {expected}"
            continue
        assert not isinstance(actual, Exception), f"{dtype}: {actual}"
        assert actual.dtype == expected.dtype and actual.shape == expected.shape
        torch.testing.assert_close(actual.cpu(), expected)
    out, expected = (
        torch.empty(0, dtype=torch.int64, device=D),
        torch.arange(0.5, 5.7, out=torch.empty(0, dtype=torch.int64)),
    )
    assert torch.arange(0.5, 5.7, out=out).tolist() == expected.tolist()
