"""What the user names by a variable and cannot have is an error: no program falls to another device by itself."""

import glob
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from server import Server  # noqa: E402

pytestmark = pytest.mark.skipif(
    "vulkan" in os.environ.get("LINESHAFT_DEVICES", ""), reason="these choose their devices themselves: once is enough"
)
NOWHERE = {"LINESHAFT_SERVER": "unix:/nowhere", "LINESHAFT_DEVICES": ""}
ERROR = (
    "RuntimeError: LINESHAFT_SERVER=unix:/nowhere names a server that cannot be used: the server's socket /nowhere cannot "
    "be opened (No such file or directory): no server has made it; start `lineshaft serve` on the host, or mount its "
    "socket here; no other device takes its place: unset LINESHAFT_SERVER, or set LINESHAFT_DEVICES=cpu, to compute here"
)


def run(program: str, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "import torch\n" + program],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | variables,
    )


def test_a_named_server_that_is_not_there_is_one_clear_line():
    ended = run("torch.ones(1, device='lineshaft')", **NOWHERE)
    assert ended.returncode == 1 and ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert lines[0].startswith("Traceback") and lines[-1].startswith(ERROR), ended.stderr
    assert ended.stderr.count("/nowhere names") == 1 and "Exception raised from" not in ended.stderr


USES = """
uses = {
    "a factory": lambda: torch.ones(1, device="lineshaft"),
    "random numbers": lambda: torch.randn(1, device="lineshaft"),
    "a module": lambda: torch.nn.Linear(2, 2).to("lineshaft"),
    "the number of devices": lambda: torch.lineshaft.device_count(),
    "the number of accelerators": lambda: torch.accelerator.device_count(),
    "the current device": lambda: torch.lineshaft.set_device(0),
    "waiting": lambda: torch.lineshaft.synchronize(),
    "free memory": lambda: torch.lineshaft.mem_get_info(),
    "a generator of one's own": lambda: torch.rand(1, device="lineshaft", generator=torch.Generator("lineshaft")),
    "properties": lambda: torch.lineshaft.get_device_properties(),
    "the name": lambda: torch.lineshaft.get_device_name(),
    "a generator's state": lambda: torch.lineshaft.get_rng_state(),
    "all states": lambda: torch.lineshaft.get_rng_state_all(),
    "an event": lambda: torch.Event("lineshaft").record(),
    "reconnect": lambda: torch.lineshaft.reconnect(timeout=0),
    "DataParallel": lambda: torch.nn.DataParallel(torch.nn.Linear(2, 2)),
}
for name, use in uses.items():
    try:
        use()
        print(name, "raises nothing")
    except RuntimeError as error:
        if not f"RuntimeError: {error}".startswith(ERROR) or "\\n" in str(error):
            print(name, error)
"""


def test_so_is_every_first_use_and_every_later_one():
    ended = run(f"ERROR = {ERROR!r}\n{USES}{USES}", **NOWHERE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_what_uses_no_device_asks_for_none():
    ended = run(
        """
torch.manual_seed(1), torch.lineshaft.manual_seed_all(1), torch.Generator("lineshaft").manual_seed(1)
torch.Stream("lineshaft"), torch.Event("lineshaft"), torch.lineshaft.current_stream(), torch.lineshaft.empty_cache()
with torch.lineshaft.device(0):
    print(torch.lineshaft.current_device(), torch.lineshaft.memory_allocated(), dict(torch.lineshaft.memory_stats()))
torch.accelerator.synchronize()
""",
        **NOWHERE,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0 0 {}\n", "")


def test_who_asks_whether_to_use_the_device_does_not_fall_to_the_cpu():
    ended = run(
        "device = 'lineshaft' if torch.lineshaft.is_available() else 'cpu'\n"
        "device = torch.accelerator.current_accelerator(check_available=True) or torch.device('cpu')\n"
        "torch.nn.Linear(2, 2).to(device)",
        **NOWHERE,
    )
    assert ended.returncode == 1 and ended.stderr.splitlines()[-1].startswith(ERROR)


def test_the_cpu_goes_on_where_it_is_what_the_program_names():
    """PyTorch's optimizers and autograd ask for the accelerator too."""
    ended = run(
        """
torch.manual_seed(0)
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(4, 2)).sum().backward()
optimizer.step()
assert not torch.lineshaft.is_initialized()
torch.accelerator.synchronize()
print(torch.accelerator.current_accelerator())
""",
        **NOWHERE,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "lineshaft\n", "")


def test_a_selection_of_local_devices_asks_no_server(tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "mute.sock"))
    listener.listen()
    listener.setblocking(False)
    ended = run(
        "print((torch.ones(3, device='lineshaft') * 2).sum().item(), torch.lineshaft.device_count())",
        LINESHAFT_SERVER=f"unix:{tmp_path}/mute.sock",
        LINESHAFT_DEVICES="cpu",
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "6.0 1\n", "")
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_wrong_selection_does_not_fall_to_the_cpu_either():
    ended = run(
        "torch.ones(1, device='lineshaft' if torch.lineshaft.is_available() else 'cpu')", LINESHAFT_DEVICES="abacus:3"
    )
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert last.startswith(
        'RuntimeError: LINESHAFT_DEVICES names the device "abacus:3", which is not there; there is: '
    )


@pytest.mark.parametrize("variable", ["LINESHAFT_THREADS=two", "LINESHAFT_FUSION=maybe"])
def test_a_wrong_variable_is_said_at_the_first_use(variable):
    name, value = variable.split("=")
    ended = run("torch.ones(1, device='lineshaft')", **{name: value, "LINESHAFT_DEVICES": "cpu"})
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"RuntimeError: {variable} is n"), ended.stderr


