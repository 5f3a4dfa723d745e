"""Adam and AdamW, which take the device's fused kernel where it does what PyTorch's default does, and what stays with that."""

import copy

import lineshaft_torch
import pytest
import torch
from torch.profiler import ProfilerActivity, profile

D = "lineshaft"
VARIANTS = {
    "adam": (torch.optim.Adam, {}),
    "adam, decay": (torch.optim.Adam, {"weight_decay": 0.1}),
    "adam, amsgrad": (torch.optim.Adam, {"amsgrad": True, "maximize": True}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw, amsgrad": (torch.optim.AdamW, {"amsgrad": True, "betas": (0.5, 0.7), "eps": 1e-3}),
    "foreach": (torch.optim.AdamW, {"foreach": True}),
}


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


SHAPES = ((5, 7), (7,), (), (2, 3, 4))


def parameters(device, dtype=torch.float32, shapes=SHAPES):
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=generator).to(device, dtype).requires_grad_() for shape in shapes]


def train(device, kind, options, steps=6, dtype=torch.float32, lr=0.01, shapes=SHAPES):
    """The last parameter has a gradient from the third step on, so that step counts differ."""
    params = parameters(device, dtype, shapes)
    optimizer = kind(params, lr=lr, **options)
    generator = torch.Generator().manual_seed(2)
    for step in range(steps):
        for param in params[: None if step > 1 else -1]:
            param.grad = torch.randn(param.shape, generator=generator).to(device, dtype)
        optimizer.step()
    return params, optimizer


def operators(run):
    with profile(activities=[ProfilerActivity.CPU]) as recorded:
        run()
    return {event.name for event in recorded.events()}


@pytest.mark.parametrize("shapes", [SHAPES, ((0, 3), *SHAPES)], ids=["with elements", "one empty"])
@pytest.mark.parametrize("name", VARIANTS)
def test_as_on_the_cpu(name, shapes):
    kind, options = VARIANTS[name]
    (ours, optimizer), (want, reference) = (train(device, kind, options, shapes=shapes) for device in (D, "cpu"))
    for got, right in zip(ours, want, strict=True):
        torch.testing.assert_close(got.detach().cpu(), right.detach(), rtol=1e-5, atol=1e-6)
    for got, right in zip(optimizer.state.values(), reference.state.values(), strict=True):
        assert got.keys() == right.keys()
        assert got["step"].device.type == "cpu" and got["step"] == right["step"]
        for key in got.keys() - {"step"}:
            torch.testing.assert_close(got[key].cpu(), right[key], rtol=1e-5, atol=1e-6)


def test_a_step_is_one_operator():
    assert "aten::_fused_adamw_" in operators(lambda: train(D, torch.optim.AdamW, {}))
    assert "aten::_fused_adam_" in operators(lambda: train(D, torch.optim.Adam, {}))


@pytest.mark.parametrize("options", [{"capturable": True}, {"foreach": False}], ids=["capturable", "one by one"])
def test_what_the_fused_kernel_does_not_do_stays_with_pytorch(options):
    run = {}

    def step():
        run["params"], _ = train(D, torch.optim.AdamW, options)

    assert "aten::_fused_adamw_" not in operators(step)
    want, _ = train("cpu", torch.optim.AdamW, {})
    for got, right in zip(run["params"], want, strict=True):
        torch.testing.assert_close(got.detach().cpu(), right.detach(), rtol=1e-5, atol=1e-6)


def test_half_precision_is_as_close_to_f64_as_the_cpu():
    options = {"weight_decay": 0.1}
    exact, _ = train("cpu", torch.optim.AdamW, options, dtype=torch.float64)
    want, _ = train("cpu", torch.optim.AdamW, options, dtype=torch.bfloat16)
    ours, _ = train(D, torch.optim.AdamW, options, dtype=torch.bfloat16)
    for got, right, truth in zip(ours, want, exact, strict=True):
        distance = [(each.detach().cpu().double() - truth.detach()).abs().sum() for each in (got, right)]
        assert distance[0] <= 1.5 * distance[1] + 1e-2


def test_parameters_of_several_dtypes():
    def run(device):
        params = [*parameters(device), *parameters(device, torch.float64)]
        optimizer = torch.optim.AdamW(params, lr=0.01)
        for _ in range(3):
            for param in params:
                param.grad = torch.ones_like(param)
            optimizer.step()
        return params

    for got, right in zip(run(D), run("cpu"), strict=True):
        torch.testing.assert_close(got.detach().cpu(), right.detach(), rtol=1e-5, atol=1e-6)


def test_state_goes_to_the_cpu_and_back():
    ours, optimizer = train(D, torch.optim.AdamW, {})
    resumed = torch.optim.AdamW([param.detach().cpu().requires_grad_() for param in ours], lr=0.01)
    resumed.load_state_dict(optimizer.state_dict())
    for state in resumed.state.values():
        assert all(tensor.device.type == "cpu" for tensor in state.values())
    again = torch.optim.AdamW(ours, lr=0.01)
    again.load_state_dict(copy.deepcopy(resumed.state_dict()))  # PyTorch shares step counts
    for param, other in zip(ours, resumed.param_groups[0]["params"], strict=True):
        param.grad, other.grad = torch.ones_like(param), torch.ones_like(other)
    again.step()
    resumed.step()
    for got, right in zip(ours, resumed.param_groups[0]["params"], strict=True):
        torch.testing.assert_close(got.detach().cpu(), right.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.SGD])
def test_learning_rates_in_tensors_of_several_dtypes(kind):
    # One process meets both: each has a program of its own.
    for dtype in (torch.float32, torch.float64, torch.float32):
        results = []
        for device in ("cpu", "lineshaft"):
            param = torch.linspace(-1, 1, 5, dtype=torch.float64, device=device).requires_grad_()
            options = {"capturable": True} if kind is torch.optim.Adam and device == "lineshaft" else {}
            rate = torch.tensor(0.1, dtype=dtype, device=device)
            optimizer = kind([param], lr=rate, fused=True, **options)
            for _ in range(3):
                optimizer.zero_grad()
                (param**2).sum().backward()
                optimizer.step()
            results.append(param.detach().cpu())
        torch.testing.assert_close(results[1], results[0], rtol=1e-7, atol=1e-7)
