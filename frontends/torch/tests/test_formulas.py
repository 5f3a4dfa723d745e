"""Single formulas whose results were wrong without a word, each against its right value."""

import math

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
HALVES = (torch.float16, torch.bfloat16)


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


@pytest.mark.parametrize("dtype", (*HALVES, torch.float32, torch.float64))
def test_rms_norm_without_eps(dtype):
    """The epsilon is that of the type which the norm is computed in: f32's for f16 and bf16."""
    x = torch.full((1, 4), 0.05, dtype=dtype)
    small = torch.tensor([[1e-3, -2e-3, 3e-3, 1e-3]], dtype=dtype)
    for given in (x, small):
        expected = F.rms_norm(
            given.double(), (4,), eps=torch.finfo(torch.float64 if dtype == torch.float64 else torch.float32).eps
        )
        for weight in (None, torch.ones(4, dtype=dtype)):
            actual = F.rms_norm(given.to(D), (4,), None if weight is None else weight.to(D))
            torch.testing.assert_close(actual.cpu().double(), expected, rtol=2 * torch.finfo(dtype).eps + 1e-6, atol=0)
    assert nn_rms_norm(dtype) == pytest.approx(1, rel=0.05)


def nn_rms_norm(dtype):
    layer = torch.nn.RMSNorm(4, device=D, dtype=dtype)
    return layer(torch.full((1, 4), 0.05, dtype=dtype, device=D))[0, 0].item()


