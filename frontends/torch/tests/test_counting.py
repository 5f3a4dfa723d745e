"""Counting and choosing values: histograms, modes, slices without repetition, positions."""

import itertools

import lineshaft_torch
import pytest
import torch

D = "lineshaft"
INF, NAN = float("inf"), float("nan")


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def same(actual, expected, **tolerance):
    assert actual.device.type == D
    torch.testing.assert_close(actual.cpu(), expected, **(tolerance or {"rtol": 0, "atol": 0, "equal_nan": True}))


def all_same(actual, expected):
    assert len(actual) == len(expected)
    for a, e in zip(actual, expected):
        same(a, e)


def refused(error, text, function, *tensors, **options):
    with pytest.raises(error, match=text):
        function(*[t.to(D) if isinstance(t, torch.Tensor) else t for t in tensors], **options)
        torch.lineshaft.synchronize()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16], ids=str)
def test_histc(dtype):
    x = torch.randn(3, 70).to(dtype)
    for options in ({}, {"bins": 1}, {"bins": 7, "min": -1, "max": 1}, {"bins": 5, "min": -0.5, "max": 2.25}):
        same(torch.histc(x.to(D), **options), torch.histc(x, **options))
    x[0, :3] = torch.tensor([NAN, INF, -INF], dtype=dtype)
    same(torch.histc(x.to(D), 4, -2, 2), torch.histc(x, 4, -2, 2))
    for given in (torch.ones(5), torch.ones(0), torch.ones(())):
        same(torch.histc(given.to(dtype).to(D), 4), torch.histc(given.to(dtype), 4))
    # Both ends belong to a bin.
    edge = torch.tensor([0.0, 1, 2, 3, 4]).to(dtype)
    same(torch.histc(edge.to(D), 4, 0, 4), torch.histc(edge, 4, 0, 4))


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8], ids=str)
def test_histc_of_integers(dtype):
    """As on CUDA, whose results are those of floats where bins hold whole numbers: what mixtures of experts count."""
    x = torch.randint(0, 60, (64, 8)).to(dtype)
    for bins, low, high in ((60, 0, 59), (8, 0, 7), (61, 0, 60)):
        expected = torch.histc(x.float(), bins, low, high).to(dtype)
        same(torch.histc(x.to(D), bins, low, high), expected)
    # The range is that of the values, and no bin's number wraps.
    full = torch.tensor(
        [torch.iinfo(dtype).min if dtype != torch.int64 else -(2**40), 0, 100, 100], dtype=torch.int64
    ).to(dtype)
    assert torch.histc(full.to(D), 2).cpu().sum() == 4
    assert torch.histc(full.to(D), 100, 0, 99).cpu().sum() == (full.ge(0) & full.le(99)).sum()
    same(torch.histc(torch.full((3,), 5, dtype=dtype, device=D), 4), torch.tensor([0, 0, 3, 0], dtype=dtype))


def test_histc_refuses():
    refused(RuntimeError, "bins must be > 0", torch.histc, torch.ones(3), 0)
    refused(RuntimeError, "max must be larger than min", torch.histc, torch.ones(3), 3, 2, 1)
    refused(RuntimeError, "is not finite", torch.histc, torch.tensor([1, NAN]), 3)
    refused(RuntimeError, r"range of \[1, inf\] is not finite", torch.histc, torch.tensor([1, INF]), 3)
    refused(RuntimeError, "is not finite", torch.histc, torch.ones(3), 3, 0, INF)
    refused(NotImplementedError, "Bool", torch.histc, torch.ones(3, dtype=torch.bool), 3)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8], ids=str)
def test_bincount(dtype):
    x = torch.randint(0, 100, (3000,)).to(dtype)
    same(torch.bincount(x.to(D)), torch.bincount(x))
    for minlength in (0, 50, 300):
        same(torch.bincount(x.to(D), minlength=minlength), torch.bincount(x, minlength=minlength))
    for weights in (
        torch.randint(-9, 9, (3000,)).float(),
        torch.randint(-9, 9, (3000,)),
        torch.randint(0, 9, (3000,)).half(),
    ):
        same(torch.bincount(x.to(D), weights.to(D)), torch.bincount(x, weights))
    empty = x[:0]
    same(torch.bincount(empty.to(D), minlength=3), torch.bincount(empty, minlength=3))
    same(torch.bincount(empty.to(D), torch.ones(0).to(D), 3), torch.bincount(empty, torch.ones(0), 3))
    equal = torch.full((60_000,), 3, dtype=dtype)
    same(torch.bincount(equal.to(D)), torch.bincount(equal))


