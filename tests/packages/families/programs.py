"""What programs do around a model: workers that load data, Accelerate's order, checkpoints of safetensors, skorch."""

import tempfile
from pathlib import Path

import numpy
import torch
from accelerate.utils import set_seed
from harness import Case, Outcome, classes, make_optimizer, moved, snapshot, training
from safetensors.torch import load_file, save_file
from skorch import NeuralNetClassifier
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, TensorDataset


def perceptron():
    return torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))


def points(count=48):
    torch.manual_seed(1)
    return TensorDataset(torch.randn(count, 8), torch.randint(3, (count,)))


def loader_with_workers(device) -> Outcome:
    set_seed(1)
    model = perceptron().to(device)
    before, losses, optimizer = snapshot(model), [], make_optimizer(model)
    for x, y in DataLoader(points(), batch_size=16, num_workers=2, pin_memory=device.type != "cpu"):
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    after = snapshot(model)
    return Outcome(losses, after, moved(before, after))


def safe_tensors(device) -> Outcome:
    """Trains, saves, loads straight to the device, goes on."""
    set_seed(1)
    model = perceptron().to(device)
    before, losses = snapshot(model), []
    x, y = (tensor.to(device) for tensor in points().tensors)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            optimizer = make_optimizer(model)
            for _ in range(2):
                optimizer.zero_grad()
                loss = F.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            path = str(Path(folder, "model.safetensors"))
            save_file(model.state_dict(), path)
            model = perceptron().to(device)
            model.load_state_dict(load_file(path, device=str(device)))
    after = snapshot(model)
    return Outcome(losses, after, moved(before, after))


def skorch_classifier(device) -> Outcome:
    set_seed(1)
    x, y = points().tensors
    net = NeuralNetClassifier(
        perceptron, criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.SGD, lr=0.05, max_epochs=3, train_split=None,
        iterator_train__shuffle=False, device=str(device), verbose=0,
    )  # fmt: skip
    net.initialize()
    before = snapshot(net.module_)
    net.fit(x.numpy(), y.numpy())
    probabilities = net.predict_proba(x.numpy())
    after = snapshot(net.module_)
    return Outcome(
        [row["train_loss"] for row in net.history] + [float(numpy.square(probabilities).sum())],
        after,
        moved(before, after),
    )


class Checkpointed(torch.nn.Module):
    """Parts that are computed again in the backward pass; dropout is the whole of one, so that another mask would show."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(64))

    def forward(self, x):
        return checkpoint(lambda t: F.dropout(t * t, 0.5, training=True), x * self.scale, use_reentrant=False)


def dropout_again(device) -> Outcome:
    """The gradient of (x s)^2 m is 2 (x s) x m: it says what mask the backward pass saw."""
    set_seed(1)
    model = Checkpointed().to(device)
    x = torch.linspace(1, 2, 64, device=device)
    y = model(x)
    y.sum().backward()
    if not torch.allclose(model.scale.grad.cpu(), (2 * y.detach()).cpu(), rtol=1e-5):
        raise AssertionError("the backward pass saw another dropout mask than the forward pass")
    return Outcome([], {}, {"scale"})


def shared_weights() -> Case:
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(20, 8)
            self.mix = torch.nn.LSTM(8, 8, batch_first=True)
            self.head = torch.nn.Linear(8, 20, bias=False)
            self.head.weight = self.embedding.weight

        def forward(self, x):
            return self.head(self.mix(self.embedding(x))[0])

    return training(
        "torch: tied LSTM, optimizer first", Tied, lambda: torch.randint(20, (2, 9)),
        lambda m, x: F.cross_entropy(m(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten()), early=True,
    )  # fmt: skip


def cases() -> list[Case]:
    return [
        Case("torch: DataLoader with workers", loader_with_workers),
        Case("torch: dropout under checkpointing", dropout_again),
        shared_weights(),
        training("torch: perceptron, float16 with GradScaler", perceptron, lambda: (torch.randn(4, 8), classes(3, 4)),
                 lambda m, b: F.cross_entropy(m(b[0]), b[1]), autocast=torch.float16, scaler=True),
        Case("safetensors: straight to the device", safe_tensors),
        Case("skorch: NeuralNetClassifier", skorch_classifier),
    ]  # fmt: skip
