"""Operators from many threads at once."""

import os
import subprocess
import sys
import threading

import pytest
import torch

D = "lineshaft"


def run_in_threads(function, count=4):
    errors = []

    def guarded(number):
        try:
            function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    assert not errors, errors[0]


def test_operators_from_threads():
    def work(number):
        x = torch.full((32, 32), float(number), device=D)
        for _ in range(100):
            x = x * 1.0 + 1.0
        assert (x.cpu() == number + 100).all()

    run_in_threads(work)


def test_training_from_threads():
    def work(number):
        torch.manual_seed(number)
        w = torch.randn(8, 8).to(D).requires_grad_()
        x = torch.randn(4, 8)
        (x.to(D) @ w).square().sum().backward()
        expected = w.detach().cpu().requires_grad_()
        (x @ expected).square().sum().backward()
        assert torch.allclose(w.grad.cpu(), expected.grad, atol=1e-4)

    run_in_threads(work)


def test_tensors_cross_threads():
    made = [None] * 4

    def make(number):
        made[number] = torch.full((1000,), float(number), device=D)

    def read(number):
        assert made[number].sum().item() == 1000 * number
        made[number] = None

    run_in_threads(make)
    run_in_threads(read)


def test_current_device_is_the_threads_own():
    def work(number):
        assert torch.lineshaft.current_device() == 0
        torch.lineshaft.set_device(torch.lineshaft.device_count() - 1)
        torch.ones(2, device=D) + 1

    torch.lineshaft.set_device(0)
    run_in_threads(work)
    assert torch.lineshaft.current_device() == 0


TRAINING = """
import os, sys, threading
if sys.argv[1] == "one core":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import torch
from torch import nn

seen = set()

class Note(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        seen.add(threading.get_ident())
        return gradient

def run(device):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2)).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x, losses = torch.randn(4, 8).to(device), []
    for _ in range(200):
        optimizer.zero_grad()
        loss = Note.apply(model(x)).square().sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses).cpu()

ours = run("lineshaft")
assert seen == {threading.get_ident()}, seen
torch.testing.assert_close(ours, run("cpu"), rtol=1e-4, atol=1e-5)
with torch.autograd.set_multithreading_enabled(True):
    seen.clear()
    run("lineshaft")
    assert threading.get_ident() not in seen
"""


@pytest.mark.parametrize("cores", ["all cores", "one core"])
def test_backward_passes_stay_on_their_thread(cores):
    subprocess.run([sys.executable, "-c", TRAINING, cores], check=True, timeout=300, env=dict(os.environ))
