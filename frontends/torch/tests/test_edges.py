"""Values and arguments at the edges of what an operator takes, as people's programs met them."""

import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"


def on_both(function):
    return [function(device) for device in ("cpu", D)]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("toward", [0.0, 1.0, -3.0, float("inf"), -float("inf"), float("nan")])
def test_the_next_number_of_each_half(dtype, toward):
    every = torch.arange(1 << 16, dtype=torch.int32).to(torch.int16).view(dtype)
    target = torch.full_like(every, toward)
    right = torch.nextafter(every, target)
    got = torch.nextafter(every.to(D), target.to(D)).cpu()
    same = (got == right) & (got.signbit() == right.signbit()) | got.isnan() & right.isnan()
    assert bool(same.all()), every[~same][:8]


# A mask of 0 and 255, as images have them, seen as bools.
BYTES = torch.tensor([0, 255, 1, 2, 0, 128] * 11, dtype=torch.uint8).view(torch.bool)
OF_BOOLS = {
    "not": lambda m: ~m,
    "times a number": lambda m: m * 2.0,
    "as integers": lambda m: m.int(),
    "as f32": lambda m: m.float(),
    "equal to true": lambda m: m == torch.ones_like(m),
    "xor": lambda m: m ^ torch.ones_like(m),
    "and": lambda m: m & torch.ones_like(m),
    "running sum": lambda m: m.cumsum(0),
    "sum": lambda m: m.sum(),
    "mean": lambda m: m.float().mean(),
    "any of rows": lambda m: m.view(11, 6).any(1),
    "all of columns": lambda m: m.view(11, 6).all(0),
    "sum of columns": lambda m: m.view(11, 6).sum(0),
    "where": lambda m: torch.where(m, 1.0, 2.0),
    "masked_fill": lambda m: torch.zeros(len(m), device=m.device).masked_fill(m, 1.0),
    "unique": lambda m: m.unique().int(),
    "sort": lambda m: m.sort(stable=True)[1],
    "nonzero": lambda m: m.nonzero(),
    "counted": lambda m: m.count_nonzero(),
    "transposed": lambda m: (m.view(11, 6).t() * 1).contiguous(),
    "one for all": lambda m: m[1].expand(5) * 3,
    "largest": lambda m: m.int().argmax(),
    "product": lambda m: m.view(11, 6).float() @ torch.ones(6, 2, device=m.device),
    "attention": lambda m: F.scaled_dot_product_attention(
        *(torch.linspace(-1, 1, 48, device=m.device).view(1, 1, 6, 8) for _ in range(3)), m[:36].view(6, 6) | True
    ),
}


@pytest.mark.parametrize("name", OF_BOOLS)
def test_every_byte_but_zero_is_true(name):
    right, got = on_both(lambda device: OF_BOOLS[name](BYTES.to(device)))
    torch.testing.assert_close(got.cpu(), right)


def test_integers_are_drawn_from_ranges_of_any_width():
    low, high = -(2**63), 2**63 - 1
    for draw in (
        lambda: torch.randint(low, high, (4000,), device=D),
        lambda: torch.empty(4000, dtype=torch.int64, device=D).random_(low, None),
    ):
        values = draw().cpu().double() / 2**63
        assert values.unique().numel() > 3900
        assert abs(values.mean().item()) < 0.05 and abs(values.std().item() - 3**-0.5) < 0.05
    values = torch.randint(low, 2**62, (4000,), device=D).cpu().double() / 2**63
    assert values.min() < -0.99 and 0.49 < values.max() < 0.5
    positive = torch.randint(0, high, (4000,), device=D).cpu().double() / 2**63
    assert positive.min() >= 0 and abs(positive.mean().item() - 0.5) < 0.05


def test_distances_of_rows_that_hold_an_infinity_have_slopes():
    def slopes(device):
        x = torch.tensor([[1.0, 2.0], [float("inf"), 3.0], [4.0, 5.0]], device=device, requires_grad=True)
        torch.pdist(x, p=1.0).backward(torch.tensor([1.0, 2.0, 3.0], device=device))
        return x.grad.cpu()

    right, got = on_both(slopes)
    torch.testing.assert_close(got, right, equal_nan=True)


