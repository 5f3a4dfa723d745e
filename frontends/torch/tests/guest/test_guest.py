"""The PyTorch device in a guest of `lineshaft serve`: the same numbers as locally, and what happens when either side goes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from server import Server  # noqa: E402

TRAIN = """
import sys
sys.path.insert(0, sys.argv[1])
import torch
from zoo import ZOO
for name in sys.argv[2:]:
    torch.manual_seed(5)
    entry = ZOO[name]
    model = entry.model().to("lineshaft")
    optimizer = entry.optimizer(model.parameters())
    for step in range(5):
        batch = tuple(t.to("lineshaft") for t in entry.batch())
        loss = entry.loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(name, step, loss.item().hex())
"""
MODELS = Path(__file__).parent.parent / "models"

LOOP = """
import sys
import torch
x = torch.randn(256, 256).to("lineshaft")
y = x
for i in range(100000):
    y = (y @ x).tanh()
    if i % 20 == 0:
        print(y.sum().item(), flush=True)
"""


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, LINESHAFT_DEVICES=os.environ.get("LINESHAFT_DEVICES", "cpu"))
    yield running
    if running.process.poll() is None:
        running.stop()


def wait_for(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_losses_are_bit_for_bit_those_of_a_local_run(server):
    names = ["mlp", "cnn", "gpt"]
    local = subprocess.run(
        [sys.executable, "-c", TRAIN, str(MODELS), *names], capture_output=True, text=True, timeout=120
    )
    assert local.returncode == 0, local.stderr
    assert server.run(TRAIN, str(MODELS), *names) == local.stdout
    assert local.stdout.count("\n") == 5 * len(names)


def test_long_uploads_and_reads_come_back_whole(server):
    server.run(
        "import torch\n"
        "for size in (1, 1023, 4097, 5_000_000, 40_000_000):\n"
        "    x = torch.randint(0, 255, (size,), dtype=torch.uint8)\n"
        "    y = x.to('lineshaft')\n"
        "    assert torch.equal(y.cpu(), x), size\n"
        "    assert torch.equal((y + 1).cpu(), x + 1), size\n"
    )


def test_what_goes_wrong_is_raised_as_locally(server):
    server.run(
        "import torch\n"
        "weight = torch.randn(10, 4).to('lineshaft')\n"
        "torch.nn.functional.embedding(torch.tensor([3, 12]).to('lineshaft'), weight)\n"
        "try:\n"
        "    torch.accelerator.synchronize()\n"
        "    raise SystemExit('no error')\n"
        "except IndexError as error:\n"
        "    assert '12' in str(error) and 'embedding' in str(error), error\n"
        "assert weight.sum().isfinite().item()\n"
    )


@pytest.mark.skipif(
    "vulkan" not in os.environ.get("LINESHAFT_DEVICES", ""), reason="every other device computes in f64"
)
def test_f64_that_a_lent_device_lacks_raises_and_f32_goes_on(tmp_path):
    server = Server(tmp_path, LINESHAFT_DEVICES="vulkan", LINESHAFT_VULKAN_MASK="f64", LINESHAFT_FALLBACK="warn")
    try:
        script = """
import torch
x = torch.full((2, 2), 3.0, device="lineshaft")
try:
    (x.double() @ x.double()).cpu()
except NotImplementedError as error:
    print(error)
