"""Runs a program in a virtual machine that has no GPU and no network, only the devices that this machine lends it.

    scripts/guest_vm.py -- .venv/bin/python examples/train.py --images 2000

The machine boots the distribution's kernel (fetched into build/guest) and sees this machine's files. What it changes is gone when it ends, but for the
folders that are named with --writable. Without hardware virtualization QEMU emulates its processor: everything but the lent device is then slow.
"""

import argparse
import shlex
import sys
import time
from pathlib import Path

from vm.initrd import Missing
from vm.lender import Lender
from vm.machine import VirtualMachine

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lineshaft", type=Path, default=ROOT / ".venv/bin/lineshaft", help="the command that serves")
    parser.add_argument("--memory", type=int, default=3072, help="the machine's memory in MiB (3072)")
    parser.add_argument("--cpus", type=int, default=1, help="the machine's processors (1)")
    parser.add_argument(
        "--writable",
        type=Path,
        action="append",
        default=[],
        help="a folder where changes stay; may be repeated",
    )
    parser.add_argument("--timeout", type=float, default=3600, help="seconds until the machine is stopped (3600)")
    parser.add_argument("--ivshmem", action="store_true", help="show the window as ivshmem, not as an NVDIMM")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="-- PROGRAM ...", help="what runs in the machine")
    options = parser.parse_args()
    program = options.program[1:] if options.program[:1] == ["--"] else options.program
    if not program:
        parser.error("no program is named")
    build = ROOT / "build/guest"
    build.mkdir(parents=True, exist_ok=True)
    log = build / "serve.log"
    log.write_text("")
    try:
        with Lender(options.lineshaft.absolute(), log, options.ivshmem) as lender:
            machine = VirtualMachine(build / "kernel", lender.arguments, options.memory, options.cpus, options.writable)
            how = "KVM" if machine.kvm else "an emulated processor: the program starts slowly"
            print(f"boots a virtual machine with {options.memory} MiB, {how}", flush=True)
            start = time.monotonic()
            command = f"export LINESHAFT_SERVER=vm:\ncd {shlex.quote(str(Path.cwd()))} && {shlex.join(program)}\n"
            status, _ = machine.run(command, options.timeout, lambda line: print(line, flush=True))
            print(f"the virtual machine ran for {time.monotonic() - start:.0f} s; the server's log is {log}")
            return status
    except (Missing, RuntimeError) as problem:
        print(f"guest_vm: {problem}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
