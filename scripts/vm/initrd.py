"""The first file system of a virtual machine: busybox, the kernel's modules, and a script that runs a command in the host's root folder."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

# What a stock kernel needs for a root folder over virtiofs, the ports, and the window as NVDIMM.
MODULES = ["virtio_pci", "virtiofs", "overlay", "virtio_console", "nfit", "nd_pmem", "dax_pmem", "device_dax"]

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module" || echo "<3>insmod $module fails" > /dev/kmsg; done
mount -t virtiofs -o ro host /host && mount -t tmpfs tmpfs /changes && mkdir /changes/upper /changes/work || poweroff -f
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work overlay /root || poweroff -f
rm -f /root/.dockerenv /root/run/.containerenv
mount --bind /dev /root/dev
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
for folder in run dev/shm; do mkdir -p /root/$folder && mount -t tmpfs tmpfs /root/$folder; done
for share in $(cat /shares); do
  mkdir -p "/root${share#*=}"
  mount -t virtiofs "${share%%=*}" "/root${share#*=}" || poweroff -f
done
cp /command /root/run/command
stty -onlcr 2>/dev/null
echo "@@@ begin"
chroot /root /bin/bash /run/command
echo "@@@ status $?"
poweroff -f
"""


class Missing(Exception):
    """Something that a virtual machine needs is not here; the text says what to install."""


def need(program: str, package: str) -> str:
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin:/usr/lib/qemu:/usr/libexec")
    if not path:
        raise Missing(f"{program} is not installed: apt-get install {package}")
    return path


def kernel(folder: Path) -> tuple[Path, list[Path]]:
    """The distribution's kernel for virtual machines, fetched into `folder` once, and the modules in the order to load them."""
    if not list(folder.glob("boot/vmlinuz-*")):
        fetch_kernel(folder)
    image = next(folder.glob("boot/vmlinuz-*"))
    release = image.name.removeprefix("vmlinuz-")
    if not (folder / f"lib/modules/{release}/modules.dep").exists():
        subprocess.run([need("depmod", "kmod"), "-b", folder, release], check=True)
    modules: list[Path] = []
    for name in MODULES:
        shown = subprocess.run(
            [need("modprobe", "kmod"), "-C", "/dev/null", "-d", folder, "-S", release, "--show-depends", name],
            capture_output=True, text=True,
        )  # fmt: skip
        if shown.returncode:
            raise Missing(f"the kernel {release} has no module {name}: {shown.stderr.strip()}")
        for line in shown.stdout.splitlines():
            kind, _, path = line.partition(" ")
            path = Path(path.split()[0])
            if kind == "insmod" and path not in modules:
                modules.append(path)
    return image, modules


def fetch_kernel(folder: Path) -> None:
    need("apt-get", "apt")
    depends = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], capture_output=True, text=True)
    names = [line.split()[1] for line in depends.stdout.splitlines() if "Depends: linux-image-" in line]
    if not names:
        raise Missing(
            "apt knows no package linux-image-cloud-amd64, the kernel that the guest boots (Debian has it; run apt-get update)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(["apt-get", "download", names[0]], cwd=folder, capture_output=True, text=True)
    packages = list(folder.glob("*.deb"))
    if fetched.returncode or not packages:
        raise Missing(f"the guest's kernel {names[0]} cannot be downloaded: {fetched.stderr.strip()}")
    subprocess.run(["dpkg", "-x", packages[0], folder], check=True)
    packages[0].unlink()


def archive(entries: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive, as the kernel unpacks it, of paths with their modes and contents."""
    out = bytearray()
    for number, (name, (mode, data)) in enumerate([*entries.items(), ("TRAILER!!!", (0, b""))]):
        path = name.encode() + b"\0"
        fields = [number + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        out += bytes(-len(out) % 4)
        out += data
        out += bytes(-len(out) % 4)
    return bytes(out)


def initrd(modules: list[Path], command: str, shares: dict[str, str]) -> bytes:
    """Runs `command`, a shell script, and powers off. `shares`: further virtiofs tags and where they are mounted, writable."""
    busybox = need("busybox", "busybox-static")
    if subprocess.run(["ldd", busybox], capture_output=True).returncode == 0:
        raise Missing("busybox is not the static one: apt-get install busybox-static")
    folder, program, text = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755, stat.S_IFREG | 0o644
    entries = dict.fromkeys(("bin", "dev", "proc", "sys", "root", "host", "changes", "modules"), (folder, b""))
    entries["bin/busybox"] = (program, Path(busybox).read_bytes())
    entries["init"] = (program, INIT.encode())
    entries["command"] = (text, command.encode())
    entries["shares"] = (text, "".join(f"{tag}={path}\n" for tag, path in shares.items()).encode())
    for number, module in enumerate(modules):
        entries[f"modules/{number:02}-{module.name}"] = (text, module.read_bytes())
    return archive(entries)
