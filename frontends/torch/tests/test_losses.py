"""Losses: rows without labels, inputs without axes, margins that are no numbers, and mixtures of dtypes, as the CPU gives them."""

import itertools
import math

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
NAN, INF = math.nan, math.inf
REDUCTIONS = ("none", "mean", "sum")
FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def same(actual, expected, what):
    assert actual.dtype == expected.dtype and actual.shape == expected.shape, f"{what}: {actual}, expected {expected}"
    torch.testing.assert_close(actual.cpu(), expected, equal_nan=True, msg=lambda text: f"{what}: {text}")


def with_gradient(function, x, *rest):
    """The loss on the device and on the CPU, and the gradients of both."""
    results = []
    for device in (D, "cpu"):
        leaf = x.detach().clone().to(device).requires_grad_()
        loss = function(leaf, *[r if r is None else r.to(device) for r in rest])
        loss.sum().backward()
        results.append((loss.detach(), leaf.grad))
    return results


LABELS = [
    (torch.randn(2, 4), torch.full((2, 4), -1)),
    (torch.randn(3, 4), torch.tensor([[1, 2, -1, 0], [-1, 3, 1, 0], [0, 3, 2, 1]])),
    (torch.randn(2, 3), torch.tensor([[2, 2, 0], [1, -1, -1]])),
    (torch.randn(4), torch.tensor([3, -1, 0, 0])),
    (torch.randn(4), torch.full((4,), -1)),
    (torch.randn(()), torch.tensor(0)),
    (torch.randn(()), torch.tensor(-1)),
    (torch.tensor([[NAN, 1, INF, -INF], [0, 1, NAN, 2.0]]), torch.tensor([[1, 2, -1, 0], [2, 0, -1, -1]])),
]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("number", range(len(LABELS)))
def test_multilabel_margin_loss(number, reduction):
    x, target = LABELS[number]
    (loss, grad), (expected, expected_grad) = with_gradient(
        lambda a, t: F.multilabel_margin_loss(a, t, reduction=reduction), x, target
    )
    same(loss, expected, "the loss")
    same(grad, expected_grad, "the gradient")
    code = REDUCTIONS.index(reduction)
    marks = torch.ops.aten.multilabel_margin_loss_forward(x.to(D), target.to(D), code)[1]
    same(marks, torch.ops.aten.multilabel_margin_loss_forward(x, target, code)[1], "the marks of labels")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("p", (1, 2))
def test_multi_margin_loss(p, reduction):
    for (sizes, of_target), weighted in itertools.product(
        (((), ()), ((), (1,)), ((3,), ()), ((3,), (1,)), ((2, 3), (2,)), ((1, 3), (1,))), (False, True)
    ):
        x, target = torch.randn(sizes), torch.zeros(of_target, dtype=torch.long)
        weight = torch.rand(sizes[-1] if sizes else 1) if weighted else None
        (loss, grad), (expected, expected_grad) = with_gradient(
            lambda a, t, w: F.multi_margin_loss(a, t, p=p, margin=0.7, weight=w, reduction=reduction), x, target, weight
        )
        same(loss, expected, f"the loss of {sizes}")
        same(grad, expected_grad, f"the gradient of {sizes}")
    x, target = torch.tensor([[NAN, 1, INF, -INF], [0, 1, NAN, 2.0]]), torch.tensor([1, 2])
    expected = F.multi_margin_loss(x, target, p=p, reduction=reduction)
    same(F.multi_margin_loss(x.to(D), target.to(D), p=p, reduction=reduction), expected, "a loss with NaN")


def test_margin_losses_check_their_arguments():
    x, target = torch.zeros(2, 3, device=D), torch.zeros(2, dtype=torch.long, device=D)
    with pytest.raises(ValueError, match="only p == 1 and p == 2 supported"):
        F.multi_margin_loss(x, target, p=3)
    with pytest.raises(RuntimeError, match="target tensor should be 1-D|inconsistent target size"):
        F.multi_margin_loss(x, target[:1])
    with pytest.raises(RuntimeError, match="inconsistent weight size, expected 3 but got"):
        F.multi_margin_loss(x, target, weight=torch.ones(2, device=D))
    with pytest.raises(RuntimeError, match="inconsistent target size"):
        F.multilabel_margin_loss(x, target.view(1, 2))
    with pytest.raises(RuntimeError, match="Expected non-empty vector or matrix"):
        F.multilabel_margin_loss(x[:, :0], target.view(2, 1)[:, :0])


@pytest.mark.parametrize("reduction", ("none", "mean"))
def test_huber_loss_of_two_dtypes(reduction):
    """The loss has the input's dtype; its gradient takes one dtype only."""
    for a, b in itertools.product((*FLOATS, torch.int64), repeat=2):
        x, y = torch.tensor([1.0, 2, 5]).to(a), torch.tensor([3, 2, 4.0]).to(b)
        outcomes = []
        for device in (D, "cpu"):
            try:
                outcomes.append(F.huber_loss(x.to(device), y.to(device), reduction=reduction))
            except RuntimeError as error:
                outcomes.append(error)
        if isinstance(outcomes[1], Exception):
            assert type(outcomes[0]) is type(outcomes[1]), f"{a} and {b}: {outcomes}"
            continue
        same(outcomes[0], outcomes[1], f"{a} and {b}")
        if a == b or not a.is_floating_point:
            continue
        for device in (D, "cpu"):
            leaf = x.to(device).requires_grad_()
            with pytest.raises(RuntimeError, match="Found dtype .* but expected"):
                F.huber_loss(leaf, y.to(device), reduction=reduction).sum().backward()


def test_huber_loss_into_an_output_of_another_dtype():
    x, y = torch.tensor([1.0, 2, 5]), torch.tensor([3.0, 2, 4], dtype=torch.float64)
    for dtype in FLOATS:
        actual = torch.ops.aten.huber_loss(x.to(D), y.to(D), 0, 1.0, out=torch.empty(0, dtype=dtype, device=D))
        expected = torch.ops.aten.huber_loss(x, y, 0, 1.0, out=torch.empty(0, dtype=dtype))
        same(actual, expected, str(dtype))
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type Long"):
        torch.ops.aten.huber_loss(x.to(D), y.to(D), 0, 1.0, out=torch.empty(0, dtype=torch.long, device=D))
