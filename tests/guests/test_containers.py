"""`lineshaft cdi` with a real container engine: what the specs promise is there inside a container."""

import importlib.util
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys

import pytest
from conftest import COMMAND

# Prints what a guest sees of a lent device, as JSON.
GUEST = """
import json, os, socket
client = socket.socket(socket.AF_UNIX)
client.connect("/run/lineshaft/lineshaft.sock")
client.sendall(b"hello")
names = {name: value for name, value in os.environ.items() if name.startswith("LINESHAFT_")}
print(json.dumps({"reply": client.recv(100).decode(), "uid": os.getuid(), "env": names}))
"""
SERVER = {"LINESHAFT_SERVER": "unix:/run/lineshaft/lineshaft.sock"}

# The same for an image that holds this program alone.
GUEST_C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(void) {
  struct sockaddr_un address = {AF_UNIX, "/run/lineshaft/lineshaft.sock"};
  char reply[16] = "";
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(client, (struct sockaddr*)&address, sizeof address) || write(client, "hello", 5) != 5 || read(client, reply, 15) < 0) {
    perror("lineshaft.sock");
    return 1;
  }
  printf("%s %s %d\n", reply, getenv("LINESHAFT_SERVER"), (int)getuid());
}
"""


def compiled(tmp_path, name: str, source: str, *options: str):
    compiler = shutil.which("cc") or pytest.skip("there is no C compiler")
    (tmp_path / "source.c").write_text(source)
    output = tmp_path / name
    subprocess.run([compiler, *options, "-o", output, tmp_path / "source.c"], check=True)
    return output


def generate(lineshaft, podman, *words: str) -> str:
    return lineshaft("cdi", "generate", "--output", str(podman.specs), *words)


@pytest.mark.parametrize("file_format", ["yaml", "json"])
def test_a_container_reaches_the_server(lineshaft, podman, server_socket, file_format):
    generate(lineshaft, podman, "--socket", str(server_socket), "--format", file_format)
    seen = json.loads(podman.run("--device", "lineshaft.dev/gpu=all", "--", "python3", "-c", GUEST))
    assert seen == {"reply": "olleh", "uid": 0, "env": SERVER}


def test_so_does_a_user_without_rights(lineshaft, podman, server_socket):
    generate(lineshaft, podman, "--socket", str(server_socket))
    # With a tmpfs of its own over /run, podman 4 hides what it needs there, as the image is the host's root.
    rights = [
        "--user",
        "1000",
        "--cap-drop=all",
        "--read-only",
        "--read-only-tmpfs=false",
        "--security-opt=no-new-privileges",
    ]
    seen = json.loads(podman.run("--device", "lineshaft.dev/gpu=0", *rights, "--", "python3", "-c", GUEST))
    assert seen == {"reply": "olleh", "uid": 1000, "env": {**SERVER, "LINESHAFT_DEVICES": "remote:0"}}


def test_so_does_a_user_namespace(lineshaft, podman, server_socket, tmp_path):
    image = podman.build("probe", {"/probe": compiled(tmp_path, "probe", GUEST_C, "-static")})
    generate(lineshaft, podman, "--socket", str(server_socket))
    mapped = ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", "--read-only"]
    printed = podman.run("--device", "lineshaft.dev/gpu=all", *mapped, "--", "/probe", image=[image])
    assert printed.split() == ["olleh", SERVER["LINESHAFT_SERVER"], "0"]


def test_a_socket_folder_is_mounted_whole(lineshaft, podman, server_socket):
    generate(lineshaft, podman, "--socket", str(server_socket.parent))
    seen = json.loads(podman.run("--device", "lineshaft.dev/gpu=all", "--", "python3", "-c", GUEST))
    assert seen["reply"] == "olleh"


def test_printed_arguments_do_the_same(lineshaft, podman, server_socket):
    words = shlex.split(lineshaft("cdi", "args", "--socket", str(server_socket)))
    assert json.loads(podman.run(*words, "--", "python3", "-c", GUEST)) == {"reply": "olleh", "uid": 0, "env": SERVER}


def test_a_lent_device_is_a_device_of_the_container(lineshaft, podman, lent_cpu):
    generate(lineshaft, podman, "--socket", str(lent_cpu), "--devices", "cpu")
    rights = ["--user", "1000", "--cap-drop=all"]
    printed = podman.run("--device", "lineshaft.dev/gpu=0", *rights, "--", str(COMMAND), "devices", "--json")
    devices = [device for device in json.loads(printed)["devices"] if device["number"] is not None]
    assert [device["id"] for device in devices] == ["remote:0"]
    bench = podman.run("--device", "lineshaft.dev/gpu=0", *rights, "--", str(COMMAND), "bench", "--rounds", "1")
    assert "remote:0" in bench


# A socket file as a server that was killed leaves it, or a folder from which a server that was stopped took its socket.
def leave_socket(folder, left: str):
    if left == "socket":
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(folder / "lineshaft.sock"))
            (folder / "lineshaft.sock").chmod(0o666)
        return folder / "lineshaft.sock"
    return folder


@pytest.mark.parametrize(("left", "name"), [("socket", "all"), ("folder", "0")])
def test_a_container_whose_server_has_gone_gets_an_error_and_no_other_device(lineshaft, podman, tmp_path, left, name):
    (tmp_path / "run").mkdir()
    generate(lineshaft, podman, "--socket", str(leave_socket(tmp_path / "run", left)), "--devices", "cpu")
    device = ["--device", f"lineshaft.dev/gpu={name}"]
    ended = podman.end_of(*device, "--", str(COMMAND), "bench", "--rounds", "1")
    assert (ended.returncode, ended.stdout) == (1, ""), ended.stdout + ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith(
        "lineshaft: LINESHAFT_SERVER=unix:/run/lineshaft/lineshaft.sock names a server that cannot be"
    )
    assert "start `lineshaft serve` on the host" in line and "no other device takes its place" in line
    ended = podman.end_of(*device, "--", str(COMMAND), "devices", "--json")
    listed = json.loads(ended.stdout)
    assert ended.returncode == 1 and line == f"lineshaft: {listed['error']}"
    assert {device["number"] for device in listed["devices"]} == {None}


@pytest.mark.skipif(not importlib.util.find_spec("lineshaft_torch"), reason="lineshaft-torch is not installed")
def test_so_does_a_program_of_pytorchs(lineshaft, podman, tmp_path):
    generate(lineshaft, podman, "--socket", str(leave_socket(tmp_path, "socket")), "--devices", "cpu")
    program = "import torch; torch.ones(1, device='lineshaft' if torch.lineshaft.is_available() else 'cpu')"
    variables = ["-e", f"PYTHONPATH={os.environ.get('PYTHONPATH', '')}"]
    ended = podman.end_of("--device", "lineshaft.dev/gpu=all", *variables, "--", sys.executable, "-c", program)
    last = ended.stderr.splitlines()[-1]
    assert ended.returncode == 1 and last.startswith(
        "RuntimeError: LINESHAFT_SERVER=unix:/run/lineshaft/lineshaft.sock"
    )


def test_every_name_is_found(lineshaft, podman, server_socket):
    written = generate(lineshaft, podman, "--socket", str(server_socket), "--devices", "cpu")
    names = [word for word in written.split() if word.startswith("lineshaft.dev/gpu=")]
    assert {"lineshaft.dev/gpu=0", "lineshaft.dev/gpu=all"} <= set(names)
    for name in names:
        assert podman.run("--device", name, "--", "echo", "started") == "started\n"


# A /dev with nodes that this machine has not got: they are /dev/zero by another name.
OWN_DEV = """
mkdir -p {folder}/upper {folder}/work
mount -t overlay overlay -o lowerdir=/dev,upperdir={folder}/upper,workdir={folder}/work /dev
mkdir -p /dev/dri
for node in {nodes}; do [ -e /dev/$node ] || mknod -m 666 /dev/$node c 1 5; done
"""


def test_render_nodes_are_in_the_container(lineshaft, podman, tmp_path):
    machine = tmp_path / "machine"
    for node in ("dri/renderD188", "kfd"):
        (machine / "dev" / node).parent.mkdir(parents=True, exist_ok=True)
        (machine / "dev" / node).touch()
    device = machine / "sys/devices/0000:03:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x1002\n")
    (machine / "sys/class/drm/renderD188").mkdir(parents=True)
    (machine / "sys/class/drm/renderD188/device").symlink_to("../../../devices/0000:03:00.0")
    generate(lineshaft, podman, "--kind", "physical", "--root", str(machine))
    setup = OWN_DEV.format(folder=tmp_path, nodes="dri/renderD188 kfd")
    read = "head -c 3 /dev/dri/renderD188 | od -An -tx1; ls /dev/kfd /dev/dri"
    printed = podman.run(
        "--device", "lineshaft.dev/dri=0000:03:00.0", "--user", "1000", "--", "sh", "-c", read, setup=setup
    )
    assert printed.split() == ["00", "00", "00", "/dev/kfd", "/dev/dri:", "renderD188"]


def test_nvidias_libraries_are_found_by_name(lineshaft, podman, tmp_path):
    library = compiled(
        tmp_path, "libcuda.so.550.54", "int cuInit(unsigned flags) { return 40 + flags; }", "-shared", "-fPIC"
    )
    machine = tmp_path / "machine"
    # The same paths below the machine's root and on the host, where podman looks for them.
    folder = tmp_path / "driver"
    folder.mkdir()
    shutil.copy(library, folder)
    inside = machine / str(folder).lstrip("/")
    inside.mkdir(parents=True)
    shutil.copy(library, inside)
    (inside / "libcuda.so.1").symlink_to("libcuda.so.550.54")
    (machine / "etc").mkdir()
    (machine / "etc/ld.so.conf").write_text(f"{folder}\n")
    (machine / "sys/module/nvidia").mkdir(parents=True)
    (machine / "sys/module/nvidia/version").write_text("550.54\n")
    (machine / "dev").mkdir()
    for node in ("nvidiactl", "nvidia0", "nvidia-uvm"):
        (machine / "dev" / node).touch()
    generate(lineshaft, podman, "--kind", "nvidia", "--root", str(machine))
    setup = OWN_DEV.format(folder=tmp_path, nodes="nvidiactl nvidia0 nvidia-uvm")
    load = "import ctypes, os; print(ctypes.CDLL('libcuda.so.1').cuInit(2), os.path.exists('/dev/nvidia0'))"
    words = ["--device", "lineshaft.dev/nvidia=all", "--user", "1000"]
    assert podman.run(*words, "--", "python3", "-c", load, setup=setup) == "42 True\n"
