"""Running sums, products and log-sum-exps over long rows are as near to f64 as PyTorch's CPU, which runs them in f64."""

import math
import os

import lineshaft_torch
import pytest
import torch

D = "lineshaft"
ON_CPU = os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu")
LENGTH = 200_003
# Roundings: a row is done in parts where a device limits its loops, and each part begins with a rounded number.
PARTS = 1 if ON_CPU else 4
EPSILON = {torch.float32: 2.0**-24, torch.float16: 2.0**-11, torch.bfloat16: 2.0**-8}

SCANS = {
    "cumsum": (torch.cumsum, lambda n: torch.rand(n)),
    "cumsum of signs": (torch.cumsum, lambda n: torch.randn(n) + 0.1),
    "cumsum of large and small": (torch.cumsum, lambda n: torch.where(torch.arange(n) % 1000 == 0, 1e4, 1e-4)),
    "cumprod": (torch.cumprod, lambda n: 1 + 1e-3 * torch.randn(n)),
    "cumprod of signs": (torch.cumprod, lambda n: torch.where(torch.rand(n) < 0.5, -1.0, 1.0) * (1 + 1e-4 * torch.rand(n))),
    "logcumsumexp": (torch.logcumsumexp, lambda n: torch.randn(n)),
    "logcumsumexp of ones": (torch.logcumsumexp, lambda n: torch.full((n,), 1.0)),
    "logcumsumexp that rises": (torch.logcumsumexp, lambda n: torch.arange(n) * 1e-3),
    "logcumsumexp that falls": (torch.logcumsumexp, lambda n: torch.arange(n) * -1e-2),
}  # fmt: skip


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


@pytest.mark.parametrize("dtype", EPSILON, ids=str)
@pytest.mark.parametrize("name", SCANS)
def test_long_rows_do_not_drift(name, dtype):
    scan, made = SCANS[name]
    x = made(LENGTH).to(dtype)
    truth, actual = scan(x.double(), 0), scan(x.to(D), 0).cpu().double()
    # A device without f64 adds a rounded logarithm to the largest element of a log-sum-exp.
    logarithm = 4 * EPSILON[torch.float32] * x.abs().max().double().item() if "exp" in name and not ON_CPU else 0
    # Where a sum of many comes near 0, what was lost of its parts shows.
    near_zero = 16 * EPSILON[torch.float32] if name.endswith("signs") and not ON_CPU else 0
    allowed = (
        EPSILON[dtype] * truth.abs().clamp_min(1e-30)
        + (PARTS - 1) * EPSILON[torch.float32] * truth.abs()
        + logarithm
        + near_zero
    )
    fits = truth.abs() < torch.finfo(dtype).max
    wrong = fits & ((actual - truth).abs() > allowed * 1.01)
    most = ((actual - truth).abs() / allowed)[fits].max().item()
    assert not wrong.any(), f"{int(wrong.sum())} elements are off, by up to {most:.1f} times what is allowed"
    assert (actual[~fits].isinf() | (actual[~fits].abs() >= torch.finfo(dtype).max * 0.99)).all()


@pytest.mark.parametrize("name", SCANS)
def test_rows_side_by_side_do_not_drift(name):
    scan, made = SCANS[name]
    x = torch.stack([made(30_001) for _ in range(5)], 1)
    truth, actual = scan(x.double(), 0), scan(x.to(D), 0).cpu().double()
    logarithm = 4 * 2.0**-24 * x.abs().max().double().item() if "exp" in name and not ON_CPU else 0
    near_zero = 16 * 2.0**-24 if name.endswith("signs") and not ON_CPU else 0
    assert ((actual - truth).abs() <= 2.02 * 2.0**-24 * truth.abs().clamp_min(1e-30) + logarithm + near_zero).all()


@pytest.mark.parametrize("scan", (torch.cumsum, torch.cumprod, torch.logcumsumexp))
def test_infinities_and_nan(scan):
    inf, nan = math.inf, math.nan
    rows = [[1, inf, 2, 3], [1, -inf, 2, 3], [inf, -inf, 1, 2], [-inf, -inf, 1, inf], [1, nan, inf, 2], [0, inf, 1, 2],
            [-inf, 5, -inf, nan], [88, 89, 1000, -1000]]  # fmt: skip
    if ON_CPU:
        # What leaves the range on its way and comes back, which takes f64.
        rows += [[3e38, 3e38, -3e38, 1], [1e-38, 1e-5, 1e20, 1e30]]
    x = torch.tensor(rows)
    actual = scan(x.to(D), 1).cpu()
    for row, a, e in zip(rows, actual, scan(x, 1)):
        torch.testing.assert_close(a, e, equal_nan=True, msg=lambda text: f"{row}: {text}")


@pytest.mark.parametrize("scan", (torch.cumsum, torch.cumprod, torch.logcumsumexp))
@pytest.mark.parametrize("dtype", (torch.float64, torch.float32, torch.float16, torch.bfloat16), ids=str)
def test_short_rows(scan, dtype):
    for sizes, dim in (
        ((), 0),
        ((1,), 0),
        ((7,), 0),
        ((3, 5), 0),
        ((3, 5), 1),
        ((2, 3, 70), 1),
        ((0, 3), 0),
        ((3, 0), 1),
    ):
        x = torch.randn(sizes).to(dtype)
        torch.testing.assert_close(scan(x.to(D), dim).cpu(), scan(x, dim))
