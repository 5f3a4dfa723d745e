"""A `lineshaft serve` for a test, and programs that run as its guests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


class Server:
    def __init__(self, folder: Path, *flags: str, **environment: str):
        self.socket, self.log = folder / "lineshaft.sock", folder / "serve.log"
        self.flags, self.environment = flags, environment
        self.start()

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "LINESHAFT_SERVER"}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lineshaft", "serve", "--socket", str(self.socket), *self.flags],
                stderr=log,
                env=environment | self.environment,
            )
        for _ in range(200):
            if "listens at" in self.text() and self.socket.exists():
                return
            assert self.process.poll() is None, self.text()
            time.sleep(0.05)
        raise AssertionError(f"the server does not listen:\n{self.text()}")

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(10)
        self.log.rename(self.log.with_name(f"serve.{time.monotonic_ns()}.log"))

    def workers(self) -> list[int]:
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in children.split()]

    def environment_of_guest(self, **more: str) -> dict[str, str]:
        base = {name: value for name, value in os.environ.items() if name != "LINESHAFT_DEVICES"}
        return base | {"LINESHAFT_SERVER": f"unix:{self.socket}", "LINESHAFT_DEVICES": "remote"} | more

    def guest(self, script: str, *words: str, **more: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", script, *words],
            env=self.environment_of_guest(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *words: str, **more: str) -> str:
        guest = self.guest(script, *words, **more)
        out, err = guest.communicate(timeout=120)
        assert guest.returncode == 0, err + self.text()
        return out
