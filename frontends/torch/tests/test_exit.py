"""Starting and ending Python with work in flight: no abort, no hang."""

import os
import subprocess
import sys

import pytest

STARTS = 4
MANY_STARTS = 100

BACKWARD = """
import torch
x = torch.randn(64, 64).to("lineshaft").requires_grad_()
y = x
for _ in range(20):
    y = (y @ x).tanh()
y.sum().backward()
"""

IN_FLIGHT = """
import torch
x = torch.ones(256, 256).to("lineshaft")
for _ in range(200):
    x = x * 0.5 + x
"""

DAEMON = """
import threading
import torch

def work():
    x = torch.ones(64, 64).to("lineshaft")
    while True:
        x = x * 0.5 + 1

threading.Thread(target=work, daemon=True).start()
x = torch.ones(64, 64).to("lineshaft") + 1
"""

UNUSED = "import torch"


PROGRAMS = pytest.mark.parametrize(
    "program", [BACKWARD, IN_FLIGHT, DAEMON, UNUSED], ids=["backward", "in_flight", "daemon", "unused"]
)


def start_and_exit(program, times):
    for start in range(times):
        run = subprocess.run(
            [sys.executable, "-c", "import lineshaft_torch\n" + program],
            capture_output=True,
            text=True,
            timeout=120,
            env=dict(os.environ, LINESHAFT_FALLBACK="error"),
        )
        assert run.returncode == 0, f"start {start}: {run.returncode}\n{run.stderr}"
        assert "terminate" not in run.stderr


@PROGRAMS
def test_starts_and_exits(program):
    start_and_exit(program, STARTS)


@pytest.mark.long
@PROGRAMS
def test_many_starts_and_exits(program):
    start_and_exit(program, MANY_STARTS)


def test_unseen_error_is_said_at_exit():
    program = """
import torch
table = torch.ones(4, 2).to("lineshaft")
torch.nn.functional.embedding(torch.tensor([9]).to("lineshaft"), table)
"""
    run = subprocess.run(
        [sys.executable, "-c", "import lineshaft_torch\n" + program], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert "aten::embedding: index 9" in run.stderr and "0 to 3" in run.stderr


def test_wrong_device_name_is_said():
    run = subprocess.run(
        [sys.executable, "-c", "import lineshaft_torch, torch; torch.ones(1, device='lineshaft')"],
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(os.environ, LINESHAFT_DEVICES="abacus"),
    )
    assert run.returncode == 1
    assert "abacus" in run.stderr and "there is: " in run.stderr


def test_use_after_fork_is_said():
    program = """
import os, torch
x = torch.ones(4).to("lineshaft")
child = os.fork()
if child == 0:
    try:
        x + 1
    except RuntimeError as error:
        os._exit(7 if "spawn" in str(error) else 8)
    os._exit(9)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 7, status
assert (x + 1).sum().item() == 8
"""
    run = subprocess.run(
        [sys.executable, "-c", "import lineshaft_torch\n" + program], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr


def test_unsupported_version_is_one_line():
    from lineshaft_torch import versions

    for version, built in (("2.9.1", None), ("3.0.0", None), ("2.12.0", "2.13.0+cpu")):
        with pytest.raises(ImportError) as error:
            versions.check(version, built)
        assert "\n" not in str(error.value) and version in str(error.value)
