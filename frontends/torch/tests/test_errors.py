"""What is wrong with a call is said as PyTorch's CPU says it, with the device named; what a device finds later is said at the
next wait; and the process goes on."""

import os
import subprocess
import sys
import warnings

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"

T = torch.ones
F64 = torch.float64
I64 = torch.int64


def indices(*values, device):
    return torch.tensor(values, device=device)


# Shapes, dtypes and parameters that do not fit, each as a function of the device.
REFUSED = {
    "add": lambda d: T(3, device=d) + T(4, device=d),
    "mul": lambda d: T(2, 3, device=d) * T(4, device=d),
    "add_": lambda d: T(3, device=d).add_(T(2, 3, device=d)),
    "add_ of a fraction to integers": lambda d: T(2, dtype=I64, device=d).add_(1.5),
    "mul_ of floats to integers": lambda d: T(2, dtype=I64, device=d).mul_(T(2, device=d)),
    "out of another kind": lambda d: torch.add(T(2, device=d), 1.5, out=torch.empty(2, dtype=I64, device=d)),
    "copy_": lambda d: T(2, device=d).copy_(T(3, device=d)),
    "where": lambda d: torch.where(T(3, device=d) > 0, T(2, device=d), T(3, device=d)),
    "where of floats": lambda d: torch.where(T(3, device=d), T(3, device=d), T(3, device=d)),
    "lerp of two dtypes": lambda d: torch.lerp(T(2, device=d), T(2, device=d, dtype=F64), 0.5),
    "addcmul": lambda d: torch.addcmul(T(2, device=d), T(3, device=d), T(3, device=d)),
    "neg of bool": lambda d: -(T(2, device=d) > 0),
    "sub of bool": lambda d: (T(2, device=d) > 0) - (T(2, device=d) > 0),
    "and of floats": lambda d: T(2, device=d) & T(2, device=d),
    "mm": lambda d: T(2, 3, device=d) @ T(2, 3, device=d),
    "mm of two dtypes": lambda d: T(2, 3, device=d) @ T(3, 2, dtype=F64, device=d),
    "mv": lambda d: torch.mv(T(2, 3, device=d), T(2, device=d)),
    "dot": lambda d: torch.dot(T(2, device=d), T(3, device=d)),
    "bmm": lambda d: torch.bmm(T(2, 3, 4, device=d), T(3, 4, 5, device=d)),
    "addmm": lambda d: torch.addmm(T(7, device=d), T(2, 3, device=d), T(3, 4, device=d)),
    "linear": lambda d: F.linear(T(2, 3, device=d), T(4, 5, device=d)),
    "conv2d of other channels": lambda d: F.conv2d(T(1, 3, 8, 8, device=d), T(4, 2, 3, 3, device=d)),
    "conv2d of two dtypes": lambda d: F.conv2d(T(1, 3, 8, 8, device=d), T(4, 3, 3, 3, device=d, dtype=F64)),
    "conv2d of a large kernel": lambda d: F.conv2d(T(1, 3, 2, 2, device=d), T(4, 3, 3, 3, device=d)),
    "conv2d of groups": lambda d: F.conv2d(T(1, 3, 8, 8, device=d), T(4, 1, 3, 3, device=d), groups=2),
    "conv2d of a bias": lambda d: F.conv2d(T(1, 3, 8, 8, device=d), T(4, 3, 3, 3, device=d), T(5, device=d)),
    "max_pool2d": lambda d: F.max_pool2d(T(1, 1, 2, 2, device=d), 5),
    "max_pool2d of padding": lambda d: F.max_pool2d(T(1, 1, 8, 8, device=d), 2, padding=3),
    "cat": lambda d: torch.cat([T(2, 3, device=d), T(2, 4, device=d)]),
    "cat of ranks": lambda d: torch.cat([T(2, 3, device=d), T(2, device=d)]),
    "stack": lambda d: torch.stack([T(2, device=d), T(3, device=d)]),
    "view": lambda d: T(6, device=d).view(4, 2),
    "expand": lambda d: T(2, 3, device=d).expand(4, 3),
    "sum of an axis": lambda d: T(2, 3, device=d).sum(5),
    "mean of integers": lambda d: T(2, dtype=I64, device=d).mean(),
    "softmax of integers": lambda d: F.softmax(T(2, dtype=I64, device=d), 0),
    "max of nothing": lambda d: torch.empty(0, device=d).max(),
    "topk": lambda d: T(3, device=d).topk(5),
    "gather of float indices": lambda d: T(2, 3, device=d).gather(1, T(2, 1, device=d)),
    "gather of ranks": lambda d: T(2, 3, device=d).gather(1, indices(0, device=d)),
    "gather onto its input": lambda d: (lambda x: torch.gather(x, 0, x.to(I64), out=x))(T(3, device=d)),
    "index_select of float indices": lambda d: T(2, 3, device=d).index_select(0, T(1, device=d)),
    "index of floats": lambda d: T(2, 3, device=d)[T(1, device=d)],
    "index of shapes": lambda d: T(4, 4, device=d)[indices(0, 1, device=d), indices(0, 1, 2, device=d)],
    "index of a short mask": lambda d: T(4, device=d)[T(3, dtype=torch.bool, device=d)],
    "index_put_": lambda d: T(4, device=d).index_put_((indices(0, 1, device=d),), T(3, device=d)),
    "scatter of two dtypes": lambda d: T(1, device=d).scatter(0, indices(0, device=d), T(1, dtype=F64, device=d)),
    "nonzero to floats": lambda d: torch.nonzero(T(3, device=d), out=torch.empty(0, device=d)),
    "embedding of floats": lambda d: F.embedding(T(2, device=d), T(4, 2, device=d)),
    "nll_loss of another batch": lambda d: F.nll_loss(T(2, 3, device=d), indices(0, 1, 2, device=d)),
    "mse_loss": lambda d: F.mse_loss(T(2, 3, device=d), T(4, device=d)),
    "layer_norm": lambda d: F.layer_norm(T(2, 3, device=d), (4,)),
    "batch_norm": lambda d: F.batch_norm(T(2, 3, device=d), T(4, device=d), T(4, device=d)),
    "group_norm of no groups": lambda d: torch.native_group_norm(T(2, 4, 3, device=d), None, None, 2, 4, 3, 0, 1e-5),
    "group_norm of parts": lambda d: torch.native_group_norm(T(2, 4, 3, device=d), None, None, 2, 4, 3, 3, 1e-5),
    "batch_norm of one value": lambda d: F.batch_norm(T(1, 3, device=d), None, None, training=True),
    "dropout": lambda d: F.dropout(T(3, device=d), 1.5),
    "normal_": lambda d: T(3, device=d).normal_(0, -1),
    "multinomial": lambda d: torch.multinomial(T(3, device=d), 5),
    "item of several": lambda d: T(3, device=d).item(),
    "backward of several": lambda d: T(2, device=d).requires_grad_().mul(2).backward(),
}
# Where PyTorch names its CPU kernel, or a second argument's dtype in another way.
OWN_WORDS = (
    "and of floats",
    "nonzero to floats",
    "copy_",
    "softmax of integers",
    "embedding of floats",
    "conv2d of two dtypes",
)


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def refusal(call, device):
    with warnings.catch_warnings(), pytest.raises(Exception) as caught:
        warnings.simplefilter("ignore")
        call(device)
    return caught.value


