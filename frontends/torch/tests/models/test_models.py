"""Ten training steps of each model family on the device against PyTorch's CPU in float64: the losses of every step and the gradients of the first.

Tolerances: losses 1e-4 relative at the first step, 2e-3 at the tenth, as rounding differences grow from step to step; first gradients 1e-3 of the
largest entry of each parameter's gradient. Not against float32: there rounding can turn a ReLU the other way, and the CPU's own losses part from the
exact ones by a hundredth within a few steps (seen with the ResNet on one processor and not on another).
"""

import copy
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
from zoo import ZOO  # noqa: E402

STEPS = 10


def train(model, optimizer, loss_of, batches, device, dtype=torch.float32):
    losses, first = [], {}
    for step, batch in enumerate(batches):
        loss = loss_of(model, tuple(t.to(device, dtype if t.is_floating_point() else t.dtype) for t in batch))
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            first = {name: p.grad.detach().cpu().clone() for name, p in model.named_parameters() if p.grad is not None}
        optimizer.step()
        losses.append(loss.item())
    return losses, first


@pytest.mark.parametrize("name", ZOO)
def test_ten_steps_match_the_cpu(name):
    entry = ZOO[name]
    torch.manual_seed(7)
    reference = entry.model()
    model = copy.deepcopy(reference).to("lineshaft")
    reference.double()
    batches = [entry.batch() for _ in range(STEPS)]
    want, want_first = train(
        reference, entry.optimizer(reference.parameters()), entry.loss, batches, "cpu", torch.float64
    )
    have, have_first = train(model, entry.optimizer(model.parameters()), entry.loss, batches, "lineshaft")
    assert have_first.keys() == want_first.keys()
    for parameter, expected in want_first.items():
        error = (have_first[parameter] - expected).abs().max().item()
        assert error <= 1e-3 * max(expected.abs().max().item(), 1e-3), (
            f"{name}: gradient of {parameter} is off by {error}"
        )
    assert have[0] == pytest.approx(want[0], rel=1e-4)
    assert have == pytest.approx(want, rel=2e-3, abs=1e-4)


def test_training_steps_are_the_same_every_time():
    def losses():
        torch.manual_seed(3)
        model = ZOO["cnn"].model().to("lineshaft")
        batches = [ZOO["cnn"].batch() for _ in range(3)]
        return train(model, ZOO["cnn"].optimizer(model.parameters()), ZOO["cnn"].loss, batches, "lineshaft")[0]

    assert losses() == losses()