def has_server_or_gpu() -> bool:
    places = ["/dev/dri/renderD*", "/proc/driver/nvidia", "/run/lineshaft/lineshaft.sock"]
    return any(glob.glob(place) for place in places)


@pytest.mark.skipif(has_server_or_gpu(), reason="a GPU of one's own goes before a server that nobody named")
def test_a_socket_that_nobody_named_and_that_does_not_answer_is_a_warning(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "lineshaft.sock"))
    program = """
x = torch.ones(3)
assert torch.lineshaft.is_available() and torch.lineshaft.device_count() > 0
print("used from here", file=__import__("sys").stderr, flush=True)
for _ in range(2):
    print(x.to("lineshaft").sum().item())
"""
    variables = {"LINESHAFT_SERVER": "", "XDG_RUNTIME_DIR": str(tmp_path)}
    ended = run(program, LINESHAFT_DEVICES="", **variables)
    assert ended.returncode == 0 and ended.stdout == "3.0\n3.0\n"
    first, warning = ended.stderr.splitlines()
    assert first == "used from here"
    assert warning.startswith("lineshaft: warning: server: the server at unix:"), warning
    assert "no server answers there" in warning and warning.endswith("; this program uses cpu:0")
    assert run(program, LINESHAFT_DEVICES="cpu", **variables).stderr == "used from here\n"


RECONNECT = """
import sys
try:
    torch.ones(1, device="lineshaft")
except RuntimeError as error:
    print(str(error).split(":")[0], flush=True)
sys.stdin.readline()
torch.lineshaft.reconnect()
print(torch.lineshaft.get_device_properties().id, (torch.ones(3, device="lineshaft") * 2).sum().item())
x = torch.ones(3, device="lineshaft", requires_grad=True)
(x * 2).sum().backward()
print(x.grad.tolist())
"""


def test_a_server_that_comes_later_is_found_by_reconnect(tmp_path):
    environment = os.environ | {"LINESHAFT_SERVER": f"unix:{tmp_path}/lineshaft.sock", "LINESHAFT_DEVICES": ""}
    guest = subprocess.Popen(
        [sys.executable, "-c", "import torch" + RECONNECT],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert guest.stdout.readline() == "LINESHAFT_SERVER=unix\n"
    server = Server(tmp_path, LINESHAFT_DEVICES="cpu")
    try:
        out, err = guest.communicate("\n", timeout=120)
        assert (out, err) == ("remote:0 6.0\n[2.0, 2.0, 2.0]\n", "")
    finally:
        server.stop()


def test_a_server_that_goes_before_the_first_use_is_an_error(tmp_path):
    server = Server(tmp_path, LINESHAFT_DEVICES="cpu")
    program = """
import sys, torch
print(torch.lineshaft.device_count(), flush=True)
sys.stdin.readline()
torch.ones(1, device="lineshaft")
"""
    guest = server.guest(program, LINESHAFT_DEVICES="")
    assert int(guest.stdout.readline()) >= 1
    server.stop()
    _, err = guest.communicate("\n", timeout=120)
    assert guest.returncode == 1
    assert f"the server's socket {server.socket} cannot be opened" in err.splitlines()[-1]


def test_a_forked_child_gets_the_error_too():
    ended = run(
        """
import os
assert torch.lineshaft.is_available()
child = os.fork()
if child == 0:
    try:
        torch.ones(1, device="lineshaft")
    except RuntimeError as error:
        os._exit(7 if "unix:/nowhere names a server" in str(error) else 8)
    os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""",
        **NOWHERE,
    )
    assert ended.stdout == "7\n", ended.stderr
