"""Forward-mode differentiation, against the CPU."""

import lineshaft_torch
import pytest
import torch
import torch.autograd.forward_ad as fwAD
import torch.nn.functional as F
from torch.func import functional_call, hessian, jacfwd, jvp, vmap

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


OPERATORS = {
    "mul": lambda x: x * x[:1],
    "exp": torch.exp,
    "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "glu": lambda x: F.glu(x, -1),
    "glu of rows": lambda x: F.glu(x, 0),
    "layer_norm": lambda x: F.layer_norm(x, (6,)),
    "linear": lambda x: F.linear(x, x.t() @ x),
    "matmul": lambda x: x @ x.t(),
    "sum": lambda x: x.sum(1),
    "mean": lambda x: x.mean(),
    "max": lambda x: x.max(1).values,
    "where": lambda x: torch.where(x > 0, x, 2 * x),
    "cat": lambda x: torch.cat([x, x * x]),
    "constants": lambda x: x * 3 + torch.ones_like(x) - torch.zeros_like(x),
    "index": lambda x: x[:, [0, 2, 2]],
    "cumsum": lambda x: x.cumsum(1),
    "pow": lambda x: x.abs().pow(1.5),
    "clamp": lambda x: x.clamp(-0.5, 0.5),
    "detached": lambda x: x * x.detach(),
    "conv1d": lambda x: F.conv1d(x[None], x[:, :3].unsqueeze(0)),
    "mse_loss": lambda x: F.mse_loss(x, torch.zeros_like(x)),
    "var": lambda x: x.var(1),
    "norm": lambda x: x.norm(),
}


def inputs():
    return torch.randn(4, 6), torch.randn(4, 6)


@pytest.mark.parametrize("name", OPERATORS)
def test_tangents(name):
    x, tangent = inputs()
    value, derivative = jvp(OPERATORS[name], (x,), (tangent,))
    found, found_derivative = jvp(OPERATORS[name], (x.to(D),), (tangent.to(D),))
    assert found_derivative.device.type == D
    assert torch.allclose(found.cpu(), value, atol=1e-5)
    assert torch.allclose(found_derivative.cpu(), derivative, atol=1e-5)


def test_dual_numbers_and_a_tangent_that_is_zero():
    x, tangent = inputs()
    with fwAD.dual_level():
        dual = fwAD.make_dual(x.to(D), tangent.to(D))
        y = dual * 2 + torch.ones(4, 6, device=D)
        assert torch.allclose(fwAD.unpack_dual(y).tangent.cpu(), 2 * tangent)
        # An operator of several results, one of which has no tangent of its own.
        values, places = dual.sort(1)
        assert fwAD.unpack_dual(places).tangent is None
        zero = torch._efficientzerotensor((2, 3), device=D, dtype=torch.float64)
        assert zero._is_zerotensor() and zero.device.type == D and zero.dtype == torch.float64
        assert (zero + 1).cpu().sum() == 6 and (zero * 5)._is_zerotensor() and zero.cpu().sum() == 0
        assert zero.clone().cpu().sum() == 0 and zero.to(D).sum().item() == 0
    with pytest.raises(TypeError, match="ComplexFloat"):
        torch._efficientzerotensor((2,), device=D, dtype=torch.complex64)


def test_second_derivatives():
    x = torch.randn(6)

    def gated(x):
        return F.glu(x, -1).square().sum()  # its tangent has no tangent in PyTorch

    def other(x):
        return x.softmax(-1).square().sum() + x.exp().sum()

    cases = ((hessian, gated), (hessian, other), (lambda f: jacfwd(jacfwd(f)), other))
    for derivative, function in cases:
        assert torch.allclose(derivative(function)(x.to(D)).cpu(), derivative(function)(x), rtol=1e-4, atol=1e-5)


def test_jacobians_of_a_network():
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 2))
    x = torch.randn(3, 6)

    def of(module):
        parameters = dict(module.named_parameters())
        return lambda x: functional_call(module, parameters, (x,))

    expected = vmap(jacfwd(of(model)))(x)
    found = vmap(jacfwd(of(model.to(D))))(x.to(D))
    assert torch.allclose(found.detach().cpu(), expected.detach(), atol=1e-5)
