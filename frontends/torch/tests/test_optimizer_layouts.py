"""Optimizers over parameters, gradients and states with strides of their own."""

import lineshaft_torch
import pytest
import torch

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def moved(tensor):
    """On the device, with the same strides."""
    strides = tensor.stride()
    reach = 1 + sum((size - 1) * step for size, step in zip(tensor.shape, strides)) if tensor.numel() else 0
    memory = torch.zeros(max(reach, 1), dtype=tensor.dtype)
    if tensor.numel():
        once = tuple(slice(0, 1) if step == 0 else slice(None) for step in strides)
        memory.as_strided(tensor.shape, strides)[once].copy_(tensor[once])
    return memory.to(D).as_strided(tensor.shape, strides)


def layouts():
    base = torch.randn(6, 8)
    return {
        "dense": base.clone(),
        "transposed": torch.randn(8, 6).t(),
        "strided": torch.randn(6, 16)[:, ::2],
        "part": torch.randn(20, 20)[3:9, 5:13],
        "channels_last": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "empty": torch.randn(0, 3),
        "scalar": torch.randn(()),
        "row": torch.randn(12)[::3],
        "many": torch.randn(2, 1, 2, 1, 2, 1, 2, 1, 2),
    }


OPTIMIZERS = {
    "sgd": lambda p, **o: torch.optim.SGD(p, lr=0.1, **o),
    "momentum": lambda p, **o: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01, **o),
    "adam": lambda p, **o: torch.optim.Adam(p, lr=0.01, weight_decay=0.1, **o),
    "amsgrad": lambda p, **o: torch.optim.AdamW(p, lr=0.01, amsgrad=True, maximize=True, **o),
    "adagrad": lambda p, **o: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.1, **o),
}


@pytest.mark.parametrize("kind", ["fused", "foreach"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_take_any_layout(name, kind):
    """Parameters, gradients and states with strides of their own each."""
    given = layouts()

    def gradients(parameters, seed, scattered):
        torch.manual_seed(seed)
        for parameter in parameters:
            values = torch.randn(parameter.shape)
            if scattered and values.dim() == 2:
                values = values.t().contiguous().t()
            if scattered and values.dim() == 4:
                values = values.contiguous()
            place = moved(values) if parameter.device.type == D else values
            parameter.grad = place

    def train(device, **options):
        parameters = [(moved(t) if device == D else t.clone()).requires_grad_() for t in given.values()]
        optimizer = OPTIMIZERS[name](parameters, **options)
        for step in range(3):
            gradients(parameters, step, scattered=step == 1)
            optimizer.step()
            if step == 1:  # states that were loaded lie otherwise
                for state in optimizer.state.values():
                    for key, value in state.items():
                        if isinstance(value, torch.Tensor) and value.dim() == 2:
                            state[key] = value.t().contiguous().t()
        return [p.detach().cpu() for p in parameters]

    for which, actual, expected in zip(given, train(D, **{kind: True}), train("cpu", foreach=False)):
        torch.testing.assert_close(actual, expected, rtol=1e-5, atol=1e-6, msg=lambda t: f"{which}: {t}")


def test_a_scaler_with_strided_gradients():
    for make in (OPTIMIZERS["momentum"], OPTIMIZERS["adam"]):
        results = []
        for device in ("cpu", D):
            torch.manual_seed(0)
            weight = torch.randn(6, 4).t()
            parameter = (moved(weight) if device == D else weight.clone()).requires_grad_()
            optimizer = make([parameter], **({"fused": True} if device == D else {}))
            scaler = torch.amp.GradScaler(device, init_scale=8.0)
            for factor in (1.0, float("inf"), 2.0):
                optimizer.zero_grad()
                scaler.scale((parameter * factor).square().sum()).backward()
                scaler.step(optimizer)
                scaler.update()
            results.append(parameter.detach().cpu())
        torch.testing.assert_close(results[1], results[0], rtol=1e-5, atol=1e-6)


def test_fused_optimizers_refuse():
    ones = torch.ones(4, device=D)
    wide = ones[:1].expand(4)
    step = [torch.ones((), device=D)]
    adam = lambda p, g, m: torch._fused_adam_([p], [g], [m], [m.clone()], [], step, lr=0.1, beta1=0.9, beta2=0.99, weight_decay=0, eps=1e-8, amsgrad=False, maximize=False)  # fmt: skip  # noqa: E731
    with pytest.raises(RuntimeError, match="more than one element"):
        adam(wide, ones, ones.clone())
    with pytest.raises(RuntimeError, match="they must be alike"):
        adam(ones, ones[:2], ones.clone())
    with pytest.raises(RuntimeError, match="one dtype"):
        adam(ones, ones.half(), ones.clone())
    with pytest.raises(RuntimeError, match="same device"):
        adam(ones, torch.ones(4), ones.clone())
