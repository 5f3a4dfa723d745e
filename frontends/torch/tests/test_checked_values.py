"""Values that PyTorch's devices check as they compute are errors here too, at the next wait at the latest."""

import math
import os

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
NAN, INF = math.nan, math.inf
COUNT = 1 << (24 if os.environ.get("LINESHAFT_DEVICES", "cpu").startswith("cpu") else 20)


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def t(values, dtype=torch.float32):
    return torch.tensor(values, dtype=dtype, device=D)


def i(values):
    return t(values, torch.long)


WEIGHTS = "probability tensor contains either `inf`, `nan` or element < 0"
NO_WEIGHT = r"invalid multinomial distribution \(sum of probabilities <= 0\)"
UNIT = "should be between 0 and 1"
REFUSED = {
    **{
        f"multinomial of {value}, {'with' if replacement else 'without'} replacement, {dtype}": (
            lambda value=value, replacement=replacement, dtype=dtype: torch.multinomial(
                t([1.0, value, 1.0], dtype), 2, replacement
            ),
            WEIGHTS,
        )
        for value in (NAN, INF, -1.0)
        for replacement in (True, False)
        for dtype in (torch.float32, torch.float16, torch.float64)
    },
    "multinomial of nothing": (lambda: torch.multinomial(t([0.0, 0, 0]), 1), NO_WEIGHT),
    "multinomial of nothing, with replacement": (lambda: torch.multinomial(t([0.0, 0, 0]), 2, True), NO_WEIGHT),
    "multinomial of nothing in one row": (lambda: torch.multinomial(t([[1.0, 0], [0, 0]]), 1), NO_WEIGHT),
    "bernoulli above": (lambda: torch.bernoulli(t([0.5, 1.5])), UNIT),
    "bernoulli below": (lambda: torch.bernoulli(t([-0.5])), UNIT),
    "bernoulli nan": (lambda: torch.bernoulli(t([NAN])), UNIT),
    "bernoulli_": (lambda: torch.empty(2, device=D).bernoulli_(t([1.5, 0.5])), UNIT),
    "normal": (lambda: torch.normal(t([1.0]), t([-1.0])), "normal expects all elements of std >= 0.0"),
    "normal of a number": (lambda: torch.normal(0.0, t([1.0, NAN])), "normal expects all elements of std >= 0.0"),
    "normal by a number": (lambda: torch.normal(t([1.0]), -1.0), "normal expects std >= 0.0"),
    "binary_cross_entropy": (lambda: F.binary_cross_entropy(t([1.5]), t([1.0])), "input " + UNIT),
    "binary_cross_entropy nan": (lambda: F.binary_cross_entropy(t([NAN]), t([1.0])), "input " + UNIT),
    "binary_cross_entropy's target": (lambda: F.binary_cross_entropy(t([0.5]), t([1.5])), "target " + UNIT),
    "one_hot below": (lambda: F.one_hot(i([-1, 2])), "index -1"),
    "one_hot above": (lambda: F.one_hot(i([1, 2]), 2), "index 2"),
    "nll_loss": (lambda: F.nll_loss(torch.zeros(2, 3, device=D), i([0, 3])), "index 3"),
    "nll_loss below": (lambda: F.nll_loss(torch.zeros(2, 3, device=D), i([0, -1])), "index -1"),
    "cross_entropy": (lambda: F.cross_entropy(torch.zeros(2, 3, device=D), i([0, 5])), "index 5"),
    "cross_entropy of images": (lambda: F.cross_entropy(torch.zeros(1, 3, 2, 1, device=D), i([[[0], [5]]])), "index 5"),
    "multi_margin_loss": (lambda: F.multi_margin_loss(torch.zeros(2, 3, device=D), i([0, 5])), "index 5"),
    "multilabel_margin_loss": (lambda: F.multilabel_margin_loss(torch.zeros(1, 3, device=D), i([[0, 5, -1]])), "target is out of range"),
    "multilabel_margin_loss below": (lambda: F.multilabel_margin_loss(torch.zeros(1, 3, device=D), i([[0, -2, -1]])), "target is out of range"),
    **{f"poisson of {rate}": (lambda rate=rate: torch.poisson(t([1.0, rate])), "expected rate to be non-negative") for rate in (-1.0, NAN, -INF)},
    "poisson of f16": (lambda: torch.poisson(t([-1.0], torch.float16)), "expected rate to be non-negative"),
    "random_ above": (lambda: torch.empty(2, dtype=torch.uint8, device=D).random_(0, 300), "to - 1 is out of bounds"),
    "random_ below": (lambda: torch.empty(2, dtype=torch.uint8, device=D).random_(-3, 5), "from is out of bounds"),
    "randint": (lambda: torch.randint(0, 129, (2,), dtype=torch.int8, device=D), "to - 1 is out of bounds"),
    "random_ of f16": (lambda: torch.empty(2, dtype=torch.half, device=D).random_(0, 100000), "to - 1 is out of bounds"),
    "uniform_": (lambda: torch.empty(2, dtype=torch.half, device=D).uniform_(0, 1e5), "to is out of bounds"),
    "uniform_ nan": (lambda: torch.empty(2, device=D).uniform_(NAN, NAN), "from is out of bounds"),
    "exponential_": (lambda: torch.empty(2, device=D).exponential_(0), "lambda > 0.0"),
    "exponential_ nan": (lambda: torch.empty(2, device=D).exponential_(NAN), "lambda > 0.0"),
    "geometric_": (lambda: torch.empty(2, device=D).geometric_(1.0), r"p to be in \(0, 1\)"),
    "log_normal_": (lambda: torch.empty(2, device=D).log_normal_(0, 0), "std > 0.0"),
    "cauchy_": (lambda: torch.empty(2, device=D).cauchy_(0, 0), "sigma > 0.0"),
    "embedding": (lambda: F.embedding(i([5]), torch.zeros(3, 2, device=D)), "index 5"),
    "embedding below": (lambda: F.embedding(i([-1]), torch.zeros(3, 2, device=D)), "index -1"),
    "embedding_bag": (lambda: F.embedding_bag(i([5]), torch.zeros(3, 2, device=D), i([0])), "index 5"),
    "ctc_loss's inputs": (lambda: F.ctc_loss(torch.zeros(4, 1, 3, device=D), i([[1, 2]]), torch.tensor([9]), torch.tensor([2])), "but got value 9"),
    "ctc_loss's targets": (lambda: F.ctc_loss(torch.zeros(4, 1, 3, device=D), i([[1, 2]]), torch.tensor([4]), torch.tensor([5])), "size at least 5 at dimension 1, but got size 2"),
    "ctc_loss's lengths below 0": (lambda: F.ctc_loss(torch.zeros(4, 1, 3, device=D), i([[1, 2]]), torch.tensor([4]), torch.tensor([-(2**63)])), "target_lengths to have value at least 0"),
    "ctc_loss's joined targets": (lambda: F.ctc_loss(torch.zeros(4, 2, 3, device=D), i([1, 2, 1]), (4, 4), (2, 2)), "size 4 or more at dimension 0, but got size 3"),
    "ctc_loss's lengths whose sum has no number": (lambda: F.ctc_loss(torch.zeros(4, 2, 3, device=D), i([1, 2, 1]), (4, 4), (2**62, 2**62)), "but got size 3"),
    "repeat_interleave": (lambda: torch.repeat_interleave(i([1, 2]), i([-1, 2])), "repeats can not be negative"),
    "take": (lambda: torch.take(i([1, 2]), i([5])), "index 5"),
    "max_unpool1d": (lambda: F.max_unpool1d(torch.zeros(1, 2, device=D), i([[0, 9]]), 2), "9"),
    "index_select": (lambda: torch.index_select(i([1, 2]), 0, i([5])), "index 5"),
    "gather": (lambda: torch.gather(i([1, 2]), 0, i([5])), "index 5"),
    "scatter": (lambda: torch.scatter(i([1, 2]), 0, i([-1]), 1), "index -1"),
    "index_fill": (lambda: i([1, 2]).index_fill(0, i([7]), 1), "index 7"),
    "cdist": (lambda: torch.cdist(torch.zeros(1, 2, device=D), torch.zeros(1, 2, device=D), p=-1), "non-negative p"),
    "rrelu": (lambda: F.rrelu(t([1.0]), 0.5, 0.1, training=True), "Lower bound"),
    "softshrink": (lambda: F.softshrink(t([1.0]), -1), "lambda must be"),
    "huber_loss": (lambda: F.huber_loss(t([1.0]), t([1.0]), delta=-1), "non-positive values for delta"),
    "smooth_l1_loss": (lambda: F.smooth_l1_loss(t([1.0]), t([1.0]), beta=-1), "negative values for beta"),
    "gaussian_nll_loss": (lambda: F.gaussian_nll_loss(t([1.0]), t([1.0]), t([-1.0])), "negative"),
    "randperm": (lambda: torch.randperm(300, dtype=torch.uint8, device=D), "overflow|n cannot be"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, message = REFUSED[name]
    with pytest.raises((RuntimeError, IndexError, ValueError), match=message):
        call()
        torch.lineshaft.synchronize()
    assert (torch.ones(2, device=D) + 1).tolist() == [2, 2]  # the process goes on


def test_what_is_right_passes():
    torch.bernoulli(t([0.0, 1.0]))
    torch.normal(t([1.0]), t([0.0]))
    assert torch.multinomial(t([0.0, 2.0, 0.0]), 5, True).tolist() == [1] * 5
    assert torch.multinomial(t([[0.0, 0, 3], [1, 0, 0]]), 1).tolist() == [[2], [0]]
    assert sorted(torch.multinomial(t([0.0, 1, 1]), 2).tolist()) == [1, 2]
    assert F.binary_cross_entropy(t([0.0, 1.0]), t([0.0, 1.0])).item() == 0
    torch.empty(2, dtype=torch.uint8, device=D).random_(0, 256)
    assert torch.poisson(t([0.0, -0.0])).tolist() == [0, 0]
    torch.lineshaft.synchronize()


def test_an_exponential_is_never_0():
    """By such a number multinomial divides: a class of weight 0 would win as 0 / 0."""
    torch.manual_seed(3)
    for dtype in (torch.float32, torch.float16):
        for _ in range(2):
            assert torch.empty(COUNT, dtype=dtype, device=D).exponential_().min().item() > 0
