"""Tensors sent to another process."""

import lineshaft_torch
import pytest
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


class Marked(torch.Tensor):
    pass


def check_arguments(host, tensor, others):
    assert host.is_shared() and host.tolist() == [1, 2]
    assert tensor.device.type == D and tensor.tolist() == [[0, 3], [1, 4], [2, 5]]
    half, parameter, sparse, empty, marked, storage = others
    assert half.dtype == torch.bfloat16 and half.requires_grad and half.tolist() == [0.5, 0.5]
    assert isinstance(parameter, torch.nn.Parameter) and parameter.device.type == D and parameter.tolist() == [1, 1]
    assert sparse.layout == torch.sparse_coo and sparse.device.type == D and sparse.to_dense().sum().item() == 3
    assert empty.device.type == D and empty.shape == (0, 2)
    assert type(marked) is Marked and marked.device.type == D and marked[0].item() == 5
    assert storage.device.type == D and storage.cpu().tolist() == [1, 2, 3]
    host.add_(1)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_what_a_process_is_started_with_arrives_too(method):
    host = torch.tensor([1, 2])
    tensor = torch.arange(6.0).to(D).view(2, 3).t()
    others = (
        torch.full((2,), 0.5, dtype=torch.bfloat16, device=D, requires_grad=True),
        torch.nn.Parameter(torch.ones(2, device=D)),
        torch.eye(3).to_sparse().to(D),
        torch.ones(0, 2, device=D),
        torch.full((2,), 5.0, device=D).as_subclass(Marked),
        torch.tensor([1, 2, 3], dtype=torch.uint8, device=D).untyped_storage(),
    )
    child = multiprocessing.get_context(method).Process(target=check_arguments, args=(host, tensor, others))
    child.start()
    child.join(timeout=100)
    assert child.exitcode == 0
    assert host.tolist() == [2, 3]  # the CPU's are shared as ever