def test_bincount_refuses():
    text = "bincount only supports 1-d non-negative integral inputs."
    refused(RuntimeError, text, torch.bincount, torch.tensor([1, -1]))
    refused(RuntimeError, text, torch.bincount, torch.ones(2, 2, dtype=torch.long))
    refused(NotImplementedError, "Float", torch.bincount, torch.ones(2))
    refused(NotImplementedError, "Bool", torch.bincount, torch.ones(2, dtype=torch.bool))
    refused(RuntimeError, "minlength should be >= 0", torch.bincount, torch.tensor([1]), minlength=-1)
    for weights in (torch.ones(3), torch.ones(2, 1)):
        refused(
            RuntimeError,
            "weights should be 1-d and have the same length",
            torch.bincount,
            torch.tensor([1, 1]),
            weights,
        )


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.int8, torch.bool], ids=str)
def test_mode(dtype):
    for sizes, dim in (((9,), 0), ((5, 8, 3), 1), ((4, 9), -1), ((2, 1), 1), ((), 0), ((0, 3), 1), ((3, 70), 1)):
        x = torch.randint(0, 2 if dtype == torch.bool else 4, sizes).to(dtype)
        for keepdim in (False, True):
            values, indices = torch.mode(x.to(D), dim, keepdim)
            expected, places = torch.mode(x, dim, keepdim)
            same(values, expected)
            if x.numel() and x.size(dim) <= 16 and dtype != torch.bool if x.dim() else True:
                same(indices, places)
            elif x.numel():  # where several stand, PyTorch's CPU chooses any in longer rows
                chosen = x.gather(dim, indices.cpu() if keepdim else indices.cpu().unsqueeze(dim))
                same(values, chosen if keepdim else chosen.squeeze(dim))
    if dtype.is_floating_point:
        x = torch.tensor([1, NAN, NAN, 2, 1, NAN]).to(dtype)
        values, index = torch.mode(x.to(D))
        same(values, torch.mode(x).values)
        assert x[index.cpu()] == values.cpu()
    refused(IndexError, "Expected reduction dim 0 to have non-zero size", torch.mode, torch.ones(0))


def test_unique_slices():
    for sizes, high in (((7, 1), 2), ((6, 2, 3), 2), ((40, 5), 2), ((1, 4), 3), ((5, 9, 2), 1), ((0, 3), 2)):
        for dtype in (torch.float32, torch.int64, torch.uint8, torch.bool):
            x = torch.randint(0, high + 1, sizes).to(dtype)
            for dim in range(-len(sizes), len(sizes)):
                if any(s == 0 for i, s in enumerate(sizes) if i != dim % len(sizes)):
                    continue
                for inverse, counts in itertools.product((False, True), repeat=2):
                    for unique in (torch.unique, torch.unique_consecutive):
                        options = {"return_inverse": inverse, "return_counts": counts, "dim": dim}
                        actual, expected = unique(x.to(D), **options), unique(x, **options)
                        if isinstance(expected, torch.Tensor):
                            actual, expected = [actual], [expected]
                        all_same(actual, expected)
    x = torch.tensor([[1, NAN], [1, NAN], [0, 2]])
    all_same(torch.unique(x.to(D), dim=0, return_counts=True), torch.unique(x, dim=0, return_counts=True))
    all_same(torch._unique(x.to(D), True, True), torch._unique(x, True, True))
    refused(RuntimeError, "There are 0 sized dimensions", torch.unique, torch.ones(2, 0), dim=0)
    refused(IndexError, "no dimensions", torch.unique, torch.tensor(3), dim=0)


def test_nonzero_static():
    for sizes in ((7,), (3, 4), (2, 3, 5), (), (0, 2), (4, 0)):
        for dtype in (torch.float32, torch.bool, torch.int16):
            x = torch.randint(0, 2, sizes).to(dtype)
            for size, fill in ((0, -1), (1, -1), (5, 9), (40, -1)):
                same(
                    torch.nonzero_static(x.to(D), size=size, fill_value=fill),
                    torch.nonzero_static(x, size=size, fill_value=fill),
                )
    out = torch.empty(0, dtype=torch.int64, device=D)
    same(torch.nonzero_static(torch.eye(3).to(D), size=4, out=out), torch.nonzero_static(torch.eye(3), size=4))
    refused(RuntimeError, "must be an non-negative integer", torch.nonzero_static, torch.ones(3), size=-1)


def test_indices_of_triangles():
    for rows, columns in ((3, 3), (4, 7), (7, 4), (1, 5), (5, 1), (0, 3), (3, 0), (1, 1)):
        for offset in range(-8, 9):
            for function in (torch.tril_indices, torch.triu_indices):
                for dtype in (torch.int64, torch.int32):
                    same(
                        function(rows, columns, offset, dtype=dtype, device=D),
                        function(rows, columns, offset, dtype=dtype),
                    )
    for edge in (-(2**63), 2**63 - 1):  # where the CPU's count passes the edge
        same(torch.tril_indices(20, 21, edge, device=D), torch.tril_indices(20, 21, 30 if edge > 0 else -30))
        same(torch.triu_indices(20, 21, edge, device=D), torch.triu_indices(20, 21, 30 if edge > 0 else -30))
    for function in (torch.tril_indices, torch.triu_indices):
        refused(RuntimeError, "row must be non-negative", function, -1, 2, device=D)
        refused(RuntimeError, "col must be non-negative", function, 1, -2, device=D)
        refused(NotImplementedError, "Float", function, 2, 2, dtype=torch.float, device=D)
