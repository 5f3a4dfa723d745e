"""Autograd finds out that what it saved was written since, by whatever operator that writes lists of tensors."""

import pytest
import torch

DEVICE = "lineshaft"
OPTIMIZERS = ["SGD", "Adam", "AdamW", "Adagrad", "RMSprop", "NAdam", "RAdam", "Adamax", "Adadelta", "Rprop", "ASGD"]
FOREACH = sorted(name for name in dir(torch) if name.startswith("_foreach_") and name.endswith("_"))


def lists_of(name):
    """Arguments of the operator after the list that it writes."""
    one = [torch.ones(3, device=DEVICE)]
    if name in ("_foreach_copy_",):
        return [(one,)]
    if name in ("_foreach_addcmul_", "_foreach_addcdiv_"):
        return [(one, one), (one, one, [2.0])]
    if name == "_foreach_lerp_":
        return [(one, 0.5)]
    if any(name == f"_foreach_{x}_" for x in "add sub mul div maximum minimum clamp_min clamp_max".split()):
        return [(2.0,), (one,), ([2.0],)]
    return [(2.0,)] if name == "_foreach_pow_" else [()]


@pytest.mark.parametrize("name", FOREACH)
@pytest.mark.parametrize("shape", [(3,), (2, 3)], ids=["alike", "not alike"])  # the second goes tensor by tensor
def test_a_list_that_is_written_counts(name, shape):
    for arguments in lists_of(name):
        written = torch.full(shape, 0.5, device=DEVICE)
        before = written._version
        getattr(torch, name)([written], *arguments)
        assert written._version > before, arguments


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"foreach": True}, {"foreach": False}, {"fused": True}], ids=str)
def test_a_step_between_forward_and_backward_is_found(name, options):
    weight = torch.nn.Parameter(torch.tensor([2.0], device=DEVICE))
    try:
        optimizer = getattr(torch.optim, name)([weight], 0.5, **options)
    except TypeError:
        pytest.skip("there is no fused one")
    cube = weight * weight * weight
    weight.grad = torch.ones(1, device=DEVICE)
    gradient = weight.grad._version
    optimizer.step()
    assert weight.grad._version == gradient  # it is read only
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        cube.backward()


def test_tensors_of_inference_have_no_version():
    with torch.inference_mode():
        written = torch.ones(3, device=DEVICE)
        torch._foreach_add_([written], 1.0)
        assert written.tolist() == [2.0] * 3


def test_unscaling_counts_the_gradients():
    weight = torch.nn.Parameter(torch.ones(2, device=DEVICE))
    optimizer = torch.optim.SGD([weight], 0.5)
    scaler = torch.amp.GradScaler(DEVICE, init_scale=4.0)
    scaler.scale(weight.sum()).backward()
    before = weight.grad._version
    scaler.unscale_(optimizer)
    assert weight.grad._version > before