@pytest.mark.parametrize("name", REFUSED)
def test_refused_as_on_the_cpu(name):
    expected, found = refusal(REFUSED[name], "cpu"), refusal(REFUSED[name], D)
    assert type(found) is type(expected), f"{found!r}, expected {expected!r}"
    if name not in OWN_WORDS:
        assert str(found).startswith(str(expected).split("\n")[0])
    torch.lineshaft.synchronize()


@pytest.mark.parametrize("name", ["add", "mm", "dot", "addmm", "layer_norm", "cat", "index of shapes"])
def test_an_error_names_operator_and_device(name):
    assert "on lineshaft:0" in str(refusal(REFUSED[name], D))


def test_two_devices_are_both_named():
    with pytest.raises(RuntimeError, match="lineshaft.*cpu|cpu.*lineshaft"):
        T(3, device=D) + T(3)
    with pytest.raises(RuntimeError, match="lineshaft.*cpu|cpu.*lineshaft"):
        F.linear(T(2, 3, device=D), T(4, 3))


def leaf(*sizes):
    return T(*sizes).to(D).requires_grad_()


# operator in the message, bound, call
BAD_INDICES = [
    ("embedding", 4, lambda i: F.embedding(i, T(4, 2, device=D))),
    ("index_select", 5, lambda i: T(5, 2, device=D).index_select(0, i)),
    ("index_select", 2, lambda i: T(5, 2, device=D).index_select(1, i)),
    ("gather", 3, lambda i: T(2, 3, device=D).gather(1, i.view(1, -1))),
    ("take", 6, lambda i: T(2, 3, device=D).take(i)),
    ("index", 7, lambda i: T(7, 2, device=D)[i]),
    ("nll_loss", 6, lambda i: F.nll_loss(T(2, 6, device=D), i)),
    ("nll_loss", 6, lambda i: F.cross_entropy(T(2, 6, device=D), i)),
    ("nll_loss", 3, lambda i: F.cross_entropy(T(2, 3, 1, device=D), i.view(2, 1))),
    ("scatter", 3, lambda i: T(3, device=D).scatter(0, i, 1.0)),
    ("scatter_add", 3, lambda i: T(3, device=D).scatter_add(0, i, T(2, device=D))),
    ("index_add", 3, lambda i: T(3, device=D).index_add(0, i, T(2, device=D))),
    ("index_put", 3, lambda i: T(3, device=D).index_put((i,), T(2, device=D))),
]


