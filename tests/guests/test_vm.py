"""Virtual machines without a GPU and a network that compute on this machine: stock kernel, no module of ours, QEMU's emulation where there is no KVM."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from vm.doorbell_counter import DoorbellCounter  # noqa: E402
from vm.initrd import Missing  # noqa: E402
from vm.lender import Lender  # noqa: E402
from vm.machine import VirtualMachine  # noqa: E402

BUILD = Path(os.environ.get("LINESHAFT_BUILD", ROOT / "build/release"))
LINESHAFT, PERCEPTRON = BUILD / "bin/lineshaft", BUILD / "bin/example_mlp"
EPOCHS = re.compile(r"epoch \d: .*")

PROLOGUE = f"set -e\ncd {ROOT}\nexport PATH={BUILD}/bin:$PATH LINESHAFT_SERVER=vm:\n"


@pytest.fixture(autouse=True, scope="module")
def lend_the_cpu():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINESHAFT_DEVICES", "cpu")
        patch.setenv("LINESHAFT_THREADS", "2")
        patch.delenv("LINESHAFT_SERVER", raising=False)
        yield


@pytest.fixture
def lender(tmp_path, request):
    for program in (LINESHAFT, PERCEPTRON):
        if not program.exists():
            pytest.skip(f"{program} is not built")
    with Lender(LINESHAFT, tmp_path / "serve.log", **getattr(request, "param", {})) as lender:
        yield lender


def boot(lender: Lender, script: str, show=None, **options) -> str:
    """What the script prints in a machine that has the lender's window; it has to succeed."""
    try:
        machine = VirtualMachine(ROOT / "build/guest/kernel", lender.arguments, **options)
        status, text = machine.run(PROLOGUE + script, 900, show)
    except Missing as missing:
        pytest.skip(str(missing))
    assert status == 0, text + lender.log.read_text()
    return text


@pytest.fixture(scope="module")
def local_epochs():
    """The losses and accuracies of the C++ example here, without a server."""
    done = subprocess.run([PERCEPTRON], capture_output=True, text=True, env={**os.environ, "LINESHAFT_DEVICES": "cpu"})
    assert done.returncode == 0, done.stderr
    return EPOCHS.findall(done.stdout)


SEVERAL = """
lineshaft devices --json
lineshaft bench --device remote:0 --rounds 1
lineshaft bench --device remote:0 --rounds 100000 > /dev/null & victim=$!
for i in 1 2; do example_mlp > /dev/shm/$i & done
sleep 1; until ls -l /proc/$victim/fd | grep -q vport; do sleep 0.1; done; sleep 2
kill -STOP $victim; echo @stop; sleep 3; echo @stopped; kill -9 $victim; echo @killed
wait %2; wait %3
for i in 1 2; do echo "process $i"; cat /dev/shm/$i; done
for i in 1 2 3 4; do lineshaft devices | grep -c remote:0; done
"""


@pytest.mark.parametrize("lender", [{"size": 128, "slots": 3}], indirect=True)
def test_several_processes_train_as_on_the_host(lender, local_epochs):
    victim, gone = [], []

    def show(line):
        if line == "@stop":
            victim.append(lender.sessions()[0])
        if line == "@stopped":
            victim.append(victim[0] in lender.sessions())
        if line == "@killed":
            begin = time.monotonic()
            while victim[0] in lender.sessions() and time.monotonic() - begin < 20:
                time.sleep(0.02)
            gone.append(time.monotonic() - begin)

    text = boot(lender, SEVERAL, show)
    listed = json.loads(next(line for line in text.splitlines() if line.startswith("{")))["devices"]
    assert next(device["id"] for device in listed if device["number"] == 0) == "remote:0"
    assert "read one value" in text
    for number in "12":
        assert EPOCHS.findall(text.split(f"process {number}\n")[1])[:3] == local_epochs
    assert text.endswith("1\n" * 4), "every slot comes back"
    assert victim[1], "a process that is only stopped keeps its session"
    assert gone[0] < 10, "a process that is killed loses it"
    assert "virtual machine guest, slot 2) opens" in lender.log.read_text()
    print(f"a killed process is noticed after {gone[0]:.2f} s")
    assert lender.sessions() == []


RESTART = """
example_mlp > /dev/shm/first 2>&1 & first=$!
until ls -l /proc/$first/fd | grep -q vport; do sleep 0.1; done; sleep 0.3
kill -STOP $first; echo @restart; sleep 3; kill -CONT $first
if wait $first; then echo "it went on without a server"; exit 1; fi
cat /dev/shm/first
for i in $(seq 100); do lineshaft devices | grep -q remote:0 && break; sleep 0.2; done
example_mlp
"""


@pytest.mark.long
def test_a_server_that_restarts_is_found_again(lender, local_epochs):
    def show(line):
        if line == "@restart":
            lender.stop(signal.SIGKILL)
            time.sleep(1)
            lender.start()

    text = boot(lender, RESTART, show)
    assert "the connection to the server at vm: is lost" in text
    assert EPOCHS.findall(text)[-3:] == local_epochs


@pytest.mark.parametrize("lender", [{"ivshmem": True, "size": 128, "slots": 2}], indirect=True)
def test_ivshmem_sends_no_bulk_data_through_the_doorbell(lender, local_epochs):
    with DoorbellCounter(lender) as counter:
        text = boot(lender, "example_mlp")
    assert EPOCHS.findall(text) == local_epochs
    steps = 3 * (200 + 20)  # of 100 images each, and the tests
    assert 0 < counter.bytes < 4096 * steps / 10, f"{counter.bytes / steps:.0f} bytes a step"
    print(f"{counter.bytes / steps:.2f} bytes a step cross the doorbell")


@pytest.mark.long
def test_a_guest_without_a_server_is_told_so(lender):
    lender.stop()
    text = boot(lender, "lineshaft devices")
    assert "no server is connected to this virtual machine; start `lineshaft serve --vm WINDOW` on the host" in text
    lender.start()