def test_rows_of_powers_of_a_negative_base():
    right, got = on_both(lambda device: torch.logspace(0, 3, 4, -2.0, device=device))
    torch.testing.assert_close(got.cpu(), right)


@pytest.mark.parametrize("correction", [float("nan"), float("inf"), -float("inf"), 4.0])
def test_variances_whose_divisor_is_no_number(correction):
    x = torch.tensor([[1.0, 2.0, 4.0], [3.0, 3.0, 3.0]])
    expected, got = on_both(lambda device: x.to(device).var(1, correction=correction).cpu())
    torch.testing.assert_close(got, expected, equal_nan=True)


def test_bounds_of_rows_of_integers_are_integers():
    for start, end in ((1.07, 0.0), (0.9, 9.9), (-3.7, 2.2), (2.5, 2.9)):
        expected, got = on_both(lambda device: torch.linspace(start, end, 7, dtype=torch.int32, device=device).cpu())
        assert torch.equal(got, expected), (start, end)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.bfloat16, torch.int64, torch.int8, torch.uint8, torch.bool], ids=str
)
def test_new_memory_in_deterministic_mode(dtype):
    torch.use_deterministic_algorithms(True)
    try:
        for make in (
            lambda d: torch.empty(5, dtype=dtype, device=d),
            lambda d: torch.empty_strided((2, 3), (1, 2), dtype=dtype, device=d),
            lambda d: torch.empty_like(torch.zeros(4, dtype=dtype, device=d)),
            lambda d: torch.zeros(2, dtype=dtype, device=d).resize_(6),
        ):
            expected, got = on_both(lambda device: make(device).cpu())
            assert torch.equal(expected.isnan(), got.isnan())
            assert torch.equal(expected[~expected.isnan()], got[~got.isnan()])
    finally:
        torch.use_deterministic_algorithms(False)


def test_a_mask_is_filled_with_an_element_of_the_tensor_itself():
    right, got = on_both(
        lambda device: (lambda x: x.masked_fill_(x > 5, x[0, 3]))(torch.arange(12.0, device=device).view(3, 4))
    )
    assert torch.equal(got.cpu(), right)


@pytest.mark.parametrize("part", [torch.tril, torch.triu], ids=["tril", "triu"])
def test_triangles_of_more_axes_than_the_engine_has(part):
    x = torch.arange(2.0**10).view([2] * 10)
    got = part(x.to(D), 0)
    assert torch.equal(got.cpu(), part(x, 0)) and got.is_contiguous()


def test_the_largest_of_bags_of_no_rows_has_no_gradient():
    weight = torch.zeros(0, 1, device=D, requires_grad=True)
    bags = F.embedding_bag(torch.zeros(0, dtype=torch.int64, device=D), weight, torch.tensor([0], device=D), mode="max")
    bags.sum().backward()
    assert weight.grad.shape == (0, 1)


def test_indices_of_bags_may_be_narrower_than_offsets():
    def run(device):
        weight = torch.linspace(-1, 1, 21).view(7, 3).to(device).requires_grad_()
        share = torch.linspace(0, 1, 5, device=device, requires_grad=True)
        indices = torch.tensor([5, 1, 6, 5, 6], dtype=torch.int16, device=device)
        bags = F.embedding_bag(
            indices, weight, torch.tensor([0, 3], device=device), mode="sum", per_sample_weights=share
        )
        bags.square().sum().backward()
        return [x.detach().cpu() for x in (bags, weight.grad, share.grad)]

    torch.testing.assert_close(run(D), run("cpu"))


def shrunk():
    x = torch.zeros(4096, device=D)
    x.untyped_storage().resize_(64)
    return x


