"""Models of many small operations, where what counts is the cost of an operation and not its work."""

import torch
from harness import Case
from torch import nn
from torch.nn import functional as F

GROUP = "small operations"


def chain_of_products():
    """200 products of 8x8 matrices, each under tanh, without gradients."""

    def build(device):
        generator = torch.Generator().manual_seed(1)
        start = torch.randn(8, 8, generator=generator).to(device)
        weight = (torch.randn(8, 8, generator=generator) * 0.4).to(device)

        def run():
            with torch.no_grad():
                x = start
                for _ in range(200):
                    x = torch.tanh(x @ weight)
                return x

        return run

    return Case("200 products of 8x8 with tanh", GROUP, build, 1e-4)


def step(name, make_model, make_batch, loss_of):
    """A training step with AdamW; what is compared is the loss of the first."""

    def build(device):
        torch.manual_seed(1)
        model = make_model()
        batch = [tensor.to(device) for tensor in make_batch()]
        model.to(device)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

        def run():
            optimizer.zero_grad()
            loss = loss_of(model, *batch)
            loss.backward()
            optimizer.step()
            return loss

        return run

    return Case(name, GROUP, build, 1e-3)


def perceptron(*widths):
    layers = [module for i, o in zip(widths, widths[1:], strict=False) for module in (nn.Linear(i, o), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


class GraphIsomorphism(nn.Module):
    """Three layers that add up neighbours, as "How Powerful are Graph Neural Networks?" (Xu et al., 2019) has them."""

    def __init__(self, features=16, width=32, classes=4):
        super().__init__()
        self.layers = nn.ModuleList(perceptron(i, width, width) for i in (features, width, width))
        self.head = nn.Linear(width, classes)

    def forward(self, x, source, target):
        for layer in self.layers:
            x = layer(x.index_add(0, target, x[source])).relu()
        return self.head(x)


class RelationalGraph(nn.Module):
    """Two layers with a weight for each kind of edge, as "Modeling Relational Data with Graph Convolutional Networks"
    (Schlichtkrull et al., 2018) has them."""

    def __init__(self, features=16, width=32, classes=4, relations=4):
        super().__init__()
        self.own = nn.ModuleList([nn.Linear(features, width), nn.Linear(width, classes)])
        self.weights = nn.ParameterList(
            nn.Parameter(torch.randn(relations, i, o) * 0.1) for i, o in ((features, width), (width, classes))
        )

    def forward(self, x, source, target):
        for number, (own, weights) in enumerate(zip(self.own, self.weights, strict=True)):
            out = own(x)
            for relation, (rows, to) in enumerate(zip(source.chunk(4), target.chunk(4), strict=True)):
                out = out.index_add(0, to, x[rows] @ weights[relation])
            x = out.relu() if number == 0 else out
        return x


class VectorQuantizer(nn.Module):
    """An autoencoder whose code is the nearest of a few learned vectors, as "Neural Discrete Representation Learning"
    (van den Oord et al., 2017) has it."""

    def __init__(self, features=32, width=16, codes=64):
        super().__init__()
        self.encoder, self.decoder = perceptron(features, 32, width), perceptron(width, 32, features)
        self.codes = nn.Embedding(codes, width)

    def forward(self, x):
        z = self.encoder(x)
        nearest = (
            z.square().sum(1, keepdim=True) - 2 * z @ self.codes.weight.T + self.codes.weight.square().sum(1)
        ).argmin(1)
        code = self.codes(nearest)
        loss = F.mse_loss(code, z.detach()) + 0.25 * F.mse_loss(z, code.detach())
        return F.mse_loss(self.decoder(z + (code - z).detach()), x) + loss


def graph_batch():
    return torch.randn(64, 16), torch.randint(64, (256,)), torch.randint(64, (256,)), torch.randint(4, (64,))


def classify(model, x, source, target, y):
    return F.cross_entropy(model(x, source, target), y)


def cases():
    return [
        chain_of_products(),
        step("MLP 16-32-32-4, batch of 32", lambda: perceptron(16, 32, 32, 4),
             lambda: (torch.randn(32, 16), torch.randint(4, (32,))), lambda model, x, y: F.cross_entropy(model(x), y)),
        step("GIN, 64 nodes, 256 edges", GraphIsomorphism, graph_batch, classify),
        step("RGCN, 64 nodes, 256 edges of 4 kinds", RelationalGraph, graph_batch, classify),
        step("vector quantizer, batch of 64", VectorQuantizer, lambda: (torch.randn(64, 32),), lambda model, x: model(x)),
    ]  # fmt: skip
