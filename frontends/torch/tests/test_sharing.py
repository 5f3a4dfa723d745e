"""Tensors sent to another process."""

import lineshaft_torch
import torch
import torch.multiprocessing as multiprocessing

D = "lineshaft"


def double(received, answers):
    lineshaft_torch.set_fallback("error")
    tensor, parameter = received.get(timeout=100)
    assert tensor.device.type == D and isinstance(parameter, torch.nn.Parameter) and parameter.requires_grad
    answers.put((tensor * 2, parameter.detach()))
    received.get(timeout=100)


def test_a_copy_arrives_on_the_device():
    context = multiprocessing.get_context("spawn")
    sent, answers = context.Queue(), context.Queue()
    child = context.Process(target=double, args=(sent, answers))
    child.start()
    tensor = torch.arange(6.0).to(D).view(2, 3).t()
    sent.put((tensor, torch.nn.Parameter(torch.ones(2, device=D))))
    doubled, parameter = answers.get(timeout=100)
    sent.put(None)
    child.join(timeout=100)
    assert child.exitcode == 0
    assert doubled.device.type == D and torch.equal(doubled.cpu(), (tensor * 2).cpu())
    assert parameter.cpu().tolist() == [1, 1]
