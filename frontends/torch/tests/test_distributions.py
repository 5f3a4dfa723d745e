"""Random numbers by rejection: their laws by moments and quantiles, their derivatives against the CPU, and whole
distributions of torch.distributions."""

import math

import lineshaft_torch
import pytest
import torch
import torch.distributions as td

D = "lineshaft"
COUNT = 40_000


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(3)
    yield


def expect_same_law(mine, reference, places=6.0):
    """Moments of both, and Kolmogorov and Smirnov's distance of two samples, within what chance gives."""
    mine, reference = mine.detach().cpu().double().flatten(), reference.double().flatten()
    assert mine.isfinite().all()
    error = reference.std() / math.sqrt(len(reference)) + mine.std() / math.sqrt(len(mine))
    assert abs(mine.mean() - reference.mean()) < places * error
    pooled = torch.cat([mine, reference]).sort().values
    below = [torch.searchsorted(s.sort().values, pooled, right=True) / len(s) for s in (mine, reference)]
    limit = 2.2 * math.sqrt((len(mine) + len(reference)) / (len(mine) * len(reference)))  # once in 10,000 times
    assert (below[0] - below[1]).abs().max() < limit


DISTRIBUTIONS = {
    "Gamma(0.3, 2)": lambda t: td.Gamma(t(0.3), t(2.0)),
    "Gamma(1, 1)": lambda t: td.Gamma(t(1.0), t(1.0)),
    "Gamma(20, 0.5)": lambda t: td.Gamma(t(20.0), t(0.5)),
    "Beta(0.5, 0.7)": lambda t: td.Beta(t(0.5), t(0.7)),
    "Beta(9, 3)": lambda t: td.Beta(t(9.0), t(3.0)),
    "Dirichlet": lambda t: td.Dirichlet(t([0.4, 2.0, 7.0])),
    "StudentT": lambda t: td.StudentT(t(6.0), t(1.0), t(2.0)),
    "Chi2": lambda t: td.Chi2(t(3.0)),
    "FisherSnedecor": lambda t: td.FisherSnedecor(t(10.0), t(12.0)),
    "Poisson(0.7)": lambda t: td.Poisson(t(0.7)),
    "Poisson(9)": lambda t: td.Poisson(t(9.0)),
    "Poisson(80)": lambda t: td.Poisson(t(80.0)),
    "Binomial(10, 0.3)": lambda t: td.Binomial(t(10.0), t(0.3)),
    "Binomial(50, 0.9)": lambda t: td.Binomial(t(50.0), t(0.9)),
    "Binomial(1000, 0.4)": lambda t: td.Binomial(t(1000.0), t(0.4)),
    "NegativeBinomial": lambda t: td.NegativeBinomial(t(5.0), t(0.4)),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_samples_have_their_law(name, dtype):
    def on(device):
        return DISTRIBUTIONS[name](lambda value: torch.tensor(value, dtype=dtype, device=device))

    mine, reference = on(D).sample((COUNT,)), on("cpu").sample((COUNT,))
    assert mine.dtype == dtype and mine.device.type == D
    if name == "Dirichlet":
        torch.testing.assert_close(mine.sum(-1).cpu(), torch.ones(COUNT, dtype=dtype))
        for i in range(3):
            expect_same_law(mine[:, i], reference[:, i])
    else:
        expect_same_law(mine, reference)


def test_variances_are_those_of_the_law():
    for distribution in (
        td.Gamma(torch.tensor(2.5, device=D), torch.tensor(1.0, device=D)),
        td.Poisson(torch.tensor(33.0, device=D)),
        td.Binomial(torch.tensor(200.0, device=D), torch.tensor(0.2, device=D)),
    ):
        variance = distribution.sample((COUNT,)).var().item()
        assert variance == pytest.approx(distribution.variance.item(), rel=0.06)


def test_a_seed_gives_the_same_numbers():
    alpha = torch.full((100,), 0.8, device=D)

    def numbers():
        return [
            torch._standard_gamma(alpha).tolist(),
            torch.poisson(alpha * 5).tolist(),
            torch.rand(3, device=D).tolist(),
        ]

    torch.manual_seed(11)
    first = numbers()
    torch.manual_seed(11)
    assert numbers() == first
    generator = torch.Generator(D).manual_seed(11)
    assert torch._standard_gamma(alpha, generator).tolist() == first[0]
    assert torch._standard_gamma(alpha, generator).tolist() != first[0]  # the generator goes on
    state = generator.get_state()
    drawn = torch.poisson(alpha, generator).tolist()
    generator.set_state(state)
    assert torch.poisson(alpha, generator).tolist() == drawn
    assert len(set(torch._standard_gamma(torch.ones(1000, device=D)).tolist())) > 990


def test_half_types_and_other_shapes():
    for dtype in (torch.float16, torch.bfloat16):
        x = torch._standard_gamma(torch.full((2000,), 3.0, dtype=dtype, device=D))
        assert x.dtype == dtype and x.float().mean().item() == pytest.approx(3, abs=0.3)
        n = torch.poisson(torch.full((2000,), 4.0, dtype=dtype, device=D))
        assert n.dtype == dtype and torch.equal(n, n.floor())
    assert torch.poisson(torch.zeros(0, 3, device=D)).shape == (0, 3)
    assert torch.binomial(torch.full((4, 1), 9.0, device=D), torch.rand(3, device=D)).shape == (4, 3)
    assert torch._standard_gamma(torch.tensor(2.0, device=D)).shape == ()
    strided = torch._standard_gamma(torch.full((3, 4), 2.0, device=D).T)
    assert strided.shape == (4, 3)


def test_ends_of_the_parameters():
    t = torch.tensor
    assert torch.poisson(t([0.0, float("inf")], device=D)).tolist() == [0, float("inf")]
    counts, chances = t([5.0, 5.0, 0.0, -1.0, 5.0, 5.0]), t([0.0, 1.0, 0.5, 0.5, -0.5, 1.5])
    assert torch.binomial(counts.to(D), chances.to(D)).tolist() == [0, 5, 0, 0, 0, 5]
    assert torch.binomial(t(5.0, device=D), t(float("nan"), device=D)).isnan()
    assert torch._standard_gamma(t([1e-30], device=D)).item() > 0  # the smallest number, whose logarithm is finite
    with pytest.raises(ValueError, match="floating-point dtypes for count"):
        torch.binomial(t([5], device=D), t([0.5], device=D))
    with pytest.raises(NotImplementedError, match="\"poisson_cpu\" not implemented for 'Int'"):
        torch.poisson(t([5], dtype=torch.int32, device=D))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_derivatives_of_samples(dtype):
    tolerance = {"rtol": 2e-3, "atol": 1e-5} if dtype == torch.float32 else {"rtol": 1e-4, "atol": 1e-9}
    alpha = torch.tensor([0.02, 0.3, 0.9, 1.5, 4.0, 7.9, 8.5, 30.0, 200.0], dtype=dtype)[:, None].expand(9, 400)
    x = torch._standard_gamma(alpha).clamp_min(1e-20)
    want = torch._standard_gamma_grad(alpha.double(), x.double())
    torch.testing.assert_close(torch._standard_gamma_grad(alpha.to(D), x.to(D)).cpu().double(), want, **tolerance)
    beta = torch.tensor([0.05, 0.6, 1.0, 3.0, 6.5, 40.0], dtype=dtype)
    alpha, beta = (t[..., None].expand(6, 6, 200) for t in torch.meshgrid(beta, beta, indexing="ij"))
    total, x = alpha + beta, td.Beta(alpha, beta).sample().clamp(1e-6, 1 - 1e-6)
    want = torch._dirichlet_grad(x.double(), alpha.double(), total.double())
    mine = torch._dirichlet_grad(x.to(D), alpha.to(D), total.to(D)).cpu().double()
    if dtype == torch.float32:  # near the mean, digits cancel
        tolerance["rtol"] = 1e-2
    torch.testing.assert_close(mine, want, **tolerance)


def test_reparametrized_means_are_differentiable():
    """The derivative of a sample's mean by a parameter is that of the law's mean."""
    concentration = torch.tensor(3.0, device=D, requires_grad=True)
    rate = torch.tensor(2.0, device=D, requires_grad=True)
    td.Gamma(concentration, rate).rsample((COUNT,)).mean().backward()
    assert concentration.grad.item() == pytest.approx(0.5, rel=0.05)
    assert rate.grad.item() == pytest.approx(-0.75, rel=0.05)
    alpha = torch.tensor([1.0, 2.0, 3.0], device=D, requires_grad=True)
    td.Dirichlet(alpha).rsample((COUNT,))[:, 0].mean().backward()
    torch.testing.assert_close(alpha.grad.cpu(), torch.tensor([5.0, -1.0, -1.0]) / 36, rtol=0.1, atol=2e-3)
    a = torch.tensor(2.0, device=D, requires_grad=True)
    td.Beta(a, torch.tensor(3.0, device=D)).rsample((COUNT,)).mean().backward()
    assert a.grad.item() == pytest.approx(3 / 25, rel=0.1)
    degrees = torch.tensor(5.0, device=D, requires_grad=True)
    td.StudentT(degrees).rsample((100,)).square().sum().backward()
    assert degrees.grad.isfinite()
