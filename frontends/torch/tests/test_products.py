"""Products and 1x1 convolutions whose matrices are degenerate: no rows, one column, strides that say nothing."""

import itertools
import random

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    random.seed(0)
    yield


def laid_out(values, order):
    """The same values, the last axis of `order` next to one another."""
    memory = values.permute(order).contiguous()
    back = [order.index(i) for i in range(values.dim())]
    return memory.permute(back)


def odd_strides(values):
    """Axes of one element with strides that no library accepts: nothing may look at them."""
    strides = [
        random.choice([0, 1, 3, 10**6]) if size == 1 else step for size, step in zip(values.shape, values.stride())
    ]
    return values.as_strided(values.shape, strides)


def variants(sizes, dtype):
    values = torch.randint(-4, 5, sizes).to(dtype)
    for order in itertools.permutations(range(len(sizes))):
        yield laid_out(values, order)
    yield torch.randint(-4, 5, [2 * s for s in sizes]).to(dtype)[tuple(slice(0, 2 * s, 2) for s in sizes)]
    yield values[tuple(slice(0, 1) if i == 0 else slice(None) for i in range(len(sizes)))].expand(sizes)


def moved(tensor):
    """On the device, with the same strides."""
    strides = tensor.stride()
    reach = 1 + sum((size - 1) * step for size, step in zip(tensor.shape, strides)) if tensor.numel() else 0
    memory = torch.zeros(max(reach, 1), dtype=tensor.dtype)
    if tensor.numel():
        once = tuple(slice(0, 1) if step == 0 else slice(None) for step in strides)
        memory.as_strided(tensor.shape, strides)[once].copy_(tensor[once])
    return memory.to(D).as_strided(tensor.shape, strides)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int32, torch.float64], ids=str)
def test_degenerate_products(dtype):
    shapes = [s for s in itertools.product((0, 1, 2, 5), repeat=3) if s != (5, 5, 5)] + [
        (1, 33, 70),
        (70, 1, 33),
        (1, 1, 300),
        (33, 70, 1),
    ]
    for m, k, n in shapes:
        for a, b in itertools.product(variants((m, k), dtype), variants((k, n), dtype)):
            if random.random() > 0.3:
                continue
            expected = (a.double() @ b.double()).to(dtype)
            actual = moved(odd_strides(a)) @ moved(odd_strides(b))
            torch.testing.assert_close(
                actual.cpu(), expected, msg=lambda t: f"{m}x{k}x{n} {a.stride()} {b.stride()}: {t}"
            )
    for batch, m, k, n in ((3, 1, 4, 1), (1, 1, 1, 1), (3, 5, 1, 4), (2, 1, 6, 5), (0, 2, 3, 4), (4, 5, 0, 2)):
        for a, b in zip(variants((batch, m, k), dtype), variants((batch, k, n), dtype)):
            expected = torch.bmm(a.double(), b.double()).to(dtype)
            actual = torch.bmm(moved(odd_strides(a)), moved(odd_strides(b)))
            torch.testing.assert_close(actual.cpu(), expected)


def test_pointwise_convolutions():
    """All layouts, with one channel or feature and more, forward and backward."""
    last = torch.channels_last
    for images, channels, features, size in itertools.product(
        (1, 2, 3), (1, 3, 32), (1, 5), ((1, 1), (1, 6), (8, 1), (5, 7))
    ):
        for x_last, w_last, g_last in itertools.product((False, True), repeat=3):
            x = torch.randint(-3, 4, (images, channels, *size)).float()
            w = torch.randint(-3, 4, (features, channels, 1, 1)).float()
            g = torch.randint(-3, 4, (images, features, *size)).float()
            x, w, g = (
                t.contiguous(memory_format=last) if is_last else t
                for t, is_last in ((x, x_last), (w, w_last), (g, g_last))
            )
            x, w = odd_strides(x), odd_strides(w)
            results = []
            for place in (moved, lambda t: t.clone()):
                a, b, c = (
                    place(x).requires_grad_(),
                    place(w).requires_grad_(),
                    torch.ones(features, device=place(x).device).requires_grad_(),
                )
                y = F.conv2d(a, b, c)
                y.backward(place(g))
                results.append([t.detach().cpu() for t in (y, a.grad, b.grad, c.grad)])
            for actual, expected in zip(*results):
                torch.testing.assert_close(
                    actual, expected, msg=lambda t: f"{tuple(x.shape)} {features} {x.stride()} {w.stride()}: {t}"
                )


def test_pointwise_convolution_of_a_depth_map():
    """DPT's head: 32 channels to one, channels-last, a batch over 1."""
    conv = torch.nn.Conv2d(32, 1, 1).to(memory_format=torch.channels_last)
    x = torch.randn(2, 32, 64, 64).contiguous(memory_format=torch.channels_last)
    grads = []
    for device in ("cpu", D):
        layer = torch.nn.Conv2d(32, 1, 1).to(device, memory_format=torch.channels_last)
        layer.load_state_dict(conv.state_dict())
        layer(x.to(device)).square().mean().backward()
        grads.append([p.grad.cpu() for p in layer.parameters()])
    for expected, actual in zip(*grads):
        torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("shape", ["dot", "mm", "bmm", "out"])
def test_long_dot_products_keep_their_digits(dtype, shape):
    """Products of one sign, added one after the other in the dtype, are rounded one way each time."""
    length = 300_000
    a = torch.tensor([0.1, 0.3]).repeat(length // 2).to(dtype)
    b = torch.tensor([0.03, 0.01]).repeat(length // 2).to(dtype)
    call = {
        "dot": lambda a, b: torch.dot(a, b),
        "mm": lambda a, b: torch.mm(a[None], b[:, None]),
        "bmm": lambda a, b: torch.bmm(a.expand(2, 1, -1), b[:, None].expand(2, -1, 1)),
        "out": lambda a, b: torch.mm(a[None], b[:, None], out=torch.empty(1, 1, dtype=dtype, device=a.device)),
    }[shape]
    right = (a.double() * b.double()).sum()
    got = call(a.to(D), b.to(D))
    assert got.dtype == dtype
    torch.testing.assert_close(
        got.double().cpu(),
        right.expand(got.shape),
        rtol=4 * torch.finfo(dtype).eps + (1e-13 if dtype == torch.float64 else 2e-7),
        atol=0,
    )
