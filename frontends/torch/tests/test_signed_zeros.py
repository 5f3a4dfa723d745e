"""Zeros keep their sign where PyTorch's CPU keeps it: through copies, arithmetic, extremes, sorts and pools."""

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
DTYPES = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
ZEROS = [0.0, -0.0, 1.0, -1.0, -0.0, 0.0, -0.0, -0.0]

SAME = {
    "clone": lambda x: x.clone(),
    "transposed": lambda x: x.view(2, 4).t().contiguous(),
    "times 1": lambda x: x * 1,
    "times -1": lambda x: x * -1,
    "by 1": lambda x: x / 1,
    "by -inf": lambda x: torch.ones_like(x) / -float("inf") + x,
    "plus 0": lambda x: x + 0,
    "plus -0": lambda x: x + -0.0,
    "minus 0": lambda x: x - 0,
    "0 minus": lambda x: 0 - x,
    "plus itself": lambda x: x + x,
    "neg": torch.neg,
    "abs": torch.abs,
    "floor": lambda x: torch.floor(x * 0.3),
    "ceil": lambda x: torch.ceil(x * 0.3),
    "round": lambda x: torch.round(x * 0.3),
    "trunc": lambda x: torch.trunc(x * 0.3),
    "frac": torch.frac,
    "sign": torch.sign,
    "sqrt": lambda x: torch.sqrt(x.clamp(max=0.0) * 0),
    "sin": torch.sin,
    "tanh": torch.tanh,
    "asinh": torch.asinh,
    "expm1": torch.expm1,
    "log1p": lambda x: torch.log1p(x * 0.5),
    "erf": torch.erf,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "hardshrink": F.hardshrink,
    "where": lambda x: torch.where(x == 0, x, 1),
    "masked_fill": lambda x: x.masked_fill(x > 0, -0.0),
    "maximum with itself": lambda x: torch.maximum(x, x),
    "minimum with itself": lambda x: torch.minimum(x, x),
    "copysign": lambda x: torch.copysign(torch.ones_like(x), x),
    "fmod": lambda x: torch.fmod(x, 1),
    "gather": lambda x: x.gather(0, torch.tensor([1, 0, 4], device=x.device)),
    "index_select": lambda x: x.index_select(0, torch.tensor([1, 4], device=x.device)),
    "index_put": lambda x: x.clone().index_put_((torch.tensor([0], device=x.device),), x[1]),
    "scatter": lambda x: x.scatter(0, torch.tensor([0, 2], device=x.device), x[6:]),
    "cat": lambda x: torch.cat([x, x]),
    "flip": lambda x: x.flip(0),
    "roll": lambda x: x.roll(3),
    "repeat": lambda x: x.repeat(3),
    "stable sort": lambda x: x.sort(stable=True).values,
    "amax of one": lambda x: x.view(8, 1).amax(1),
    "amin of one": lambda x: x.view(8, 1).amin(1),
    "max_pool of equals": lambda x: F.max_pool1d(torch.full((1, 4), -0.0, dtype=x.dtype, device=x.device), 2),
    "pad": lambda x: F.pad(x, (1, 1), value=-0.0),
    "nearest": lambda x: F.interpolate(x.view(1, 1, 8), 16),
    "fill": lambda x: torch.full((3,), -0.0, dtype=x.dtype, device=x.device),
    "to f32 and back": lambda x: x.float().to(x.dtype),
    "to f16 and back": lambda x: x.half().to(x.dtype),
    "from integers": lambda x: x.int().to(x.dtype),
    "nan_to_num": torch.nan_to_num,
    "lerp": lambda x: torch.lerp(x, x, 0.5),
    "dropout of nothing": lambda x: F.dropout(x, 0.0),
    "max": lambda x: x.view(2, 4).max(1).values,
    "cummax": lambda x: x.cummax(0).values,
    "cumsum of one": lambda x: x.view(8, 1).cumsum(1),
    "cumprod": lambda x: x.cumprod(0),
    "product": lambda x: x[1:4].prod(),
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", SAME)
def test_signs_of_zeros(name, dtype):
    lineshaft_torch.set_fallback("error")
    x = torch.tensor(ZEROS, dtype=dtype)
    actual, expected = SAME[name](x.to(D)).cpu(), SAME[name](x)
    assert actual.signbit().tolist() == expected.signbit().tolist(), f"{actual.tolist()}, expected {expected.tolist()}"
    torch.testing.assert_close(actual, expected)