print((x @ x).double().sum(dtype=torch.float32).item())
"""
        first, last = server.run(script, LINESHAFT_FALLBACK="warn").splitlines()
        assert "matmul in f64" in first and last == "72.0", first
    finally:
        server.stop()


def test_a_quota_is_an_out_of_memory_error_and_training_goes_on(tmp_path):
    server = Server(tmp_path, "--memory", "96M", LINESHAFT_DEVICES="cpu")
    try:
        server.run(
            "import torch\n"
            "assert torch.lineshaft.get_device_properties(0).total_memory == 96 << 20\n"
            "x = torch.zeros(8 << 20, device='lineshaft')\n"
            "try:\n"
            "    torch.zeros(20 << 20, device='lineshaft')\n"
            "    raise SystemExit('no error')\n"
            "except torch.OutOfMemoryError as error:\n"
            "    assert 'remote:0' in str(error), error\n"
            "assert (x + 1).sum().item() == 8 << 20\n"
        )
    finally:
        server.stop()


def test_a_killed_guest_leaves_nothing(server):
    guests = [server.guest(LOOP) for _ in range(2)]
    for guest in guests:
        guest.stdout.readline()
    assert len(server.workers()) == 2
    guests[0].kill()
    assert wait_for(lambda: len(server.workers()) == 1, 2)
    for _ in range(5):
        assert guests[1].stdout.readline()
    guests[1].kill()
    assert wait_for(lambda: not server.workers(), 2)


@pytest.mark.parametrize("who", ["worker", "server"])
def test_a_guest_lives_on_when_its_server_goes(server, who):
    script = LOOP.replace("for i", "try:\n  for i").replace("\n    ", "\n      ")
    script += "except RuntimeError as error:\n  print('lost:', error, flush=True)\nprint('alive', flush=True)\n"
    guest = server.guest(script)
    guest.stdout.readline()
    if who == "worker":
        os.kill(server.workers()[0], signal.SIGKILL)
    else:
        server.stop(signal.SIGKILL)
    out, err = guest.communicate(timeout=30)
    assert "lost:" in out and "torch.lineshaft.reconnect()" in out, out[-500:] + err
    assert out.endswith("alive\n") and guest.returncode == 0, err


def test_reconnects_and_goes_on(server):
    guest = server.guest(
        "import torch\n"
        "x = torch.ones(4).to('lineshaft')\n"
        "print(x.sum().item(), flush=True)\n"
        "input()\n"
        "try:\n"
        "    print(x.sum().item())\n"
        "except RuntimeError as error:\n"
        "    pass\n"
        "torch.lineshaft.reconnect(timeout=30)\n"
        "try:\n"
        "    x + 1\n"
        "    raise SystemExit('a lost tensor was used')\n"
        "except RuntimeError as error:\n"
        "    assert 'reconnect' in str(error), error\n"
        "y = torch.ones(8).to('lineshaft')\n"
        "try:\n"
        "    x.resize_(5000)\n"
        "    raise SystemExit('a lost tensor was resized')\n"
        "except RuntimeError as error:\n"
        "    assert 'reconnect' in str(error), error\n"
        "del x\n"
        "print((y + 1).sum().item(), torch.empty(0, device='lineshaft').sum().item())\n"
    )
    assert guest.stdout.readline() == "4.0\n"
    server.stop(signal.SIGKILL)
    server.start()
    out, err = guest.communicate("\n", timeout=60)
    assert out == "16.0 0.0\n", out + err


def test_a_guest_that_stands_still_stops_nobody(server):
    still, other = server.guest(LOOP), server.guest(LOOP)
    for guest in (still, other):
        guest.stdout.readline()
    still.send_signal(signal.SIGSTOP)
    try:
        for _ in range(20):
            assert other.stdout.readline()
    finally:
        for guest in (still, other):
            guest.kill()


def test_the_server_says_goodbye(server):
    guest = server.guest(LOOP)
    guest.stdout.readline()
    server.stop()
    _, err = guest.communicate(timeout=20)
    assert "the server shuts down" in err, err


def test_a_socket_that_is_not_there_says_what_to_do(tmp_path):
    environment = os.environ | {"LINESHAFT_SERVER": f"unix:{tmp_path}/none.sock", "LINESHAFT_DEVICES": ""}
    run = subprocess.run(
        [sys.executable, "-m", "lineshaft", "devices"], capture_output=True, text=True, env=environment
    )
    assert "lineshaft serve" in run.stdout and "none.sock" in run.stdout, run.stdout + run.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces are made as root here")
def test_guest_run_has_no_network_and_trains(server):
    command = [sys.executable, "-m", "lineshaft", "guest", "run", "--socket", str(server.socket), "--"]
    script = (
        "import os, socket, torch\n"
        "assert [n for _, n in socket.if_nameindex()] == ['lo']\n"
        "assert not os.path.exists('/dev/dri') or not os.listdir('/dev/dri')\n"
        "print(torch.lineshaft.get_device_properties(0).id, (torch.ones(3).to('lineshaft') * 2).sum().item())\n"
    )
    run = subprocess.run(
        [*command, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=server.environment_of_guest(),
    )
    assert run.stdout == "remote:0 6.0\n", run.stdout + run.stderr
