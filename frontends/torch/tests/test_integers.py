"""Integers where most of PyTorch takes floats: pooling, convolution, images of bytes, shifts, divisors."""

import itertools
import random

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    random.seed(0)
    yield


def same(actual, expected, **tolerance):
    assert actual.device.type == D
    torch.testing.assert_close(actual.cpu(), expected, **(tolerance or {"rtol": 0, "atol": 0}))


def integers(dtype, *sizes):
    limits = torch.iinfo(dtype)
    return torch.randint(max(limits.min, -1000), min(limits.max, 1000), sizes).to(dtype)


def test_average_pooling():
    assert F.avg_pool1d(torch.arange(8).view(1, 8).to(D), 2).cpu().tolist() == [[0, 2, 4, 6]]
    for pool, spatial in ((F.avg_pool1d, 1), (F.avg_pool2d, 2), (F.avg_pool3d, 3)):
        for kernel, stride, padding in ((2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 1)):
            for ceil, count in itertools.product((False, True), repeat=2):
                x = integers(torch.int64, 2, 3, *[7, 6, 5][:spatial])
                same(pool(x.to(D), kernel, stride, padding, ceil, count), pool(x, kernel, stride, padding, ceil, count))
    x = integers(torch.int64, 2, 3, 6, 6)
    for divisor in (3, -5):
        same(F.avg_pool2d(x.to(D), 2, divisor_override=divisor), F.avg_pool2d(x, 2, divisor_override=divisor))
    far = torch.full((1, 1, 4, 4), 2**62)
    same(F.avg_pool2d(far.to(D), 2), F.avg_pool2d(far, 2))
    last = x.to(memory_format=torch.channels_last)
    same(F.avg_pool2d(last.to(D), 3), F.avg_pool2d(last, 3))
    # Maxima are integers' own, up to the largest.
    large = torch.randint(-(2**63), 2**63 - 1, (1, 2, 9, 9))
    for actual, expected in zip(
        F.max_pool2d(large.to(D), 3, return_indices=True), F.max_pool2d(large, 3, return_indices=True)
    ):
        same(actual, expected)


