"""Activation checkpointing computes the same again: random numbers, autocast and all."""

import os
import subprocess
import sys

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils import checkpoint as checkpointing
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, checkpoint_sequential

D = "lineshaft"
BOTH = pytest.mark.parametrize("reentrant", [False, True])


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def ones(*sizes, device=D):
    return torch.ones(*sizes, device=device, requires_grad=True)


# Each draws; with x = 1 the gradient of the sum tells what was drawn: it must be what the forward pass gave, times a number.
DRAWS = {
    "dropout": (lambda x: F.dropout(x * x, 0.5), 2),
    "dropout in place": (lambda x: F.dropout(x * x, 0.5, inplace=True), 2),
    "alpha_dropout of nothing": (lambda x: F.feature_alpha_dropout(x * x, 0.0) * torch.rand_like(x), 2),
    "rand_like": (lambda x: x * x * torch.rand_like(x), 2),
    "randn": (lambda x: x * torch.randn(x.shape, device=x.device), 1),
    "bernoulli": (lambda x: x * torch.bernoulli(torch.full_like(x, 0.3)), 1),
    "normal_": (lambda x: x * torch.empty_like(x).normal_(), 1),
    "randint": (lambda x: x * torch.randint(5, x.shape, device=x.device), 1),
    "randperm": (lambda x: x * torch.randperm(x.numel(), device=x.device).view(x.shape), 1),
    "two of them": (lambda x: F.dropout(F.dropout(x * x, 0.3), 0.3), 2),
    "a module": (lambda x: nn.Dropout2d(0.5)(x.view(10, 10, 10, 1) ** 3).view(-1), 3),
}


@BOTH
@pytest.mark.parametrize("name", DRAWS)
def test_what_is_drawn_is_drawn_again(name, reentrant):
    function, factor = DRAWS[name]
    x = ones(1000)
    y = checkpoint(function, x, use_reentrant=reentrant)
    between = torch.rand(3, device=D)  # moves the generator on
    y.sum().backward()
    assert torch.allclose(x.grad.cpu(), factor * y.detach().cpu(), rtol=1e-5)
    assert len(set(y.tolist())) > 1
    torch.manual_seed(0)
    plain = function(ones(1000))
    assert torch.equal(plain.cpu(), y.cpu()) and torch.equal(torch.rand(3, device=D).cpu(), between.cpu())


@BOTH
def test_the_generator_goes_on_as_without_checkpointing(reentrant):
    def run(wrapped):
        torch.manual_seed(3)
        x = ones(64)
        y = wrapped(lambda t: F.dropout(t * t, 0.5), x)
        y.sum().backward()
        return torch.rand(4, device=D).cpu(), torch.rand(4), x.grad.cpu()

    plain = run(lambda f, x: f(x))
    found = run(lambda f, x: checkpoint(f, x, use_reentrant=reentrant))
    assert all(torch.equal(a, b) for a, b in zip(plain, found, strict=True))


@BOTH
def test_without_preserved_state_masks_differ(reentrant):
    """So the tests above can fail."""
    x = ones(1000)
    y = checkpoint(lambda t: F.dropout(t * t, 0.5), x, use_reentrant=reentrant, preserve_rng_state=False)
    y.sum().backward()
    assert not torch.equal(x.grad.cpu(), 2 * y.detach().cpu())


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, dropout=0.2, batch_first=True)
        self.network = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 32), nn.GELU(), nn.Dropout(0.3), nn.Linear(32, 16))

    def forward(self, x):
        return x + self.network(x + self.attention(x, x, x, need_weights=False)[0])


def gradients(model, run):
    model.zero_grad()
    torch.manual_seed(5)
    x = torch.linspace(-1, 1, 2 * 6 * 16).view(2, 6, 16).to(D).requires_grad_()
    run(x).square().sum().backward()
    return [x.grad.cpu(), *(p.grad.cpu() for p in model.parameters())]


