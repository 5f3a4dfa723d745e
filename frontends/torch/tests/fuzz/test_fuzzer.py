"""The fuzzer itself: it finds faults that are planted, makes them small, gives the same programs again, and ends as it says."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fuzz import generate, planted, program, report

pytestmark = pytest.mark.skipif(
    os.environ.get("LINESHAFT_DEVICES", "").startswith("vulkan"),
    reason="how the fuzzer works is the same on each backend",
)
HERE = Path(__file__).parent
NAMES = list(planted.FAULTS)


@pytest.fixture(scope="module")
def found():
    """What became of each planted fault, in a process that has not opened the device yet."""
    run = subprocess.run([sys.executable, HERE / "planted.py"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_fault_is_found_and_made_small(found, name):
    result = found[name]
    assert result["found"], f"not within {planted.MOST} programs"
    small, (_, _, calls, kinds, _) = result["program"], planted.FAULTS[name]
    assert result["kind"] in kinds
    assert [step["call"] in calls for step in small["steps"]] == [True], small["steps"]
    if name in ("crash", "hang"):
        return
    assert all(data["shape"] == [] or math.prod(data["shape"]) <= 64 for data in small["tensors"]), small["tensors"]


def test_programs_are_the_same_for_a_seed():
    for number in range(40):
        assert json.dumps(generate.generate(5, number)) == json.dumps(generate.generate(5, number))


def test_a_find_stands_alone_and_can_be_replayed(tmp_path):
    made = {
        "tensors": [
            {
                "shape": [2, 3],
                "dtype": "float32",
                "values": {"kind": "special", "seed": 3},
                "strides": [1, 2],
                "offset": 1,
                "grad": True,
            },
            {"shape": [300], "dtype": "float16", "values": {"kind": "wide", "seed": 3}},
        ],
        "steps": [
            {"call": "torch.softmax", "args": [{"tensor": 0}], "kwargs": {"dim": 1, "dtype": {"dtype": "float64"}}},
            {"call": "special.gradients", "args": [[{"result": 0}], [{"tensor": 0}], 3], "kwargs": {"how": "twice"}},
            {"call": "special.getitem", "args": [{"tensor": 1}, {"tuple": [{"slice": [None, 3, None]}]}], "kwargs": {}},
        ],
    }
    path = report.write(tmp_path, "find", made, {"kind": "values", "label": "", "text": "a\nb", "call": ""}, "cpu")
    assert program.load(path)["tensors"] == made["tensors"]
    alone = subprocess.run([sys.executable, path.with_suffix(".py")], capture_output=True, text=True)
    cpu, device = alone.stdout.split("\nlineshaft ")
    assert "Error" not in alone.stdout and cpu.count("tensor(") >= 5, alone.stdout + alone.stderr
    again = subprocess.run([sys.executable, HERE / "run.py", "--replay", path], capture_output=True, text=True)
    assert again.returncode == 0 and "pass" in again.stdout, again.stdout + again.stderr


def test_ctrl_c_ends_it_with_a_summary(tmp_path):
    command = [sys.executable, HERE / "run.py", "--minutes", "60", "--out", tmp_path]
    # A shell's background job ignores the interrupt, and what it starts inherits that unless it is handled here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ, PYTHONUNBUFFERED="1"))
    begun = run.stdout.readline()
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=120)
    assert "fuzzing" in begun and "programs in" in out and "interrupted" in out, out
