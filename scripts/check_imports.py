"""Checks that every #include follows the arrows of docs/architecture.md: downward only, backends blind."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Each folder and what it includes directly; what those include comes with them.
ARROWS = {
    "base": [],
    "platform": ["base"],
    "tensor": ["base"],
    "program": ["tensor"],
    "ops": ["program"],
    "stream": ["ops", "platform"],
    "device": ["stream", "platform"],
    "frontend": ["device"],
    "backends": ["device"],
    "backends/cpu": ["device"],
    "backends/vulkan": ["device"],
    "backends/cuda": ["device"],
    "backends/remote": ["device", "wire", "transport"],
    "wire": ["stream", "transport"],
    "transport": ["platform"],
    "server": ["wire", "transport", "device"],
    "cdi": ["base"],
    "cli": ["server", "cdi", "device", "backends/remote", "include"],
    "include": ["device"],
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def reachable(folder: str) -> set[str]:
    seen, todo = {folder}, [folder]
    while todo:
        for below in ARROWS[todo.pop()]:
            if below not in seen:
                seen.add(below)
                todo.append(below)
    return seen


def folder_of(path: str) -> str | None:
    """The row of ARROWS that a path under src/ (or an include of one) belongs to."""
    parts = path.split("/")
    if len(parts) < 2:
        return None
    if parts[0] == "backends":
        return "/".join(parts[:2]) if len(parts) > 2 else "backends"
    if parts[0] == "lineshaft":
        return "include"
    return parts[0] if parts[0] in ARROWS else None


def check_engine(files: list[str]) -> list[str]:
    wrong = []
    allowed = {folder: reachable(folder) for folder in ARROWS}
    for name in files:
        path = name.removeprefix("src/").removeprefix("include/")
        here = folder_of(path)
        if here is None:
            wrong.append(f"{name}: its folder has no row in scripts/check_imports.py")
            continue
        # A test or its helper may also include what a program outside would.
        test = name.endswith("_test.cc") or Path(name).name.startswith("test_")
        also = reachable("include") if test else set()
        for target in INCLUDE.findall((ROOT / name).read_text()):
            there = folder_of(target)
            if there and there not in allowed[here] | also:
                wrong.append(f'{name}: includes "{target}": {here} must not know {there}')
    return wrong


def check_frontends(files: list[str]) -> list[str]:
    """Frontends see the public headers: those that are installed, never a backend, the server or the command."""
    public = {"base", "platform", "tensor", "program", "ops", "stream", "device", "frontend", "include"}
    wrong = []
    for name in files:
        for target in INCLUDE.findall((ROOT / name).read_text()):
            there = folder_of(target)
            beside = (ROOT / name).parent / target
            if there and there not in public and not beside.exists():
                wrong.append(f'{name}: includes "{target}": a frontend knows public headers only')
    return wrong


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line.endswith((".h", ".cc")) and (ROOT / line).exists()]


def main() -> int:
    wrong = check_engine(tracked("src", "include")) + check_frontends(tracked("frontends"))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