def test_pooling_refuses_what_pytorch_refuses():
    for dtype in (torch.int32, torch.uint8, torch.bool):
        with pytest.raises(NotImplementedError, match="not implemented for"):
            F.avg_pool2d(torch.ones(1, 1, 4, 4, dtype=dtype, device=D), 2)
    for dtype in (*INTEGERS, torch.bool):
        with pytest.raises(NotImplementedError, match="not implemented for"):
            F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4, dtype=dtype, device=D), 3)
        with pytest.raises(NotImplementedError, match="not implemented for"):
            F.adaptive_avg_pool2d(torch.ones(1, 1, 4, 4, dtype=dtype, device=D), 2)
    with pytest.raises(NotImplementedError, match="not implemented for"):
        F.max_pool2d(torch.ones(1, 1, 4, 4, dtype=torch.bool, device=D), 2)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_convolution(dtype):
    """Against the same sums in i64, as PyTorch's CPU takes fewer dtypes and geometries."""
    wide = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
    turned = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
    for spatial, groups, stride, padding, dilation in ((1, 1, 1, 0, 1), (1, 2, 2, 3, 2), (2, 1, 1, 1, 1), (2, 2, 2, 1, 1),
                                                      (2, 4, 1, 0, 2), (3, 1, 2, 1, 1), (3, 2, 1, 1, 1)):  # fmt: skip
        size, kernel = [9, 8, 7][:spatial], [3, 2, 3][:spatial]
        x, w, b = integers(dtype, 2, 4, *size), integers(dtype, 8, 4 // groups, *kernel), integers(dtype, 8)
        for bias in (None, b):
            actual = wide[spatial](
                x.to(D), w.to(D), None if bias is None else bias.to(D), stride, padding, dilation, groups
            )
            expected = wide[spatial](
                x.double(), w.double(), None if bias is None else b.double(), stride, padding, dilation, groups
            )
            same(actual, expected.long().to(dtype))
        w = integers(dtype, 4, 6 // groups if groups < 4 else 2, *kernel)
        extra = 1 if stride > 1 else 0
        actual = turned[spatial](x.to(D), w.to(D), None, stride, padding, extra, groups, dilation)
        expected = turned[spatial](x.double(), w.double(), None, stride, padding, extra, groups, dilation)
        same(actual, expected.long().to(dtype))
    x, w = torch.full((1, 1, 3, 3), 2**62, dtype=torch.int64), torch.full((1, 1, 2, 2), 3)
    same(F.conv2d(x.to(D), w.to(D)), F.conv2d(x, w))
    last = integers(dtype, 2, 4, 6, 6).to(memory_format=torch.channels_last)
    w = integers(dtype, 3, 4, 1, 1)
    same(F.conv2d(last.to(D), w.to(D)), F.conv2d(last, w))
    # The stride of an axis of one element may be anything.
    x, w = integers(dtype, 2, 1, 6, 6), integers(dtype, 3, 1, 3, 1)
    strange = torch.empty_strided(x.shape, (36, 1, 6, 1), dtype=dtype, device=D).copy_(x)
    same(F.conv2d(strange, w.to(D), padding=(0, 2)), F.conv2d(x.double(), w.double(), padding=(0, 2)).long().to(dtype))
    same(F.conv2d(strange, w.to(D)), F.conv2d(x.double(), w.double()).long().to(dtype))
    with pytest.raises(NotImplementedError, match="not implemented for 'Bool'"):
        F.conv2d(torch.ones(1, 1, 3, 3, dtype=torch.bool, device=D), torch.ones(1, 1, 2, 2, dtype=torch.bool, device=D))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic"])
def test_images_of_bytes(mode):
    """Bit for bit."""
    smooth = mode.startswith("bi")
    for channels, size in itertools.product((1, 3, 5), ((5, 7), (2, 9), (16, 12))):
        x = torch.randint(0, 256, (2, channels, *size), dtype=torch.uint8)
        for image in (x, x.to(memory_format=torch.channels_last)):
            # PyTorch's CPU is wrong where over four channels get a width of 1.
            for to in ((10, 14), (3, 4), (7, 1) if channels < 5 else (1, 7), (33, 5)):
                for align, antialias in ((False, False), (True, False), (False, True)):
                    if (align or antialias) and not smooth:
                        continue
                    options = {"align_corners": align} if smooth else {}
                    if antialias:
                        options["antialias"] = True
                    same(
                        F.interpolate(image.to(D), to, mode=mode, **options),
                        F.interpolate(image, to, mode=mode, **options),
                    )
            for factor in (0.7, 1.05, 1.9):
                same(
                    F.interpolate(image.to(D), scale_factor=factor, mode=mode),
                    F.interpolate(image, scale_factor=factor, mode=mode),
                )
    if smooth:
        with pytest.raises(NotImplementedError, match="bytes for bilinear and bicubic"):
            F.interpolate(torch.ones(1, 1, 4, 4, dtype=torch.int32, device=D), 8, mode=mode)
    with pytest.raises(NotImplementedError, match="bytes for bilinear and bicubic"):
        F.interpolate(torch.ones(1, 1, 4, dtype=torch.uint8, device=D), 8, mode="linear")


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_shifts(dtype):
    x = integers(dtype, 200)
    for by in (0, 1, 3, 7, 8, 15, 40, 70):
        same(x.to(D) << by, x << by)
        same(x.to(D) >> by, x >> by)
        for name in ("__lshift__", "__rshift__", "__ilshift__", "__irshift__"):
            same(getattr(x.clone().to(D), name)(by), getattr(x.clone(), name)(by))
    by = torch.randint(0, 12, (200,)).to(dtype)
    for name in ("__lshift__", "__rshift__", "__ilshift__", "__irshift__", "bitwise_left_shift_"):
        same(getattr(x.clone().to(D), name)(by.to(D)), getattr(x.clone(), name)(by))
    same(torch.remainder(1000 if dtype not in (torch.int8, torch.uint8) else 100, (x | 1).to(D)),
         torch.remainder(1000 if dtype not in (torch.int8, torch.uint8) else 100, x | 1))  # fmt: skip
    with pytest.raises(NotImplementedError):
        torch.ones(2, device=D) << 1


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_divisors(dtype):
    """Numbers at the edges of a dtype too, where the smallest one keeps its sign, as there is no other of its size."""
    limits = torch.iinfo(dtype)
    edges = [limits.min, limits.min + 1, limits.max, limits.max - 1, 0, 1, 2, 6, 12, 64, 97]
    if dtype.is_signed:
        edges += [-1, -2, -6, -97, limits.min // 2]
    x = torch.tensor(edges).to(dtype)
    # Neighbours in Fibonacci's sequence take the most steps.
    fibonacci = [1, 1]
    while fibonacci[-1] + fibonacci[-2] <= limits.max:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    a = torch.cat([x.repeat_interleave(len(x)), torch.tensor(fibonacci[1:]).to(dtype), integers(dtype, 200)])
    b = torch.cat([x.repeat(len(x)), torch.tensor(fibonacci[:-1]).to(dtype), integers(dtype, 200)])
    same(torch.gcd(a.to(D), b.to(D)), torch.gcd(a, b))
    same(a.to(D).clone().gcd_(b.to(D)), torch.gcd(a, b))
    # The CPU's process ends where it divides the smallest number by the divisor -1.
    fits = torch.gcd(a, b) != -1
    same(torch.lcm(a[fits].to(D), b[fits].to(D)), torch.lcm(a[fits], b[fits]))
    torch.lcm(a.to(D), b.to(D)).cpu()
    same(torch.gcd(x.to(D), torch.zeros_like(x).to(D)), torch.gcd(x, torch.zeros_like(x)))


@pytest.mark.parametrize("dtype", INTEGERS)
def test_a_division_by_zero_is_no_error(dtype):
    """docs/guides/troubleshooting.md says so; PyTorch's CPU raises."""
    x, zero = torch.tensor([7, -7, 0]).to(dtype).to(D), torch.zeros(3, dtype=dtype, device=D)
    negative = 0 if dtype == torch.uint8 else -1
    for divisor in (0, zero):
        assert (x // divisor).tolist() == [0, negative, 0]
        assert torch.div(x, divisor, rounding_mode="trunc").tolist() == [0, 0, 0]
        for remainder in (x % divisor, torch.remainder(x, divisor), torch.fmod(x, divisor)):
            assert remainder.tolist() == [0, 0, 0]


def test_divisors_of_two_dtypes():
    a, b = torch.tensor([12, -18, 0, 127], dtype=torch.int8), torch.tensor([[300], [-45]], dtype=torch.int32)
    for function in (torch.gcd, torch.lcm):
        same(function(a.to(D), b.to(D)), function(a, b))
        out = torch.empty(0, dtype=torch.int64, device=D)
        same(function(a.to(D), b.to(D), out=out), function(a, b).long())
        for dtype in (torch.float32, torch.bool):
            with pytest.raises(NotImplementedError, match="not implemented for"):
                function(torch.ones(2, dtype=dtype, device=D), torch.ones(2, dtype=dtype, device=D))
