"""A server that lends this machine's devices to one virtual machine, for as long as a `with` block."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path


class Lender:
    """`arguments` is what QEMU needs. The server writes its log to `log`."""

    def __init__(
        self,
        lineshaft: Path,
        log: Path,
        ivshmem: bool = False,
        size: int = 256,
        slots: int = 8,
        flags: tuple[str, ...] = (),
    ):
        self.lineshaft, self.log, self.flags = lineshaft, log, flags
        self.folder = tempfile.TemporaryDirectory(prefix="lineshaft-", dir="/dev/shm")
        self.window = Path(self.folder.name) / "guest.window"
        subprocess.run(
            [lineshaft, "vm", "init", self.window, "--size", str(size), "--slots", str(slots)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        printed = subprocess.run(
            [lineshaft, "vm", "args", self.window, *(["--ivshmem"] if ivshmem else [])],
            check=True,
            capture_output=True,
            text=True,
        )
        self.arguments = printed.stdout.split()

    def __enter__(self) -> "Lender":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self.folder.cleanup()

    def start(self) -> None:
        begin = self.log.stat().st_size if self.log.exists() else 0
        command = [
            self.lineshaft,
            "serve",
            "--vm",
            self.window,
            "--socket",
            Path(self.folder.name) / "socket",
            *self.flags,
        ]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(self.log, "ab"), env=os.environ)
        deadline = time.monotonic() + 30
        while f"listens at vm:{self.window}" not in self.log.read_text()[begin:]:
            if self.server.poll() is not None or time.monotonic() > deadline:
                self.server.kill()
                raise RuntimeError(f"lineshaft serve does not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.server.send_signal(how)
        return self.server.wait(timeout=20)

    def sessions(self) -> list[int]:
        """The processes that serve the machine's sessions."""
        children = subprocess.run(
            ["ps", "-o", "pid=,stat=", "--ppid", str(self.server.pid)], capture_output=True, text=True
        )
        return [int(line.split()[0]) for line in children.stdout.splitlines() if "Z" not in line.split()[1]]