@pytest.mark.parametrize("index", [17, 1 << 40, -1, -9])
@pytest.mark.parametrize(
    "operator, bound, call", BAD_INDICES, ids=[f"{name}_{bound}" for name, bound, _ in BAD_INDICES]
)
def test_a_bad_index_is_said_once_at_the_next_wait(operator, bound, call, index):
    if index == -1 and operator in ("take", "index", "index_put"):
        pytest.skip("counts from the end")
    given = torch.tensor([1, index]).to(D)
    try:
        result = call(given)
        torch.ones(8, device=D).mul(2)  # what comes after is not blamed
        with pytest.raises(
            IndexError, match=rf"aten::_?{operator}.*: index {index} is out of range; it must lie in .* {bound - 1}"
        ):
            torch.lineshaft.synchronize()
    except IndexError as error:
        # An operator that waits says so at once.
        assert str(index) in str(error) and str(bound - 1) in str(error)
    else:
        assert result.device.type == D
    torch.lineshaft.synchronize()  # once
    assert torch.equal(call(torch.tensor([1, 0]).to(D)).cpu(), call(torch.tensor([1, 0]).to(D)).cpu())


def test_a_read_says_what_it_depends_on():
    table = leaf(4, 2)
    loss = F.embedding(torch.tensor([1, 5]).to(D), table).sum()
    with pytest.raises(IndexError, match="aten::embedding: index 5 is out of range; it must lie in 0 to 3"):
        loss.item()
    loss = F.embedding(torch.tensor([1, 3]).to(D), table).sum()
    loss.backward()
    assert loss.item() == 4 and table.grad.cpu().sum() == 4


def run(program, **environment):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=dict(os.environ, **environment),
        timeout=300,
    )


def test_training_goes_on_with_a_smaller_batch():
    program = """
import lineshaft_torch, torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 1)).to("lineshaft")
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
def step(batch):
    x = torch.randn(batch, 64).to("lineshaft")
    loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
batch, refused, losses = 1 << 16, 0, []
while len(losses) < 40:
    try:
        losses.append(step(batch))
    except torch.OutOfMemoryError as error:
        assert not losses and "use a smaller batch" in str(error) and "33554432" in str(error), error
        refused += 1
        batch //= 4
assert refused >= 2 and batch >= 64, (refused, batch)
assert losses[-1] < losses[0] / 2, losses
"""
    ended = run(program, LINESHAFT_MEMORY_LIMIT="32M")
    assert ended.returncode == 0, ended.stderr


def test_an_unknown_device_is_named_beside_those_that_are_there():
    ended = run("import torch, lineshaft_torch; torch.ones(1, device='lineshaft')", LINESHAFT_DEVICES="abacus:3")
    assert ended.returncode == 1
    assert 'names the device "abacus:3", which is not there; there is: cpu:0' in ended.stderr


USE_VULKAN = "import torch, lineshaft_torch; torch.ones(1, device='lineshaft')"


def test_a_missing_vulkan_loader_says_what_to_install(tmp_path):
    for name in ("libvulkan.so.1", "libvulkan.so"):  # found first, and no library
        (tmp_path / name).write_text("")
    ended = run(USE_VULKAN, LINESHAFT_DEVICES="vulkan", LD_LIBRARY_PATH=str(tmp_path))
    assert ended.returncode == 1
    assert "the Vulkan loader libvulkan.so.1 is not installed" in ended.stderr
    assert "apt-get install libvulkan1" in ended.stderr


def test_a_missing_vulkan_driver_says_what_to_install(tmp_path):
    ended = run(USE_VULKAN, LINESHAFT_DEVICES="vulkan", VK_DRIVER_FILES=str(tmp_path), VK_ICD_FILENAMES=str(tmp_path))
    assert ended.returncode == 1
    assert "mesa-vulkan-drivers" in ended.stderr