def wraps():
    def reentrant(model, x):
        for block in model:
            x = checkpoint(block, x, use_reentrant=True)
        return x

    def free(model, x):
        for block in model:
            x = checkpoint(block, x, use_reentrant=False)
        return x

    def nested(model, x):
        inner = lambda t: checkpoint(model[1], model[0](t), use_reentrant=False)  # noqa: E731
        return checkpoint(inner, x, use_reentrant=False)

    def sequential(model, x):
        return checkpoint_sequential(model, 2, x, use_reentrant=False)

    def selective(model, x):
        def policy(context, operator, *args, **kwargs):
            kept = (torch.ops.aten.mm.default, torch.ops.aten.addmm.default, torch.ops.aten.native_dropout.default)
            return CheckpointPolicy.MUST_SAVE if operator in kept else CheckpointPolicy.PREFER_RECOMPUTE

        def contexts():
            return checkpointing.create_selective_checkpoint_contexts(policy)

        for block in model:
            x = checkpoint(block, x, use_reentrant=False, context_fn=contexts)
        return x

    def saved_on_the_cpu(model, x):
        with torch.autograd.graph.save_on_cpu(pin_memory=True, device_type=D):
            return model(x)

    return {f.__name__: f for f in (reentrant, free, nested, sequential, selective, saved_on_the_cpu)}


@pytest.mark.parametrize("name", wraps())
def test_a_transformer_has_the_same_gradients(name):
    torch.manual_seed(1)
    model = nn.Sequential(Block(), Block()).to(D)
    expected = gradients(model, model)
    found = gradients(model, lambda x: wraps()[name](model, x))
    for a, b in zip(expected, found, strict=True):
        assert torch.allclose(a, b, atol=1e-6), (a - b).abs().max()


@BOTH
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_is_the_same_again(dtype, reentrant):
    model = nn.Linear(8, 8).to(D)
    seen = []

    def run(x):
        y = model(x)
        seen.append(y.dtype)
        return F.dropout(y, 0.5)

    x = ones(4, 8)
    with torch.autocast(D, dtype=dtype):
        y = checkpoint(run, x, use_reentrant=reentrant)
    y.float().sum().backward()  # outside: the state comes from the forward pass
    assert seen == [dtype, dtype]
    weight = model.weight.detach().to(dtype).cpu().double()
    expected = 2 * (y != 0).cpu().double() @ weight
    assert torch.allclose(x.grad.cpu().double(), expected, rtol=0.02, atol=0.02)


@BOTH
def test_random_numbers_of_the_cpu_too(reentrant):
    x = ones(1000)
    y = checkpoint(lambda t: F.dropout(t * t, 0.5) * torch.rand(1000).to(D), x, use_reentrant=reentrant)
    y.sum().backward()
    assert torch.allclose(x.grad.cpu(), 2 * y.detach().cpu())


def test_states_of_all_devices_are_kept():
    states = torch.lineshaft.get_rng_state_all()
    with torch.random.fork_rng(device_type=D):
        for index in range(torch.lineshaft.device_count()):
            torch.rand(3, device=f"{D}:{index}")
        assert not all(torch.equal(a, b) for a, b in zip(states, torch.lineshaft.get_rng_state_all(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(states, torch.lineshaft.get_rng_state_all(), strict=True))
    devices, kept = checkpointing.get_device_states(torch.ones(1, device=D), torch.ones(1))
    assert devices == [0] and torch.equal(kept[0], torch.lineshaft.get_rng_state(0))
    torch.rand(3, device=D)
    checkpointing.set_device_states(devices, kept, device_type=D)
    assert torch.equal(kept[0], torch.lineshaft.get_rng_state(0))


TWO_DEVICES = """
import lineshaft_torch, torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint
if torch.lineshaft.device_count() < 2:
    raise SystemExit(77)
def ones(index):
    return torch.ones(1000, device=f"lineshaft:{index}", requires_grad=True)
def both(a, b):
    return F.dropout(a * a, 0.5), F.dropout(b * b, 0.5)
def chain(a, b):
    return F.dropout(a * F.dropout(b * b, 0.5).to(a.device), 0.5)
a, b = ones(0), ones(1)
y, z = checkpoint(both, a, b, use_reentrant=True)
(y.sum() + z.to(y.device).sum()).backward()
assert torch.equal(a.grad.cpu(), 2 * y.detach().cpu()) and torch.equal(b.grad.cpu(), 2 * z.detach().cpu())
for reentrant in (False, True):
    a, b = ones(0), ones(1)
    y = checkpoint(chain, a, b, use_reentrant=reentrant)
    y.sum().backward()
    assert torch.equal(a.grad.cpu(), y.detach().cpu()) and torch.equal(b.grad.cpu(), 2 * y.detach().cpu())
"""


def test_two_devices_draw_the_same_again():
    environment = dict(os.environ, LINESHAFT_DEVICES="cpu,vulkan")
    ended = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES], capture_output=True, text=True, env=environment, timeout=300
    )
    if ended.returncode == 77:
        pytest.skip("there is no Vulkan device")
    assert ended.returncode == 0, ended.stderr
