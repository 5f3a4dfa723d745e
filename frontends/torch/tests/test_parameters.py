"""Modules that move between the CPU and the device keep their parameters, as between the CPU and CUDA: tied ones stay tied, an
optimizer that was made before goes on training them, and whatever refers to them still does."""

import copy
import weakref

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F
from torch import nn

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


class Tied(nn.Module):
    """A language model's embedding and head with one table."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.norm = nn.LayerNorm(6)
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.norm(self.embedding(x)))


MOVES = {
    "to": lambda m: m.to(D),
    "to an index": lambda m: m.to(f"{D}:0"),
    "lineshaft": lambda m: m.lineshaft(),
    "to and back": lambda m: m.to(D).cpu().to(D),
    "half": lambda m: m.half().to(D),
    "with dtype": lambda m: m.to(D, torch.bfloat16),
    "dtype on the device": lambda m: m.to(D).double(),
    "channels_last": lambda m: m.to(D, memory_format=torch.channels_last),
    "to a tensor's": lambda m: m.to(torch.empty(0, device=D)),
    "share_memory": lambda m: m.share_memory().to(D),
    "away": lambda m: m.to(D).cpu(),
}
MODULES = {
    "tied": Tied,
    "conv": lambda: nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)),
    "lstm": lambda: nn.LSTM(4, 5, num_layers=2),
    "weight_norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)),
    "spectral_norm": lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4)),
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("kind", MODULES)
def test_parameters_stay_the_same_objects(kind, move):
    module = MODULES[kind]()
    before = dict(module.named_parameters(remove_duplicate=False))
    references = {name: weakref.ref(parameter) for name, parameter in before.items()}
    assert MOVES[move](module) is module
    after = dict(module.named_parameters(remove_duplicate=False))
    assert list(after) == list(before)
    for name, parameter in after.items():
        assert parameter is before[name] and references[name]() is parameter
        assert isinstance(parameter, nn.Parameter) and parameter.requires_grad and parameter.is_leaf
        assert parameter.device.type == ("cpu" if move == "away" else D)
    if kind == "tied":
        assert module.head.weight is module.embedding.weight


def train(model, optimizer, device, steps=3):
    losses = []
    for _ in range(steps):
        tokens = torch.arange(12).remainder(11).view(3, 4)
        loss = F.cross_entropy(model(tokens.to(device)).transpose(1, 2), tokens.roll(1, 1).to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.05),
    "AdamW fused": lambda p: torch.optim.AdamW(p, lr=0.05, fused=True),
    "Adam of a loop": lambda p: torch.optim.Adam(p, lr=0.05, foreach=False),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_made_before_the_move_trains(name):
    model = Tied()
    expected = copy.deepcopy(model)
    optimizer = OPTIMIZERS[name](model.parameters())
    model.to(D)
    found = train(model, optimizer, D)
    reference = train(expected, OPTIMIZERS[name](expected.parameters()), "cpu")
    assert found == pytest.approx(reference, rel=1e-4) and found[-1] < found[0]
    assert model.head.weight is model.embedding.weight
    for a, b in zip(model.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(a.detach().cpu(), b, atol=1e-4)


def test_training_goes_on_where_it_was_after_each_move():
    """The gradient's accumulator is made anew for the device: a graph made before does not mislead it."""
    model = Tied()
    expected = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    reference = train(expected, torch.optim.SGD(expected.parameters(), lr=0.5), "cpu", steps=8)
    found = []
    for device in ("cpu", D, "cpu", D):
        found += train(model.to(device), optimizer, device, steps=2)
    assert found == pytest.approx(reference, rel=1e-4)


def test_gradients_move_with_their_parameters():
    model = nn.Linear(3, 2)
    model(torch.ones(1, 3)).sum().backward()
    gradients = [p.grad for p in model.parameters()]
    values = [g.clone() for g in gradients]
    model.to(D)
    for parameter, gradient, value in zip(model.parameters(), gradients, values, strict=True):
        assert parameter.grad is gradient and gradient.device.type == D and torch.equal(gradient.cpu(), value)
    model(torch.ones(1, 3, device=D)).sum().backward()
    model.cpu()
    for parameter, value in zip(model.parameters(), values, strict=True):
        assert torch.equal(parameter.grad, 2 * value)


def test_hooks_stay():
    model = nn.Linear(3, 2)
    called = []
    model.weight.register_hook(lambda g: called.append(g.device.type))
    model.weight.register_post_accumulate_grad_hook(lambda p: called.append(p.grad.device.type))
    for device in (D, "cpu"):
        called.clear()
        model.to(device)(torch.ones(1, 3, device=device)).sum().backward()
        assert called == [device, device]


