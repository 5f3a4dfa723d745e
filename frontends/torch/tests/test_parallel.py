"""torch.nn.DataParallel over the devices."""

import os
import subprocess
import sys

import lineshaft_torch
import pytest
import torch
from torch import nn

D = "lineshaft"
PROGRAM = """
import copy, lineshaft_torch, torch
from torch import nn
from torch.nn.parallel import comm
count = torch.lineshaft.device_count()
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
expected = copy.deepcopy(model)
parallel = nn.DataParallel(model.to("lineshaft"))
assert parallel.device_ids == list(range(count))
optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1)
reference = torch.optim.SGD(expected.parameters(), lr=0.1)
x = torch.randn(6, 3)
for _ in range(2):
    for module, its_optimizer, data in ((parallel, optimizer, x), (expected, reference, x)):
        its_optimizer.zero_grad()
        y = module(data)
        y.square().sum().backward()
        its_optimizer.step()
for a, b in zip(model.parameters(), expected.parameters(), strict=True):
    assert torch.allclose(a.detach().cpu(), b.detach(), atol=1e-6)
parts = comm.scatter(x, list(range(count)))
assert [part.device.index for part in parts] == list(range(count))
assert torch.equal(comm.gather(parts, destination=-1), x)
assert comm.gather(parts, destination=0).device == torch.device("lineshaft", 0)
assert torch.equal(comm.scatter(x, [0], chunk_sizes=[6])[0].cpu(), x)
assert [t.device.index for t in comm.broadcast(x, list(range(count)))] == list(range(count))
print(count)
"""


@pytest.mark.parametrize("devices", [None, "cpu,vulkan"])
def test_batches_are_split_over_the_devices(devices):
    environment = dict(os.environ, LINESHAFT_FALLBACK="error")
    if devices:
        environment["LINESHAFT_DEVICES"] = devices
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment, timeout=300
    )
    if devices and "is not there" in ended.stderr:
        pytest.skip("there is no Vulkan device")
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) >= (2 if devices else 1)


def test_one_device_in_this_process():
    lineshaft_torch.set_fallback("error")
    model = nn.DataParallel(nn.Linear(3, 2).to(D), device_ids=[0])
    assert model(torch.ones(4, 3)).shape == model(torch.ones(4, 3, device=D)).shape == (4, 2)
