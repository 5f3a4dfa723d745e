"""A virtual machine that sees this machine's files and no network and no GPU: QEMU with a stock kernel. What it changes is gone when it ends."""

import os
import shlex
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .initrd import Missing, initrd, kernel, need

# Without emulated AVX, which is ten times slower than what compilers make without it.
EMULATED_CPU = "max,erms=off,fsrm=off,avx=off,avx2=off,fma=off,f16c=off"
# For libraries that would look for more than the CPU shows, and against probing a software GPU, which takes seconds there.
EMULATED_ENVIRONMENT = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "VK_DRIVER_FILES": "/dev/null",
    "VK_ICD_FILENAMES": "/dev/null",
}

# The root folder and what is mounted in it from disks, bound read-only: /proc, /sys and /dev are the guest's own.
READ_ONLY = """
mount --make-rprivate /
mount -t tmpfs tmpfs "$FOLDER"
mount --bind / "$FOLDER" && mount -o remount,bind,ro "$FOLDER"
findmnt -rno TARGET -t ext4,xfs,btrfs,overlay,zfs,tmpfs | sort | while read -r target; do
  case "$target" in / | /proc* | /sys* | /dev* | /run* | "$FOLDER"*) continue ;; esac
  [ -d "$target" ] && mount --bind "$target" "$FOLDER$target" && mount -o remount,bind,ro "$FOLDER$target"
done
exec "$@"
"""


def can_virtualize() -> bool:
    flags = Path("/proc/cpuinfo").read_text()
    return os.access("/dev/kvm", os.R_OK | os.W_OK) and (" vmx" in flags or " svm" in flags)


class VirtualMachine:
    """`arguments`: further arguments of QEMU, as `lineshaft vm args` prints them. `writable`: folders where what the guest changes stays."""

    def __init__(self, cache: Path, arguments: list[str], memory: int = 1024, cpus: int = 1, writable: list[Path] = ()):
        if os.geteuid() != 0:
            raise Missing("sharing the root folder with a virtual machine needs root")
        self.qemu = need("qemu-system-x86_64", "qemu-system-x86")
        self.virtiofsd = need("virtiofsd", "qemu-system-common (Debian 12), virtiofsd (later)")
        self.image, self.modules = kernel(cache)
        self.arguments, self.memory, self.cpus = arguments, memory, cpus
        self.writable = [Path(folder).resolve() for folder in writable]
        self.kvm = can_virtualize()

    def run(self, command: str, timeout: float = 600, show: Callable[[str], None] | None = None) -> tuple[int, str]:
        """Boots, runs the shell script, powers off. Its exit status and what it printed, line by line passed to `show` too."""
        with tempfile.TemporaryDirectory(prefix="lineshaft-vm-") as folder:
            self.folder = Path(folder)
            daemons = [self.share("host", Path("/"), read_only=True)]
            shares = {}
            for number, path in enumerate(self.writable):
                daemons.append(self.share(f"share{number}", path))
                shares[f"share{number}"] = str(path)
            try:
                environment = {"HOME": str(Path.home()), "XDG_RUNTIME_DIR": "/run"} | (
                    {} if self.kvm else EMULATED_ENVIRONMENT
                )
                exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
                (self.folder / "initrd").write_bytes(initrd(self.modules, exports + command, shares))
                return self.boot(["host", *shares], timeout, show)
            finally:
                for daemon in daemons:
                    daemon.terminate()
                    daemon.wait()

    def share(self, tag: str, source: Path, read_only: bool = False) -> subprocess.Popen:
        socket, root = self.folder / tag, self.folder / f"{tag}.root"
        root.mkdir()
        served = root if read_only else source
        if "/libexec/" in self.virtiofsd:
            command = [
                self.virtiofsd,
                f"--socket-path={socket}",
                f"--shared-dir={served}",
                "--cache=always",
                "--sandbox=chroot",
            ]
        else:
            command = [
                self.virtiofsd,
                f"--socket-path={socket}",
                "-o",
                f"source={served}",
                "-o",
                "cache=always,no_xattr,sandbox=chroot",
            ]
        if read_only:
            command = ["unshare", "--mount", "bash", "-c", READ_ONLY, "bash", *command]
        log = open(self.folder / f"{tag}.log", "wb")
        daemon = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "FOLDER": str(root)})
        deadline = time.monotonic() + 20
        while not socket.exists():
            if daemon.poll() is not None or time.monotonic() > deadline:
                daemon.kill()
                raise Missing(f"virtiofsd does not start: {Path(log.name).read_text().strip()}")
            time.sleep(0.05)
        return daemon

    def boot(self, tags: list[str], timeout: float, show) -> tuple[int, str]:
        accelerator = (
            ["-accel", "kvm", "-cpu", "host"] if self.kvm else ["-accel", "tcg,thread=multi", "-cpu", EMULATED_CPU]
        )
        command = [
            self.qemu, *accelerator, "-machine", "q35,memory-backend=ram", "-smp", str(self.cpus), "-m", str(self.memory),
            "-object", f"memory-backend-memfd,id=ram,size={self.memory}M,share=on",
            "-nodefaults", "-no-user-config", "-nographic", "-serial", "stdio", "-no-reboot",
            "-kernel", self.image, "-initrd", self.folder / "initrd",
            "-append", "console=ttyS0 quiet panic=-1 random.trust_cpu=on", *self.arguments,
        ]  # fmt: skip
        for tag in tags:
            command += ["-chardev", f"socket,id={tag},path={self.folder / tag}"]
            command += ["-device", f"vhost-user-fs-pci,chardev={tag},tag={tag}"]
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        killer = threading.Timer(timeout, qemu.kill)
        killer.start()
        lines, status, begun = [], None, False
        try:
            for line in qemu.stdout:
                line = line.decode(errors="replace").replace("\r", "").rstrip("\n")
                if line.startswith("@@@ status "):
                    status = int(line.split()[2])
                elif line.endswith("@@@ begin"):
                    begun = True
                    lines.clear()
                elif status is None:
                    lines.append(line)
                    if begun and show:
                        show(line)
            qemu.wait()
        finally:
            killer.cancel()
            qemu.kill()
            qemu.wait()
        if status is None:
            said = "\n".join(lines[-20:])
            raise RuntimeError(
                f"the virtual machine did not finish within {timeout:.0f} s, or stopped; its last lines:\n{said}"
            )
        return status, "\n".join(lines) + "\n"
