"""What a process says when it ends, and where it uses devices that it cannot have."""

import os
import subprocess
import sys


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
