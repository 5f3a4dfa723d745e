"""What is measured: single operators, chains of them, and training steps of whole models."""

import sys
from pathlib import Path

import small
import torch
from harness import Case
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "examples"), str(ROOT / "frontends/torch/tests/models")]


def inputs(device, *shapes, seed=1, grad=False):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator).to(device).requires_grad_(grad) for shape in shapes]


def operator(name, group, function, shapes, work=0, unit="", tolerance=1e-4, calls=False):
    """Forward alone, without gradients."""

    def build(device):
        tensors = inputs(device, *shapes)

        def run():
            with torch.no_grad():
                return function(*tensors)

        return run

    return Case(name, group, build, tolerance, work, unit, calls)


def with_gradients(name, group, function, shapes, work=0, unit="", tolerance=1e-3):
    """Forward and backward; the gradient of the first input is what is compared."""

    def build(device):
        tensors = inputs(device, *shapes, grad=True)

        def run():
            for tensor in tensors:
                tensor.grad = None
            function(*tensors).square().mean().backward()
            return tensors[0].grad

        return run

    return Case(name, group, build, tolerance, work, unit)


def well_conditioned(x):
    return x / (16 * x.shape[-1]) ** 0.5 + torch.eye(x.shape[-1], device=x.device)


def cholesky(x):
    return torch.linalg.cholesky_ex(well_conditioned(x)).L


def solve(x, y):
    return torch.linalg.solve_ex(well_conditioned(x), y).result


def chain(x):
    return torch.tanh((x * 1.5 + 0.25).relu())


def optimizer_step(name, make):
    """One step over 60 parameters of 4 million elements together."""

    def build(device):
        parameters = [nn.Parameter(tensor) for tensor in inputs(device, *[(256, 256)] * 60)]
        optimizer = make(parameters)
        for parameter, gradient in zip(parameters, inputs(device, *[(256, 256)] * 60, seed=2), strict=True):
            parameter.grad = gradient

        def run():
            optimizer.step()
            return parameters[0]

        return run

    return Case(name, "optimizer", build, 1e-4)


def training(name, make_model, make_batch, loss_of):
    """A whole step: forward, loss, backward, optimizer. The first step's loss is what is compared."""

    def build(device, capturable=False):
        torch.manual_seed(1)
        model = make_model().to(device)
        batch = [tensor.to(device) for tensor in make_batch()]
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, capturable=capturable)

        def run():
            optimizer.zero_grad()
            loss = loss_of(model, *batch)
            loss.backward()
            optimizer.step()
            return loss

        return run

    return Case(name, "training", build, 1e-3, memory=True)


def models():
    from network import make_network
    from zoo import GPT, ResNet18

    def network_without_dropout():
        # The devices draw different numbers, so that losses could not be compared.
        return nn.Sequential(*[layer for layer in make_network() if not isinstance(layer, nn.Dropout)])

    def classify(model, x, y):
        return F.cross_entropy(model(x), y)

    def predict(model, tokens):
        scores = model(tokens[:, :-1])
        return F.cross_entropy(scores.reshape(-1, scores.shape[-1]), tokens[:, 1:].reshape(-1))

    return [
        training("CNN, 100 images of 28x28", network_without_dropout,
                 lambda: (torch.randn(100, 1, 28, 28), torch.randint(10, (100,))), classify),
        training("ResNet-18, 16 images of 32x32", lambda: ResNet18(width=32),
                 lambda: (torch.randn(16, 3, 32, 32), torch.randint(10, (16,))), classify),
        training("GPT, 4 layers of 256, 8 x 64 tokens", lambda: GPT(vocabulary=512, length=64, width=256, depth=4, heads=8),
                 lambda: (torch.randint(512, (8, 65)),), predict),
    ]  # fmt: skip


def cases():
    return [
        operator("matmul 512", "matmul", torch.matmul, [(512, 512)] * 2, 2 * 512**3 / 1e9, "GF"),
        operator("matmul 1024", "matmul", torch.matmul, [(1024, 1024)] * 2, 2 * 1024**3 / 1e9, "GF"),
        operator("batched matmul 32 x 128", "matmul", torch.matmul, [(32, 128, 128)] * 2, 64 * 128**3 / 1e9, "GF"),
        operator("linear 256 x 1024 x 1024", "matmul", F.linear, [(256, 1024), (1024, 1024), (1024,)], 2 * 256 * 1024**2 / 1e9, "GF"),
        operator("conv 3x3, 64 channels, 56x56, batch 8", "convolution", lambda x, w: F.conv2d(x, w, padding=1),
                 [(8, 64, 56, 56), (64, 64, 3, 3)], 2 * 8 * 64 * 64 * 9 * 56 * 56 / 1e9, "GF", 1e-3),
        with_gradients("conv 3x3 with gradients", "convolution", lambda x, w: F.conv2d(x, w, padding=1),
                       [(8, 64, 28, 28), (64, 64, 3, 3)], 6 * 8 * 64 * 64 * 9 * 28 * 28 / 1e9, "GF"),
        operator("add, 64 MiB", "elementwise", torch.add, [(2**24,)] * 2, 3 * 2**26 / 1e9, "GB"),
        operator("chain of four, 64 MiB", "elementwise", chain, [(2**24,)], 2 * 2**26 / 1e9, "GB"),
        operator("gelu, 16 MiB", "elementwise", F.gelu, [(2**22,)], 2 * 2**24 / 1e9, "GB"),
        operator("sum of rows, 64 MiB", "reduction", lambda x: x.sum(1), [(4096, 4096)], 2**26 / 1e9, "GB"),
        operator("softmax 4096 x 1024", "normalization", lambda x: x.softmax(1), [(4096, 1024)], 2 * 2**24 / 1e9, "GB"),
        with_gradients("softmax with gradients", "normalization", lambda x: x.softmax(1), [(2048, 1024)]),
        operator("layer norm 4096 x 1024", "normalization", lambda x, w, b: F.layer_norm(x, (1024,), w, b),
                 [(4096, 1024), (1024,), (1024,)], 2 * 2**24 / 1e9, "GB"),
        with_gradients("layer norm with gradients", "normalization", lambda x, w, b: F.layer_norm(x, (1024,), w, b),
                       [(2048, 1024), (1024,), (1024,)]),
        operator("attention, 8 heads of 64, 256 tokens, batch 4", "attention", F.scaled_dot_product_attention, [(4, 8, 256, 64)] * 3,
                 4 * 4 * 8 * 256 * 256 * 64 / 1e9, "GF"),
        with_gradients("attention with gradients", "attention", F.scaled_dot_product_attention, [(4, 8, 256, 64)] * 3),
        operator("Cholesky 512", "linear algebra", cholesky, [(512, 512)], 512**3 / 3e9, "GF"),
        operator("Cholesky, 512 of 32", "linear algebra", cholesky, [(512, 32, 32)], 512 * 32**3 / 3e9, "GF"),
        operator("solve 512, 64 right sides", "linear algebra", solve, [(512, 512), (512, 64)], (2 / 3 + 1 / 4) * 512**3 / 1e9, "GF", 1e-3),
        operator("QR 512", "linear algebra", lambda x: torch.linalg.qr(x).R.abs(), [(512, 512)], 8 / 3 * 512**3 / 1e9, "GF", 1e-3),
        optimizer_step("SGD with momentum, 4 M weights", lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9)),
        optimizer_step("AdamW, 4 M weights", lambda p: torch.optim.AdamW(p, lr=1e-3)),
        operator("record an add of one element", "overhead", torch.add, [(1,)] * 2, calls=True),
        *models(),
        *small.cases(),
    ]  # fmt: skip
