"""Containers for the tests: podman with settings of its own, in a mount namespace where the test's CDI specs and device nodes are."""

import os
import shlex
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(os.environ.get("LINESHAFT_BUILD", ROOT / "build/release")) / "bin/lineshaft"
SPEC_FOLDER = Path("/var/run/cdi")

# runc and the cgroupfs manager with explicit limits also run where capabilities are restricted.
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "none"
[engine]
runtime = "{runtime}"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes minutes; `make test-all` runs it")


@pytest.fixture(scope="session")
def lineshaft():
    """Runs the command: lineshaft("cdi", "list", status=1) is its standard output and error."""
    if not COMMAND.exists():
        pytest.skip(f"{COMMAND} is not built")
    if subprocess.run([COMMAND, "cdi", "--help"], capture_output=True).returncode:
        pytest.skip("built without `lineshaft cdi`: yaml-cpp was not there (libyaml-cpp-dev)")

    def run(*words: str, status: int = 0) -> str:
        done = subprocess.run([COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == status, done.stdout
        return done.stdout

    return run


class Podman:
    def __init__(self, folder: Path, runtime: str):
        self.folder = folder
        self.specs = folder / "specs"
        self.specs.mkdir()
        conf = folder / "containers.conf"
        conf.write_text(CONTAINERS_CONF.format(runtime=runtime))
        self.environment = {**os.environ, "CONTAINERS_CONF": str(conf)}
        self.command = ["podman"]
        for option in ("root", "runroot", "tmpdir"):
            self.command += [f"--{option}", str(folder / option)]
        # From 5.5 on podman reads any folder; before, the specs are laid over the one that it reads.
        self.mount_specs = f"mount --bind {shlex.quote(str(self.specs))} {SPEC_FOLDER}"
        if "--cdi-spec-dir" in subprocess.run(["podman", "--help"], capture_output=True, text=True).stdout:
            self.command += ["--cdi-spec-dir", str(self.specs)]
            self.mount_specs = ""

    def run(self, *words: str, image=("--rootfs", "/:O"), setup: str = "") -> str:
        """`podman run` with the specs in place, after the shell's lines of setup; by default in the host's root folder."""
        done = self.end_of(*words, image=image, setup=setup)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end_of(self, *words: str, image=("--rootfs", "/:O"), setup: str = "") -> subprocess.CompletedProcess:
        """The same, however it ends."""
        run = [*self.command, "run", "--rm", "--network=none", *words[: words.index("--")], *image]
        script = f"""
            {self.mount_specs}
            {setup}
            exec {shlex.join([*run, *words[words.index("--") + 1 :]])}
        """
        return self.in_namespace(script)

    def in_namespace(self, script: str) -> subprocess.CompletedProcess:
        command = ["unshare", "--mount", "--propagation", "private", "bash", "-ec", script]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def build(self, name: str, files: dict[str, Path]) -> str:
        """An image of these files."""
        archive = self.folder / f"{name}.tar"
        with tarfile.open(archive, "w") as tar:
            for target, path in files.items():
                tar.add(path, target)
        subprocess.run([*self.command, "import", archive, name], env=self.environment, check=True, capture_output=True)
        return name


@pytest.fixture(scope="session")
def podman_session(tmp_path_factory):
    if not shutil.which("podman"):
        pytest.skip("podman is not installed: apt-get install podman runc")
    if os.geteuid() != 0:
        pytest.skip("only root may put CDI specs where podman looks for them")
    runtime = next((name for name in ("runc", "crun") if shutil.which(name)), None)
    if not runtime:
        pytest.skip("podman has no runtime: apt-get install runc")
    folder = tmp_path_factory.mktemp("podman")
    here = not SPEC_FOLDER.exists()
    SPEC_FOLDER.mkdir(exist_ok=True)
    podman = Podman(folder, runtime)
    tried = podman.in_namespace(
        shlex.join([*podman.command, "run", "--rm", "--network=none", "--rootfs", "/:O", "true"])
    )
    if tried.returncode:
        pytest.skip(f"podman starts no container on this machine: {tried.stderr.strip()}")
    yield podman
    shutil.rmtree(folder, ignore_errors=True)
    if here:
        SPEC_FOLDER.rmdir()


@pytest.fixture
def podman(podman_session):
    for path in podman_session.specs.iterdir():
        path.unlink()
    return podman_session


@pytest.fixture
def lent_cpu(tmp_path):
    """The socket of a server that lends the CPU."""
    path = tmp_path / "lineshaft.sock"
    with open(tmp_path / "serve.log", "w+") as log:
        server = subprocess.Popen(
            [COMMAND, "serve", "--socket", path], env={**os.environ, "LINESHAFT_DEVICES": "cpu"}, stderr=log
        )
        try:
            deadline = time.monotonic() + 60
            while not path.exists():
                log.seek(0)
                assert server.poll() is None and time.monotonic() < deadline, log.read()
                time.sleep(0.05)
            yield path
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def server_socket(tmp_path):
    """A Unix socket that answers every connection with what it was sent, backwards."""
    listener = socket.socket(socket.AF_UNIX)
    path = tmp_path / "lineshaft.sock"
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(connection.recv(100)[::-1])

    thread = threading.Thread(target=serve)
    thread.start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
