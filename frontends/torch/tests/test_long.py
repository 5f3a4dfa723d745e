"""What holds however long a program trains: nothing grows, and nothing is compiled anew when only numbers change."""

import os
import subprocess
import sys
from pathlib import Path

import lineshaft_torch
import pytest
import torch
from torch import nn

D = "lineshaft"
WARM_UP, STEPS = 2_000, 10_000
# One program compiled in each step would take more.
GROWTH = 4 << 20


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Training:
    """Steps whose learning rate, seed and scalars are all their own."""

    def __init__(self):
        torch.manual_seed(0)
        layers = [nn.Linear(16, 32), nn.BatchNorm1d(32), nn.GELU(), nn.Dropout(0.2), nn.Linear(32, 4)]
        self.model = nn.Sequential(*layers).to(D)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3)
        self.x, self.y = torch.randn(24, 16).to(D), torch.randint(0, 4, (24,)).to(D)

    def step(self, number):
        torch.manual_seed(number)
        self.optimizer.param_groups[0]["lr"] = 1e-3 / (1 + number)
        x = self.x * (1 + number * 1e-6) + torch.randn_like(self.x) * 0.01
        loss = nn.functional.cross_entropy(self.model(x), self.y) + number * 1e-9
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0 + number * 1e-6)
        self.optimizer.step()
        return loss


def held():
    torch.lineshaft.synchronize()
    return torch.accelerator.memory_allocated(), torch.accelerator.memory_reserved(), resident_bytes()


COUNTED = """
import lineshaft_torch, torch
from test_long import COUNTED_STEPS, Training

training = Training()
for number in range(3 * COUNTED_STEPS):
    if number == COUNTED_STEPS:
        torch.lineshaft.synchronize()
        before = torch.lineshaft.compilations()
    loss = training.step(number)
    if number % 10 == 0:
        loss.item()
torch.lineshaft.synchronize()
print(before, torch.lineshaft.compilations())
"""
COUNTED_STEPS = 20


def compiled(fusion):
    """Before and after steps whose learning rate, seed and scalars change, once all has run."""
    run = subprocess.run(
        [sys.executable, "-c", COUNTED],
        env=dict(
            os.environ, LINESHAFT_FUSION=fusion, PYTHONPATH=os.pathsep.join([str(Path(__file__).parent), *sys.path])
        ),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    before, after = map(int, run.stdout.split())
    return before, after


def test_changing_numbers_compile_nothing():
    before, after = compiled("off")
    assert before > 10 and after == before


def test_changing_numbers_compile_nothing_fused():
    """Where a window ends is a matter of time, and what is cut there is fused otherwise: that compiles a little, for a
    while. One program in each step would be more."""
    before, after = compiled("on")
    assert before > 10 and after - before < COUNTED_STEPS


@pytest.mark.long
def test_nothing_grows_over_ten_thousand_steps():
    training = Training()
    for number in range(WARM_UP):
        loss = training.step(number)
    loss.item()
    allocated, reserved, resident = held()
    for number in range(WARM_UP, STEPS):
        loss = training.step(number)
        if number % 100 == 0:
            loss.item()
    loss.item()
    after = held()
    assert after[0] == allocated
    assert after[1] <= reserved
    assert after[2] - resident < GROWTH, f"{after[2] - resident} bytes more after {STEPS - WARM_UP} steps"