def test_data_is_set_both_ways():
    parameter = nn.Parameter(torch.arange(4.0))
    version = parameter._version
    other = parameter.detach()
    parameter.data = parameter.data.to(D)
    assert parameter.device.type == D and parameter.is_lineshaft and parameter._version == version
    assert other.device.type == "cpu"  # a tensor of its own since it was detached
    assert (parameter * 2).sum().item() == 12
    parameter.data = torch.ones(2, 3)
    assert parameter.device.type == "cpu" and parameter.shape == (2, 3)
    parameter.data = torch.ones(2, 3, device=D)[:, 1:]
    assert parameter.stride() == (3, 1) and parameter.storage_offset() == 1
    parameter.sum().backward()
    assert parameter.grad.device.type == D
    plain = torch.zeros(2)
    plain.data = torch.ones(3, dtype=torch.int64, device=D)
    assert plain.dtype == torch.int64 and plain.cpu().tolist() == [1, 1, 1]
    with torch.inference_mode():
        inferred = torch.ones(2, device=D)
    plain.data = inferred
    assert plain.cpu().tolist() == [1, 1]


def test_data_that_does_not_fit_is_refused_as_elsewhere():
    with pytest.raises(RuntimeError, match="must be floating point or complex"):
        nn.Parameter(torch.ones(2)).data = torch.ones(2, dtype=torch.int64, device=D)
    with pytest.raises(RuntimeError, match="incompatible tensor type"):
        torch.ones(2, device=D).data = torch.ones(2, device="meta")
    with pytest.raises(RuntimeError, match="incompatible tensor type"):
        torch.ones(2, device=D).data = torch.eye(2).to_sparse()


def test_adagrad_made_before_the_move_trains_once_its_state_is_given_anew():
    """It makes its state in its constructor, as docs/guides/checkpoints.md says."""
    module = nn.Linear(2, 2)
    optimizer = torch.optim.Adagrad(module.parameters())
    module.to(D)
    module(torch.ones(1, 2, device=D)).sum().backward()
    with pytest.raises(RuntimeError, match="same device"):
        optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
    before = module.weight.detach().clone()
    optimizer.step()
    assert not torch.equal(module.weight, before)


def test_a_graph_from_before_the_move_gives_its_gradient_where_it_ran():
    """As PyTorch does after .double(): the parameter has moved on, the gradient has the kind that the graph had."""
    model = nn.Linear(3, 1, bias=False)
    loss = model(torch.ones(1, 3)).square().sum()
    model.to(D)
    loss.backward()
    assert model.weight.device.type == D and model.weight.grad.device.type == "cpu"
    with pytest.raises(RuntimeError, match="lineshaft"):  # so an optimizer says that they do not fit
        torch.optim.SGD(model.parameters(), lr=1.0).step()


def test_recurrent_weights_are_found_after_a_move():
    model = nn.LSTM(4, 5, bidirectional=True)
    x = torch.randn(3, 2, 4)
    expected, _ = model(x)
    model.to(D)
    model.flatten_parameters()
    assert all(a is b for a, b in zip(model._flat_weights, model.parameters(), strict=True))
    found, _ = model(x.to(D))
    assert torch.allclose(found.detach().cpu(), expected.detach(), atol=1e-6)
    again, _ = model.cpu()(x)
    assert torch.equal(again, expected)


def test_meta_modules_become_device_modules():
    model = nn.Linear(3, 2, device="meta")
    model.to_empty(device=D)
    model.load_state_dict({"weight": torch.ones(2, 3), "bias": torch.zeros(2)})
    assert model(torch.ones(1, 3, device=D)).cpu().tolist() == [[3.0, 3.0]]
    model = nn.Linear(3, 2, device="meta")
    model.load_state_dict({"weight": torch.ones(2, 3, device=D), "bias": torch.zeros(2, device=D)}, assign=True)
    assert model.weight.device.type == D
    assert nn.Linear(3, 2).to(D).to("meta").weight.device.type == "meta"
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        nn.Linear(3, 2, device="meta").to(D)


def test_buffers_and_parameters_that_are_no_leaves():
    model = nn.BatchNorm1d(3)
    statistics = model.running_mean
    model.to(D)
    assert model.running_mean.device.type == D and statistics.device.type == "cpu"  # buffers are replaced everywhere
    copied = copy.deepcopy(model)
    assert copied.weight is not model.weight and copied.weight.device.type == D


def test_old_weight_norm_moves():
    with pytest.warns(FutureWarning):
        model = nn.utils.weight_norm(nn.Linear(3, 2))
    x = torch.randn(4, 3)
    expected = model(x)
    direction = model.weight_v
    model.to(D)
    assert model.weight_v is direction
    assert torch.allclose(model(x.to(D)).cpu(), expected, atol=1e-6)


@pytest.mark.parametrize("setting", ["overwrite_module_params", "swap_module_params"])
def test_what_the_user_chose_for_conversions_holds(setting):
    change = getattr(torch.__future__, f"set_{setting}_on_conversion")
    model = nn.Linear(3, 2)
    before = model.weight
    change(True)
    try:
        model.to(D)
    finally:
        change(False)
    assert (model.weight is before) == (setting == "swap_module_params")
    assert model.weight.device.type == D


def test_averaged_and_shared_models_move():
    model = Tied().to(D)
    averaged = torch.optim.swa_utils.AveragedModel(model, device=D)
    averaged.update_parameters(model)
    assert {value.device.type for value in averaged.state_dict().values()} == {D}
    assert torch.equal(averaged.module.head.weight.cpu(), model.head.weight.detach().cpu())
