"""GPyTorch and Pyro: Gaussian processes and variational inference."""

import gpytorch
import pyro
import pyro.distributions as dist
import torch
from harness import Case, Outcome, make_optimizer, moved, snapshot
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoDiagonalNormal
from pyro.nn import PyroModule, PyroSample


class ExactProcess(gpytorch.models.ExactGP):
    def __init__(self, x, y, likelihood):
        super().__init__(x, y, likelihood)
        self.mean, self.covariance = (
            gpytorch.means.ConstantMean(),
            gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel()),
        )

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean(x), self.covariance(x))


def data(device):
    torch.manual_seed(1)
    x = torch.linspace(0, 1, 40).unsqueeze(1)
    y = torch.sin(6 * x[:, 0]) + 0.1 * torch.randn(40)
    return x.to(device), y.to(device)


def exact(device) -> Outcome:
    x, y = data(device)
    likelihood = gpytorch.likelihoods.GaussianLikelihood().to(device)
    model = ExactProcess(x, y, likelihood).to(device)
    before, losses, optimizer = snapshot(model), [], make_optimizer(model)
    marginal = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    model.train()
    for _ in range(3):
        optimizer.zero_grad()
        loss = -marginal(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    after = snapshot(model)
    return Outcome(losses, after, moved(before, after))


class Variational(gpytorch.models.ApproximateGP):
    def __init__(self, points):
        distribution = gpytorch.variational.CholeskyVariationalDistribution(points.size(0), mean_init_std=0.0)
        super().__init__(gpytorch.variational.VariationalStrategy(self, points, distribution))
        self.mean, self.covariance = (
            gpytorch.means.ConstantMean(),
            gpytorch.kernels.ScaleKernel(gpytorch.kernels.RBFKernel()),
        )

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean(x), self.covariance(x))


def variational(device) -> Outcome:
    x, y = data(device)
    torch.manual_seed(1)
    model, likelihood = (
        Variational(x[:10].cpu().clone()).to(device),
        gpytorch.likelihoods.GaussianLikelihood().to(device),
    )
    before, losses, optimizer = snapshot(model), [], make_optimizer(model)
    bound = gpytorch.mlls.VariationalELBO(likelihood, model, num_data=40)
    model.train()
    for _ in range(3):
        optimizer.zero_grad()
        loss = -bound(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    after = snapshot(model)
    return Outcome(losses, after, moved(before, after))


class Regression(PyroModule):
    def __init__(self, device):
        super().__init__()
        self.set_priors(device)

    def set_priors(self, device):
        zero, one = torch.zeros((), device=device), torch.ones((), device=device)
        self.slope = PyroSample(dist.Normal(zero, one))
        self.bias = PyroSample(dist.Normal(zero, one))

    def forward(self, x, y):
        with pyro.plate("data", len(x)):
            return pyro.sample("y", dist.Normal(self.slope * x[:, 0] + self.bias, 0.3), obs=y)


def moved_guide(device) -> Outcome:
    """A guide that is initialized on the CPU and moved then: the store of parameters has to go along. What it draws differs
    by device, so that only which parameters change is compared."""
    pyro.clear_param_store()
    pyro.set_rng_seed(1)
    x, y = data(torch.device("cpu"))
    model = Regression("cpu")
    guide = AutoDiagonalNormal(model)
    guide(x, y)
    guide.to(device)
    model.set_priors(device)
    x, y = x.to(device), y.to(device)
    before = snapshot(guide)
    svi = SVI(model, guide, pyro.optim.Adam({"lr": 0.01}), Trace_ELBO())
    for _ in range(3):
        svi.step(x, y)
    for name, value in pyro.get_param_store().named_parameters():
        if value.device.type != device.type:
            raise AssertionError(f"Pyro's store keeps {name} on {value.device}")
    return Outcome([], {}, moved(before, snapshot(guide)))


class Autoencoder(torch.nn.Module):
    """Without latent variables, so that nothing is drawn."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = torch.nn.Linear(12, 4), torch.nn.Linear(4, 12)

    def model(self, x):
        pyro.module("autoencoder", self)
        with pyro.plate("data", x.size(0)):
            pyro.sample("x", dist.Bernoulli(logits=self.decoder(self.encoder(x).tanh())).to_event(1), obs=x)

    def guide(self, x):
        pass


def autoencoder(device) -> Outcome:
    pyro.clear_param_store()
    pyro.set_rng_seed(1)
    network = Autoencoder()
    x = (torch.rand(6, 12) > 0.5).float().to(device)
    network.to(device)
    before = snapshot(network)
    svi = SVI(network.model, network.guide, pyro.optim.Adam({"lr": 1e-3, "eps": 1e-4}), Trace_ELBO())
    losses = [svi.step(x) for _ in range(3)]
    after = snapshot(network)
    return Outcome(losses, after, moved(before, after))


def cases() -> list[Case]:
    return [
        Case("gpytorch: exact process", exact),
        Case("gpytorch: variational process", variational),
        Case("pyro: AutoDiagonalNormal, moved", moved_guide),
        Case("pyro: autoencoder by SVI", autoencoder),
    ]
