"""Operators from many threads at once."""

import threading

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
