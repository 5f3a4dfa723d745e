"""A dtype that an operator does not take is refused where it is called, with the CPU's exception, whether or not what is recorded is
checked (LINESHAFT_VALIDATE): a kernel never gets numbers that it would read as others."""

import os
import subprocess
import sys
import warnings

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
I64, F16, BOOL = torch.int64, torch.float16, torch.bool


def T(*sizes, d, dtype=torch.float32):
    return torch.ones(sizes, dtype=dtype, device=d)


def pooled(d, dtype):
    x = torch.ones(1, 1, 2, 2, device=d)
    out, indices = F.max_pool2d(x, 2, return_indices=True)
    return torch.ops.aten.max_pool2d_with_indices_backward(
        out.to(dtype), x.to(dtype), [2, 2], [2, 2], [0, 0], [1, 1], False, indices
    )


REFUSED = {
    "layer_norm": lambda d: F.layer_norm(T(2, 3, d=d, dtype=I64), (3,)),
    "layer_norm's weight": lambda d: F.layer_norm(T(2, 3, d=d), (3,), T(3, d=d, dtype=I64)),
    "layer_norm's bias": lambda d: F.layer_norm(T(2, 3, d=d), (3,), None, T(3, d=d, dtype=BOOL)),
    "rms_norm": lambda d: F.rms_norm(T(2, 3, d=d, dtype=torch.uint8), (3,)),
    "group_norm": lambda d: F.group_norm(T(2, 4, 3, d=d, dtype=torch.int32), 2),
    "group_norm's weight": lambda d: F.group_norm(T(2, 4, 3, d=d), 2, T(4, d=d, dtype=I64)),
    "batch_norm": lambda d: F.batch_norm(T(2, 3, d=d, dtype=BOOL), None, None, training=True),
    "batch_norm's weight": lambda d: F.batch_norm(T(2, 3, d=d), None, None, T(3, d=d, dtype=I64), training=True),
    "batch_norm's mean": lambda d: F.batch_norm(T(2, 3, d=d), T(3, d=d, dtype=I64), T(3, d=d)),
    "softmax": lambda d: F.softmax(T(2, 3, d=d, dtype=I64), 0),
    "softmax's gradient": lambda d: torch._softmax_backward_data(
        T(2, 3, d=d, dtype=I64), T(2, 3, d=d, dtype=I64), 0, I64
    ),
    "max_pool2d's gradient": lambda d: pooled(d, I64),
    "logcumsumexp": lambda d: T(3, d=d, dtype=I64).logcumsumexp(0),
    "cumsum as bool": lambda d: T(3, d=d).cumsum(0, dtype=BOOL),
    "cumprod as bool": lambda d: T(3, d=d).cumprod(0, dtype=BOOL),
    "grid_sample": lambda d: F.grid_sample(T(1, 1, 2, 2, d=d, dtype=I64), T(1, 2, 2, 2, d=d), align_corners=False),
    "grid_sample's grid": lambda d: F.grid_sample(T(1, 1, 2, 2, d=d), T(1, 2, 2, 2, d=d, dtype=F16), align_corners=False),
    "dot": lambda d: T(3, d=d, dtype=BOOL).dot(T(3, d=d, dtype=BOOL)),
    "mean": lambda d: T(3, d=d, dtype=I64).mean(),
    "mean as integers": lambda d: T(3, d=d).mean(0, dtype=torch.int32),
    "std": lambda d: T(3, d=d, dtype=I64).std(),
    "var": lambda d: T(3, d=d, dtype=BOOL).var(0),
    "std_mean": lambda d: torch.std_mean(T(3, d=d, dtype=I64)),
    "var_mean": lambda d: torch.var_mean(T(3, d=d, dtype=I64), 0),
    "frac": lambda d: T(3, d=d, dtype=I64).frac(),
    "floor": lambda d: T(3, d=d, dtype=BOOL).floor(),
    "hypot": lambda d: torch.hypot(T(3, d=d, dtype=I64), T(3, d=d, dtype=I64)),
    "nextafter": lambda d: torch.nextafter(T(3, d=d, dtype=I64), T(3, d=d, dtype=I64)),
    "relu": lambda d: F.relu(T(3, d=d, dtype=BOOL)),
    "rrelu": lambda d: F.rrelu(T(3, d=d, dtype=BOOL), training=True),
    "nll_loss": lambda d: F.nll_loss(T(2, 3, d=d, dtype=BOOL), torch.tensor([0, 1], device=d)),
    "cdist": lambda d: torch.cdist(T(2, 3, d=d, dtype=BOOL), T(2, 3, d=d, dtype=BOOL)),
}  # fmt: skip
# Those whose words do not name a kernel of the CPU's.
SAME_WORDS = ("mean", "mean as integers", "std", "var", "std_mean", "var_mean", "relu", "cdist", "dot")


def refusal(name, device):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            REFUSED[name](device)
            torch.lineshaft.synchronize()
        except Exception as error:
            return error
    return None


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_on_the_cpu(name):
    lineshaft_torch.set_fallback("error")
    expected, found = refusal(name, "cpu"), refusal(name, D)
    assert type(found) is type(expected) and expected is not None, f"{found!r}, expected {expected!r}"
    if name in SAME_WORDS:
        assert str(found).startswith(str(expected))


def test_refused_without_checks_of_what_is_recorded():
    run = subprocess.run(
        [sys.executable, __file__],
        env=dict(os.environ, LINESHAFT_VALIDATE="off", LINESHAFT_FALLBACK="error"),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.split() == ["refused"] * len(REFUSED), run.stdout


def test_truth_values_are_summed_as_such():
    for values in ([True, False, True], [False, False, False], [True, True, True]):
        host = torch.tensor(values)
        x = host.to(D)
        for reduce in (torch.sum, torch.prod, torch.nansum):
            assert reduce(x, dtype=BOOL).item() == reduce(host, dtype=BOOL).item()
            assert reduce(x, 0, dtype=BOOL).item() == reduce(host, 0, dtype=BOOL).item()
    numbers = torch.tensor([[0.0, 0.5], [float("nan"), 0.0]])
    for reduce in (torch.sum, torch.prod, torch.nansum):
        assert reduce(numbers.to(D), 1, dtype=BOOL).tolist() == reduce(numbers, 1, dtype=BOOL).tolist()


@pytest.mark.parametrize("dtype, alpha", [(BOOL, -1), (BOOL, 0), (I64, 3), (I64, 1.5), (I64, True), (F16, 0.5)])
def test_index_add_takes_alpha_in_its_dtype(dtype, alpha):
    host, index = torch.arange(3).to(dtype), torch.tensor([0, 1, 1])
    expected = host.index_add(0, index, host, alpha=alpha)
    found = host.to(D).index_add(0, index.to(D), host.to(D), alpha=alpha)
    assert found.dtype == expected.dtype and found.tolist() == expected.tolist()


if __name__ == "__main__":
    for each in REFUSED:
        print("refused" if refusal(each, D) else f"{each!r} is taken", flush=True)
