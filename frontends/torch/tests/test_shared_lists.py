"""Lists whose tensors share memory: a parameter that is listed twice, as tied weights are, and views of one tensor. They are what the
CPU makes of them, one after the other, and a server takes them: a command's groups are apart."""

import os
import subprocess
import sys

import pytest
import torch

D = "lineshaft"


def tied(device):
    embedding = torch.nn.Embedding(10, 4).to(device)
    head = torch.nn.Linear(4, 10, bias=False).to(device)
    with torch.no_grad():
        embedding.weight.copy_(torch.linspace(-1, 1, 40).view(10, 4))
    head.weight = embedding.weight
    head(embedding(torch.tensor([1, 2], device=device))).sum().backward()
    return [*embedding.parameters(), *head.parameters()]


def clipped(device, clip, limit):
    parameters = tied(device)
    clip(parameters, limit)
    return parameters[0].grad


def stepped(device, **options):
    parameters = tied(device)
    optimizer = torch.optim.SGD(parameters, lr=0.5, **options)
    optimizer.step()
    return parameters[0].detach()


def unscaled(device):
    weight = torch.nn.Parameter(torch.ones(4, device=device))
    (weight * 3).sum().backward()
    found, scale = torch.zeros(1, device=device), torch.full((1,), 0.5, device=device)
    torch._amp_foreach_non_finite_check_and_unscale_([weight.grad, weight.grad], found, scale)
    return weight.grad


def listed(device, act):
    whole = torch.arange(24.0, device=device).view(4, 6)
    act(whole)
    return whole


CASES = {
    "clip_grad_norm_": lambda d: clipped(d, torch.nn.utils.clip_grad_norm_, 1.0),
    "clip_grad_value_": lambda d: clipped(d, torch.nn.utils.clip_grad_value_, 0.5),
    "SGD": lambda d: stepped(d, foreach=True),
    "SGD with momentum": lambda d: stepped(d, foreach=True, momentum=0.9),
    "unscaled": unscaled,
    "rows that overlap": lambda d: listed(d, lambda x: torch._foreach_add_([x[:-1], x[1:]], 1.0)),
    "two lists crossed": lambda d: listed(d, lambda x: torch._foreach_add_([x[0], x[1]], [x[1], x[0]])),
    "a tensor and its transpose": lambda d: listed(d, lambda x: torch._foreach_mul_([x[:, :4], x[:, :4].t()], 2.0)),
    "halves exchanged": lambda d: listed(d, lambda x: torch._foreach_copy_([x[:2], x[2:]], [x[2:], x[:2]])),
    "numbers for each": lambda d: listed(d, lambda x: torch._foreach_mul_([x[:2], x[1:]], [2.0, 3.0])),
    "columns, which are apart": lambda d: listed(d, lambda x: torch._foreach_mul_(list(x.unbind(1)), 2.0)),
    "axes that interleave": lambda d: listed(d, lambda x: x.as_strided((3, 3), (5, 6)).add_(1)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore:.*duplicate parameters")
def test_tensors_that_share_memory(name):
    torch.manual_seed(0)
    expected = CASES[name]("cpu")
    torch.manual_seed(0)
    torch.testing.assert_close(CASES[name](D).cpu(), expected)


def test_so_does_a_guest():
    """With the checks that a server makes."""
    child = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::test_tensors_that_share_memory"],
        env=dict(os.environ, LINESHAFT_VALIDATE="on"),
        capture_output=True,
        text=True,
    )
    assert child.returncode == 0, child.stdout[-3000:]