@pytest.mark.parametrize("dtype", HALVES)
def test_a_deviation_is_rounded_once(dtype):
    far = torch.tensor([-400.0, 400.0], dtype=dtype)
    near = torch.tensor([1e-4, 2e-4, 3e-4, 5e-4], dtype=dtype)
    for x in (far, near):
        expected = x.double().std().to(dtype)
        for actual in (x.to(D).std(), torch.std_mean(x.to(D))[0], torch.std(x.to(D), 0, correction=1)):
            torch.testing.assert_close(actual.cpu(), expected, rtol=2 * torch.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("dtype", HALVES)
def test_a_row_that_is_used_often_gets_its_whole_gradient(dtype):
    """1000 ones in bf16, added one after another, stay at 256."""
    for layer in (
        torch.nn.Embedding(3, 4, dtype=dtype, device=D),
        torch.nn.EmbeddingBag(3, 4, mode="sum", dtype=dtype, device=D),
    ):
        layer(torch.ones(10, 100, dtype=torch.long, device=D)).sum().backward()
        assert layer.weight.grad[1].tolist() == [1000.0] * 4
    bag = torch.nn.EmbeddingBag(3, 4, mode="sum", dtype=dtype, device=D)
    torch.nn.init.ones_(bag.weight)
    assert bag(torch.ones(1, 1000, dtype=torch.long, device=D)).tolist() == [[1000.0] * 4]


def attention(query, key, value, mask):
    with torch.nn.attention.sdpa_kernel(
        [torch.nn.attention.SDPBackend.MATH]
        if query.device.type == "cpu"
        else [torch.nn.attention.SDPBackend.OVERRIDEABLE]
    ):
        out = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return [
        out,
        *torch.autograd.grad(
            out,
            (query, key, value),
            torch.cos(torch.arange(out.numel(), device=out.device)).view(out.shape).to(out.dtype),
        ),
    ]


@pytest.mark.parametrize("queries, keys", ((3, 5), (300, 2), (2, 600), (257, 513)))
@pytest.mark.parametrize("lowest", (torch.finfo(torch.float32).min, -1e9, -1e4, torch.finfo(torch.bfloat16).min))
def test_attention_of_a_row_without_a_key(queries, keys, lowest):
    """An additive mask of the dtype's minimum in a whole row leaves equal weights, in the gradient too."""
    torch.manual_seed(0)
    host = [torch.randn(1, 2, n, 4, requires_grad=True) for n in (queries, keys, keys)]
    mask = torch.zeros(1, 1, queries, keys)
    mask[..., 0, :] = mask[..., queries // 2, :] = lowest
    mask[..., 1, 1:] = lowest
    expected = attention(*host, mask)
    actual = attention(*(t.detach().to(D).requires_grad_() for t in host), mask.to(D))
    # Beside -1e4 an f32 holds a score to 2^-10 only.
    tolerance = 2e-3 if lowest == -1e4 else 1e-4
    for a, e in zip(actual, expected):
        torch.testing.assert_close(a.cpu(), e, rtol=tolerance, atol=tolerance)


def test_the_index_of_a_largest_value_that_is_nan():
    nan = math.nan
    x = torch.tensor([[1, nan, 3, nan, nan, 2.0, 5, 4]])
    for size in (2, 3, 8):
        for pool in (
            lambda t: F.max_pool1d(t, size, 1, return_indices=True),
            lambda t: F.max_pool2d(t.view(1, 2, 4), (2, size // 2), 1, return_indices=True),
            lambda t: F.adaptive_max_pool1d(t, 2, return_indices=True),
        ):
            (values, indices), (expected, where) = pool(x.to(D)), pool(x)
            assert indices.tolist() == where.tolist()
            torch.testing.assert_close(values.cpu(), expected, equal_nan=True)


def test_positions():
    """Against as many boundaries as there are, of each dtype, and mixtures of dtypes."""
    for size in (0, 1, 2, 3, 7, 8, 9, 1000):
        for dtype in (torch.float32, torch.int64, torch.float16, torch.uint8):
            b = torch.randint(0, 200, (size,)).sort().values.to(dtype)
            values = torch.randint(0, 220, (4, 50)).to(dtype)
            for right in (False, True):
                expected = torch.searchsorted(b, values, right=right)
                assert torch.searchsorted(b.to(D), values.to(D), right=right).tolist() == expected.tolist()
    b = torch.tensor([1, 2, 3])
    for number in (2, 2.5, 3.5):
        assert torch.searchsorted(b.to(D), number).item() == torch.searchsorted(b, number).item()
    wide = torch.tensor([1.5, 2.0, 2.5], dtype=torch.float64)
    assert torch.bucketize(wide.to(D), b.to(D)).tolist() == torch.bucketize(wide, b).tolist()
    rows, columns = torch.arange(24.0).view(2, 3, 4), torch.rand(5, 3, 2).mul(24).permute(2, 1, 0)
    expected = torch.searchsorted(rows, columns.contiguous())
    assert torch.searchsorted(rows.to(D), columns.to(D)).tolist() == expected.tolist()
    many_axes, deep = torch.rand(2, 1, 2, 1, 2, 1, 2, 1, 3).mul(48), torch.arange(48.0).view(2, 1, 2, 1, 2, 1, 2, 1, 3)
    for b in (deep, rows[1, 1]):
        assert torch.searchsorted(b.to(D), many_axes.to(D)).tolist() == torch.searchsorted(b, many_axes).tolist()
    unsorted, values = torch.tensor([[3.0, 1, 2], [9, 8, 7]]), torch.tensor([[2.0, 0, 5], [8, 7, 9]])
    order = unsorted.argsort(1)
    expected = torch.searchsorted(unsorted, values, sorter=order, out_int32=True)
    actual = torch.searchsorted(unsorted.to(D), values.to(D), sorter=order.to(D), out_int32=True)
    assert actual.tolist() == expected.tolist() and actual.dtype == torch.int32


def test_positions_of_nan():
    nan, inf = math.nan, math.inf
    values = torch.tensor([nan, inf, -inf, 0.0, 1.0, 1.5, 2.0, 3.0])
    mixed = [[*numbers, *[nan] * count] for numbers in ([], [0.0], [0.0, 1.0], [0.0, 1.0, 2.0]) for count in range(6)]
    for boundaries in mixed:
        b = torch.tensor(boundaries)
        for right in (False, True):
            expected = torch.searchsorted(b, values, right=right)
            assert torch.searchsorted(b.to(D), values.to(D), right=right).tolist() == expected.tolist()
            assert torch.bucketize(values.to(D), b.to(D), right=right).tolist() == expected.tolist()
            rows, many = b.repeat(2, 1).contiguous(), values.repeat(2, 1).contiguous()
            assert torch.searchsorted(rows.to(D), many.to(D), right=right).tolist() == [expected.tolist()] * 2


@pytest.mark.parametrize(
    "function",
    (torch.abs, F.relu6, F.hardtanh, F.hardshrink, F.softshrink, F.elu, F.selu, F.celu, lambda t: t.norm(math.inf)),
)
def test_gradients_at_nan(function):
    x = torch.full((64,), math.nan)
    x[1::2] = 0.75
    here, there = x.clone().requires_grad_(), x.to(D).requires_grad_()
    function(here).sum().backward()
    function(there).sum().backward()
    torch.testing.assert_close(there.grad.cpu(), here.grad, equal_nan=True)


def test_lists_are_promoted_as_tensors_are():
    half, wide = torch.ones(3, dtype=torch.float16, device=D), torch.ones((), device=D)
    assert torch._foreach_addcmul([half], [wide], [half])[0].dtype == torch.float16
    assert torch.addcdiv(half, wide, half).dtype == torch.float16
    assert torch.addcmul(half, half, torch.ones(3, device=D)).dtype == torch.float32
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type Byte"):
        torch._foreach_mul_([torch.ones(3, dtype=torch.uint8, device=D)], 1.5)


@pytest.mark.parametrize("order", (1, 2, 5, 34, 63, 64, 65, 70, 101, 150, 170, 171, 1000))
def test_polygamma_of_high_orders(order):
    x = torch.tensor([0.5, 0.9, 1.0, 3.0, 10.0, 50.0], dtype=torch.float64)
    torch.testing.assert_close(
        torch.polygamma(order, x.to(D)).cpu(), torch.polygamma(order, x), rtol=1e-9, atol=0, equal_nan=True
    )
    # What the CPU's series gives for negative numbers, where one term outweighs all.
    if 64 < order < 171:
        x = torch.tensor([-0.5, -0.3, -1.2, -7.5, -9.9], dtype=torch.float64)
        sign = 1 if order % 2 else -1
        exact = torch.tensor(
            [sign * math.fsum((v + k) ** -(order + 1) for k in range(40)) for v in x.tolist()], dtype=torch.float64
        )
        scale = math.exp(math.lgamma(order + 1) - 300) if order > 140 else math.exp(math.lgamma(order + 1))
        scaled = torch.polygamma(order, x.to(D)).cpu()
        if order > 140:
            scaled = scaled * math.exp(-300)
        fits = (exact * scale).isfinite() & scaled.isfinite()
        assert fits.any()
        torch.testing.assert_close(scaled[fits], (exact * scale)[fits], rtol=1e-9, atol=0)
