"""Resampling where numbers are no finite ones: points at infinite coordinates, and NaN beside taps of weight 0."""

import math

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
NAN, INF = math.nan, math.inf
POINTS = [[INF, 0.0], [-INF, 0.0], [NAN, 0.0], [1e25, 0.0], [0.0, INF], [INF, -INF], [3e9, 0.3], [-3e9, 0.3], [0.3, NAN], [0.3, -0.6]]  # fmt: skip


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def sampled(device, axes, mode, padding, corners, gradient, dtype):
    image = torch.arange(1, 1 + 4 * 3**axes, dtype=dtype).reshape(2, 2, *[3] * axes).to(device).requires_grad_()
    points = torch.tensor(POINTS if axes == 2 else [[*p, 0.2] for p in POINTS], dtype=dtype)
    grid = points.reshape(1, *[1] * (axes - 1), -1, axes).repeat(2, *[1] * (axes + 1)).to(device).requires_grad_()
    out = F.grid_sample(image, grid, mode=mode, padding_mode=padding, align_corners=corners)
    if not gradient:
        return [out.detach()]
    return [out.detach(), *torch.autograd.grad(out.sum(), [image, grid])]


@pytest.mark.parametrize("dtype", (torch.float32, torch.float64), ids=str)
@pytest.mark.parametrize("corners", (False, True))
@pytest.mark.parametrize("padding", ("zeros", "border", "reflection"))
@pytest.mark.parametrize(
    "axes,mode", ((2, "bilinear"), (2, "nearest"), (2, "bicubic"), (3, "bilinear"), (3, "nearest"))
)
def test_points_at_no_finite_place(axes, mode, padding, corners, dtype):
    # With another padding than zeros, PyTorch's CPU reads beside the image for the gradient of such a point, and crashes. How a
    # point 10^9 images away is reflected is a matter of rounding.
    gradient = padding == "zeros"
    here = sampled("cpu", axes, mode, padding, corners, gradient, dtype)
    there = sampled(D, axes, mode, padding, corners, True, dtype)
    if padding == "reflection":
        keep = [i for i, p in enumerate(POINTS) if all(not math.isfinite(c) or abs(c) < 1e6 for c in p)]
        here, there = ([r[0][..., keep]] for r in (here, there))
    for actual, expected in zip(there, here):
        torch.testing.assert_close(actual.cpu(), expected, equal_nan=True)


@pytest.mark.parametrize(
    "mode,antialias", (("bilinear", True), ("bicubic", True), ("bilinear", False), ("bicubic", False))
)
def test_where_nan_spreads(mode, antialias):
    """An axis that keeps its size lets NaN through where it stands only; others wherever a tap reads it, be it with weight 0."""
    for layout in (torch.contiguous_format, torch.channels_last):
        for sizes, to in (((5, 5), (5, 5)), ((5, 5), (5, 3)), ((5, 5), (3, 5)), ((9, 6), (3, 3)), ((4, 4), (8, 4)), ((3, 2), (6, 8))):  # fmt: skip
            for at in ((2, 1), (0, 0), (sizes[0] - 1, sizes[1] - 1)):
                x = torch.ones(1, 3, *sizes).to(memory_format=layout)
                x[(..., *at)] = NAN
                actual, expected = (
                    F.interpolate(x.to(d), to, mode=mode, antialias=antialias).cpu() for d in (D, "cpu")
                )
                assert actual.isnan().equal(expected.isnan()), f"{sizes} to {to} at {at}: {actual[0, 0]}, expected {expected[0, 0]}"  # fmt: skip
                torch.testing.assert_close(actual, expected, equal_nan=True)


@pytest.mark.parametrize(
    "mode,antialias", (("bilinear", True), ("bicubic", True), ("bilinear", False), ("bicubic", False))
)
def test_where_nan_spreads_in_gradients(mode, antialias):
    for sizes, to in (((5, 5), (5, 5)), ((5, 5), (3, 5)), ((4, 4), (8, 4)), ((4, 4), (8, 8)), ((9, 6), (3, 3))):
        for at in ((1, 1), (0, 0), (to[0] - 1, to[1] - 1)):
            given, grads = torch.ones(1, 2, *to), []
            given[(..., *at)] = NAN
            for device in (D, "cpu"):
                x = torch.ones(1, 2, *sizes, device=device, requires_grad=True)
                F.interpolate(x, to, mode=mode, antialias=antialias).backward(given.to(device))
                grads.append(x.grad.cpu())
            assert grads[0].isnan().equal(grads[1].isnan()), f"{sizes} to {to} at {at}: {grads[0][0, 0]}, expected {grads[1][0, 0]}"  # fmt: skip
            torch.testing.assert_close(*grads, equal_nan=True)


@pytest.mark.parametrize("corners", (True, False))
@pytest.mark.parametrize("dtype", (torch.float32, torch.float64))
def test_points_between_two_elements(corners, dtype):
    # The places 0, 0.5, 1, ...: the nearest element of a half is the even one. The sizes make each of them exact.
    size = 9 if corners else 8
    image = torch.arange(float(size * size), dtype=dtype).view(1, 1, size, size)
    places = torch.arange(2 * size - 1, dtype=dtype) / 2
    along = places / 4 - 1 if corners else (2 * places + 1) / 8 - 1
    grid = torch.stack(torch.meshgrid(along, along, indexing="xy"), -1)[None]
    expected = F.grid_sample(image, grid, mode="nearest", align_corners=corners)
    found = F.grid_sample(image.to(D), grid.to(D), mode="nearest", align_corners=corners)
    assert found.tolist() == expected.tolist()
