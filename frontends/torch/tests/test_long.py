"""What holds however long a program trains: nothing grows, and nothing is compiled anew when only numbers change."""

import os

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
