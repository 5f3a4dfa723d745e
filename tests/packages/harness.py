"""What a case is, and how a training run on the device is held against the same run on PyTorch's own CPU device."""

import dataclasses
import io
from collections.abc import Callable, Iterable

import torch
import torchvision_import  # noqa: F401 before any package that imports torchvision


@dataclasses.dataclass
class Outcome:
    """What a program leaves: numbers on the way (losses, rewards) and weights at the end, all on the CPU."""

    losses: list[float]
    weights: dict[str, torch.Tensor]
    changed: set[str] = dataclasses.field(default_factory=set)  # names of parameters that training has moved


@dataclasses.dataclass
class Case:
    """`run(device)` trains from the same start on any device."""

    name: str
    run: Callable[[torch.device], Outcome]
    loosely: bool = False  # half precision: fewer digits agree
    exact: Callable[[], Outcome] | None = None  # the same on the CPU in float64


@dataclasses.dataclass
class Tolerance:
    loss: float  # relative
    weight: float  # absolute: three steps of AdamW at 1e-3 move a weight by about 3e-3


STRICT, LOOSE = Tolerance(1e-3, 3e-4), Tolerance(3e-2, 4e-3)


class Difference(AssertionError):
    """The device computed something else than the CPU."""


def still(model: torch.nn.Module) -> torch.nn.Module:
    """Takes every dropout out: devices draw different numbers."""
    for module in model.modules():
        for name, value in vars(module).items():
            if isinstance(value, float) and (name == "p" or "drop" in name):
                setattr(module, name, 0.0)
    return model


def snapshot(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: parameter.detach().to("cpu", copy=True) for name, parameter in model.named_parameters()}


def moved(before: dict, after: dict) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def to_device(batch, device: torch.device, floats: torch.dtype = torch.float32):
    if isinstance(batch, torch.Tensor):
        return batch.to(device, floats if batch.is_floating_point() else batch.dtype)
    if isinstance(batch, dict):
        return {name: to_device(value, device, floats) for name, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(to_device(value, device, floats) for value in batch)
    return batch


def saved_and_loaded(model: torch.nn.Module, build: Callable[[], torch.nn.Module]) -> dict[str, torch.Tensor]:
    """The weights after a checkpoint has gone from the device into a model on the CPU."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = build()
    fresh.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return snapshot(fresh)


def training(
    name: str,
    build: Callable[[], torch.nn.Module],
    batch: Callable[[], object],
    loss: Callable[[torch.nn.Module, object], torch.Tensor],
    *,
    early: bool = False,
    checkpointing: bool = False,
    autocast: torch.dtype | None = None,
    scaler: bool = False,
    steps: int = 3,
    prepare: Callable[[torch.nn.Module], object] | None = None,
) -> Case:
    """Three AdamW steps. `early`: the optimizer is made before the model moves. `checkpointing`: activations are computed
    again in the backward pass. `autocast`: the forward pass runs in that dtype. `scaler`: under GradScaler."""

    def seeded_build():
        torch.manual_seed(1)
        return build()

    def run(device: torch.device, dtype: torch.dtype = torch.float32) -> Outcome:
        model = still(seeded_build()).train()
        if dtype != torch.float32:
            model.to(dtype)
        if checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        before = snapshot(model)
        identities = [id(parameter) for parameter in model.parameters()]
        optimizer = make_optimizer(model) if early else None
        model.to(device)
        if [id(parameter) for parameter in model.parameters()] != identities:
            raise Difference("moving the model has replaced its parameters")
        if prepare:
            prepare(model)
        optimizer = optimizer or make_optimizer(model)
        scale = torch.amp.GradScaler(device.type, enabled=scaler, init_scale=1024.0)
        torch.manual_seed(2)
        inputs = [to_device(batch(), device, dtype) for _ in range(steps)]
        losses = []
        for each in inputs:
            optimizer.zero_grad()
            with torch.autocast(device.type, dtype=autocast or torch.bfloat16, enabled=autocast is not None):
                value = loss(model, each)
            scale.scale(value).backward()
            scale.step(optimizer)
            scale.update()
            losses.append(value.item())
        weights = saved_and_loaded(
            model, lambda: seeded_build().to(dtype) if dtype != torch.float32 else seeded_build()
        )
        return Outcome(losses, weights, moved(before, weights))

    half = autocast is not None
    return Case(name, run, loosely=half, exact=None if half else lambda: run(torch.device("cpu"), torch.float64))


def make_optimizer(model: torch.nn.Module) -> torch.optim.Optimizer:
    # A large eps: where a gradient is nearly nothing, its sign would decide the whole step.
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3, eps=1e-4)


def compare(want: Outcome, have: Outcome, tolerance: Tolerance) -> None:
    """Raises Difference where an outcome is not the one wanted."""
    if len(want.losses) != len(have.losses):
        raise Difference(f"{len(have.losses)} losses, not {len(want.losses)}")
    for step, (a, b) in enumerate(zip(want.losses, have.losses, strict=True)):
        if not abs(a - b) <= tolerance.loss * max(abs(a), 1e-2):
            raise Difference(f"loss {step} is {b:.6g}, not {a:.6g}")
    if want.changed != have.changed:
        names = sorted(want.changed ^ have.changed)
        raise Difference(f"{len(names)} parameters were trained in one of the runs only, such as {names[0]}")
    for name, a in want.weights.items():
        b = have.weights[name]
        if a.shape != b.shape:
            raise Difference(f"{name} is {tuple(b.shape)}, not {tuple(a.shape)}")
        error = (a.double() - b.double()).abs().max().item() if a.numel() else 0.0
        if not error <= tolerance.weight:
            raise Difference(f"{name} differs by {error:.2e}; the limit is {tolerance.weight:.0e}")


# Words in the names of cases that do not run in float64, and why.
NO_FLOAT64 = {
    "mixture of experts": "PyTorch's grouped products do not take it",
    "openai-whisper": "its layer norms compute in float32",
}


def check_reference(case: Case) -> None:
    """Raises Difference where the CPU's own float32 and float64 part: there rounding decides (a ReLU about 0, a batch norm
    of two values), and the case could tell nothing about a device."""
    want = run_on_cpu(case)
    if case.exact and not any(word in case.name for word in NO_FLOAT64):
        compare(case.exact(), want, STRICT)


def run_on_cpu(case: Case) -> Outcome:
    outcome = case.run(torch.device("cpu"))
    if not all(map(torch.isfinite, map(torch.tensor, outcome.losses))):
        raise RuntimeError(f"{case.name} does not train on the CPU: its losses are {outcome.losses}")
    return outcome


def check(case: Case, device: torch.device) -> None:
    compare(run_on_cpu(case), case.run(device), LOOSE if case.loosely else STRICT)


def tokens(vocabulary: int = 96, batch: int = 2, length: int = 16) -> torch.Tensor:
    return torch.randint(3, vocabulary, (batch, length))


def images(channels: int = 3, size: int = 32, batch: int = 2) -> torch.Tensor:
    return torch.randn(batch, channels, size, size)


def classes(count: int, batch: int = 2) -> torch.Tensor:
    return torch.randint(count, (batch,))


def cases_of(modules: Iterable) -> list[Case]:
    return [case for module in modules for case in module.cases()]