REFUSED = {
    "a view past its storage, written": (
        lambda: shrunk().fill_(99.0),
        "needs 16384 bytes of its storage, which has 64",
    ),
    "a view past its storage, read": (lambda: shrunk().sum(), "needs 16384 bytes of its storage, which has 64"),
    "negative strides": (
        lambda: torch.ones(2, device=D).set_(torch.ones(4, device=D).untyped_storage(), 2, (3,), (-1,)),
        "Negative strides are not supported",
    ),
    "put_ of itself": (
        lambda: (lambda x: x.put_(torch.tensor([3, 2, 1, 0], device=D), x))(torch.arange(4.0, device=D)),
        "refer to a single memory location",
    ),
    "a window without steps": (
        lambda: F.max_pool3d(torch.ones(1, 2, 3, 6, 5, device=D), 3, 2, dilation=0),
        "dilation should be greater than zero",
    ),
    "a dilation of 2^32 + 1, which is 1 in 32 bits": (
        lambda: F.conv1d(torch.ones(1, 1, 9, device=D), torch.ones(1, 1, 2, device=D), dilation=2**32 + 1),
        "got 4294967297|greater than",
    ),
    "a sorter of other sizes": (
        lambda: torch.searchsorted(
            torch.ones(3, device=D), torch.ones(2, device=D), sorter=torch.zeros(2, dtype=torch.int64, device=D)
        ),
        "boundary and sorter must have the same size",
    ),
    "a sorter of bytes": (
        lambda: torch.searchsorted(
            torch.ones(2, device=D), torch.ones(2, device=D), sorter=torch.zeros(2, dtype=torch.uint8, device=D)
        ),
        "sorter must be a tensor of long dtype but got dtype Byte",
    ),
    "two of a tensor without axes": (
        lambda: torch.ones((), device=D).index_select(0, torch.zeros(2, dtype=torch.int64, device=D)),
        r"Index to scalar can have only 1 value, got 2 value\(s\)",
    ),
    "weights of a bag in another dtype": (
        lambda: F.embedding_bag(
            torch.zeros(1, 2, dtype=torch.int64, device=D),
            torch.ones(3, 4, device=D),
            mode="sum",
            per_sample_weights=torch.ones(1, 2, dtype=torch.int64, device=D),
        ),
        "same type as tensor for argument #1 'per_sample_weights'",
    ),
    "a divisor of 2^32 + 3": (
        lambda: F.avg_pool2d(torch.ones(1, 1, 4, 4, device=D), 2, divisor_override=2**32 + 3),
        "got 4294967299",
    ),
    "a grid over an image of no pixels": (
        lambda: F.grid_sample(torch.ones(2, 0, 0, 0, device=D), torch.ones(2, 0, 0, 2, device=D), align_corners=False),
        "non-empty spatial dimensions",
    ),
    "a batch that was left on the CPU": (
        lambda: torch.nn.Linear(3, 2).to(D)(torch.randn(4, 3)),
        r"same device, but found at least two devices, lineshaft:0 and cpu! Move what is on cpu with .to\(\"lineshaft:0\"\)",
    ),
    "the device's generator for numbers on the CPU": (
        lambda: torch.randperm(10, generator=torch.Generator(D)),
        "Expected a 'cpu' device type for generator but found 'lineshaft'",
    ),
    "an image that was left on the CPU": (
        lambda: torch.nn.Conv2d(3, 4, 3).to(D)(torch.randn(1, 3, 8, 8)),
        r"same device, but found at least two devices, lineshaft:0 and cpu!",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    call, message = REFUSED[name]
    with pytest.raises(RuntimeError, match=message):
        call()
    assert (torch.ones(3, device=D) * 2).tolist() == [2.0] * 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("options", [{"fused": True}, {}], ids=str)
def test_adams_steps_are_as_exact_as_their_dtype(dtype, options):
    """1 - beta of a beta that was rounded to f32 has four digits."""

    def trained(device, dtype, **options):
        weight = torch.nn.Parameter(torch.linspace(-1, 1, 7, dtype=dtype, device=device))
        optimizer = torch.optim.Adam([weight], 0.1, **options)
        for _ in range(3):
            weight.grad = weight.detach() * 0.3 + 0.1
            optimizer.step()
        return weight.detach().cpu().double()

    error = (trained(D, dtype, **options) - trained("cpu", torch.float64)).abs().max().item()
    assert error < 4 * torch.finfo(dtype).eps
