"""Modules in training, from a description: layers, which weights are tied, when the module moves, which optimizer.

The module is made on the CPU and moved, as users do: what a device must keep on the way (identity of parameters, ties, an
optimizer made before, hooks) shows in the parameters after some steps and in the facts beside them.
"""

import contextlib
import copy

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from fuzz import values

REGISTRY = {}

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_fused": lambda p: torch.optim.Adam(p, lr=0.01, fused=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, amsgrad=True),
    "adamw_fused": lambda p: torch.optim.AdamW(p, lr=0.01, fused=True),
    "sgd_fused": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, fused=True),
    "foreach": lambda p: torch.optim.Adam(p, lr=0.01, foreach=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=0.5),
    "adamax": lambda p: torch.optim.Adamax(p, lr=0.01),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.01),
    "radam": lambda p: torch.optim.RAdam(p, lr=0.01),
    "asgd": lambda p: torch.optim.ASGD(p, lr=0.05),
    "rprop": lambda p: torch.optim.Rprop(p, lr=0.01),
}


class Tokens(nn.Module):
    """An embedding and a head, tied or not, around a middle."""

    def __init__(self, vocabulary, width, middle, tied):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.middle = middle
        self.head = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.head.weight = self.embedding.weight

    def forward(self, x):
        return self.head(self.middle(self.embedding(x)))


class Recurrent(nn.Module):
    def __init__(self, kind, width):
        super().__init__()
        self.cell = getattr(nn, kind)(width, width, batch_first=True)

    def forward(self, x):
        return self.cell(x.unsqueeze(0) if x.dim() == 2 else x)[0]


class Checkpointed(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return checkpoint(self.inner, x, use_reentrant=False)


def layer(name, width):
    made = {
        "linear": lambda: nn.Linear(width, width),
        "norm": lambda: nn.LayerNorm(width),
        "rms": lambda: nn.RMSNorm(width),
        "relu": nn.ReLU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "tanh": nn.Tanh,
        "weight_norm": lambda: nn.utils.parametrizations.weight_norm(nn.Linear(width, width)),
        "encoder": lambda: nn.TransformerEncoderLayer(width, 1, 2 * width, dropout=0.0, batch_first=True),
        "lstm": lambda: Recurrent("LSTM", width),
        "gru": lambda: Recurrent("GRU", width),
    }
    return made[name]()


def module_of(config):
    torch.manual_seed(config["seed"])
    width = config["width"]
    layers = [layer(name, width) for name in config["layers"]]
    if config.get("shared") and layers:
        layers.append(layers[0])
    middle = nn.Sequential(*layers)
    if config.get("checkpoint"):
        middle = Checkpointed(middle)
    return Tokens(config["vocabulary"], width, middle, config.get("tied", False))


def data_of(config, device, step):
    shape = (config.get("batch", 2), config.get("length", 5))
    drawn = values.make({"kind": "index", "seed": step, "bound": config["vocabulary"]}, shape, torch.int64)
    return drawn.to(device), drawn.roll(1, 1).to(device)


def trained(config, device):
    """Parameters after the steps, the losses, and facts about what moving the module kept."""
    device = torch.device(device)
    module = module_of(config)
    parameters = list(module.parameters())
    make = OPTIMIZERS[config["optimizer"]]
    called = []
    if config.get("hook"):
        parameters[0].register_hook(lambda gradient: called.append(1) and None)
    if config.get("strided"):
        for p in parameters:
            p.data = p.data.t().contiguous().t() if p.dim() == 2 else p.data
    early = make(parameters) if config.get("early") else None
    module = module.to(config.get("dtype", torch.float32))
    moved = module.to(device)
    facts = {
        "identity": all(a is b for a, b in zip(parameters, moved.parameters())),
        "count": len(list(moved.parameters())),
    }
    optimizer = early or make(moved.parameters())
    if config.get("copied"):
        moved = copy.deepcopy(moved)
        optimizer = make(moved.parameters())
    losses = []
    for step in range(config.get("steps", 2)):
        inputs, labels = data_of(config, device, step)
        optimizer.zero_grad(set_to_none=config.get("to_none", True))
        with autocast(config, device):
            logits = moved(inputs)
            loss = nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten())
        loss.backward()
        if config.get("clip"):
            nn.utils.clip_grad_norm_(moved.parameters(), 0.1)
        optimizer.step()
        losses.append(loss.detach())
    if config.get("hook"):
        facts["hook"] = bool(called)
    state = optimizer.state_dict()
    facts["state"] = sorted({k for s in state["state"].values() for k in s})
    gradients = [p.grad for p in moved.parameters()]
    result = [losses, gradients, facts]
    if config.get("back"):
        result.append({"back": all(a is b for a, b in zip(moved.parameters(), moved.to("cpu").parameters()))})
        moved.to(device)
    return result


def autocast(config, device):
    if not config.get("autocast"):
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, config["autocast"]))


REGISTRY["trained"] = trained
