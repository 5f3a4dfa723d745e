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
    "commands": ["ops"],
    "fusion": ["commands"],
    "trace": ["fusion", "platform"],
    "stream": ["trace"],
    "device": ["stream"],
    "frontend": ["device"],
    "backends": ["device"],
    "backends/cpu": ["device"],
    "backends/vulkan/ops": ["backends/vulkan/device"],
    "backends/vulkan/device": ["backends/vulkan/program"],
    "backends/vulkan/program": ["backends/vulkan/planning"],
    "backends/vulkan/planning": ["device"],
    "backends/cuda": ["device"],
    "backends/remote": ["device", "wire", "transport"],
    "wire": ["commands", "transport"],
    "transport": ["platform"],
    "server": ["wire", "transport", "device"],
    "cdi": ["platform"],
    "cli": ["server", "cdi", "device", "backends/remote", "include"],
    "include": ["device"],
}
# Single headers that a folder includes against its arrows.
EXCEPTIONS = {
    "backends/vulkan/program": {"backends/vulkan/device/features.h"},
}
SYSTEM_HEADERS = re.compile(
    r"(arpa|asm|linux|net|netinet|sys)/|(aio|dirent|dlfcn|elf|execinfo|fcntl|fnmatch|ftw|getopt|glob|grp|ifaddrs|io|"
    r"langinfo|libgen|link|malloc|mntent|mqueue|netdb|poll|process|pthread|pwd|sched|semaphore|signal|spawn|strings|"
    r"syslog|termios|ucontext|unistd|utmp|[Ww]indows|winsock2?)\.h$"
)
# The system's functions that standard headers declare as well.
SYSTEM_CALLS = re.compile(
    r"(?<![\w.>])(fdopen|fileno|gmtime_r|localtime_r|mkdtemp|mkostemp|mkstemp|nanosleep|pclose|popen|realpath|setenv|"
    r"unsetenv|usleep)\("
)
# What files whose path begins with `within` must not include or call, but for those that begin with one of `allowed`.
BARRED = [
    {
        "headers": re.compile(r"(vulkan|spirv)/"),
        "within": "src/backends/vulkan/planning/",
        "allowed": (),
        "why": "plans know no API of a device",
    },
    {
        "headers": SYSTEM_HEADERS,
        "calls": SYSTEM_CALLS,
        "within": "",
        "allowed": (
            "src/platform/linux/",
            "src/platform/windows/",
            "src/transport/",
        ),
        "why": "only src/platform/linux and src/transport call the operating system; use or extend src/platform/*.h, "
        "which name no system's types",
    },
]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
PUBLIC = "include/lineshaft/"


def reachable(folder: str) -> set[str]:
    seen, todo = {folder}, [folder]
    while todo:
        for below in ARROWS[todo.pop()]:
            if below not in seen:
                seen.add(below)
                todo.append(below)
    return seen


def folder_of(path: str) -> str | None:
    """The row of ARROWS that a path under src/ or include/ (or an include of one) belongs to."""
    if path == "lineshaft/lineshaft.h":
        return "include"
    parts = path.removeprefix("lineshaft/").split("/")
    if len(parts) < 2:
        return None
    if parts[0] == "backends":
        room = "/".join(parts[:3])
        return room if len(parts) > 3 and room in ARROWS else "/".join(parts[:2]) if len(parts) > 2 else "backends"
    return parts[0] if parts[0] in ARROWS else None


def check_engine(files: list[str]) -> list[str]:
    wrong = []
    allowed = {folder: reachable(folder) for folder in ARROWS}
    for name in files:
        path = name.removeprefix("src/").removeprefix("include/")
        here = folder_of(path)
        if here not in ARROWS:
            wrong.append(f"{name}: its folder has no row in scripts/check_imports.py")
            continue
        # A test or its helper may also include what a program outside would.
        test = name.endswith("_test.cc") or Path(name).name.startswith("test_")
        also = reachable("include") if test else set()
        text = (ROOT / name).read_text()
        for target in INCLUDE.findall(text):
            there = folder_of(target)
            if there and there not in allowed[here] | also and target not in EXCEPTIONS.get(here, ()):
                wrong.append(f'{name}: includes "{target}": {here} must not know {there}')
            if name.startswith(PUBLIC) and (ROOT / "src" / target).exists():
                wrong.append(f'{name}: includes "{target}": a public header includes public ones only')
    return wrong


def check_barred(files: list[str]) -> list[str]:
    wrong = []
    for rule in BARRED:
        for name in files:
            if not name.startswith(rule["within"]) or name.startswith(rule["allowed"]):
                continue
            text = (ROOT / name).read_text()
            found = [f"includes <{target}>" for target in INCLUDE.findall(text) if rule["headers"].match(target)]
            if "calls" in rule:
                found += [f"calls {function}()" for function in rule["calls"].findall(text)]
            wrong += [f"{name}: {each}: {rule['why']}" for each in found]
    return wrong


def check_outside(files: list[str]) -> list[str]:
    """Frontends and examples see what is installed, as a program outside does: nothing of src/."""
    wrong = []
    for name in files:
        for target in INCLUDE.findall((ROOT / name).read_text()):
            if (ROOT / "src" / target).exists() and not ((ROOT / name).parent / target).exists():
                wrong.append(f'{name}: includes "{target}": only headers of include/lineshaft are public')
    return wrong


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line.endswith((".h", ".cc")) and (ROOT / line).exists()]


def main() -> int:
    engine, outside = tracked("src", "include"), tracked("frontends", "examples")
    wrong = check_engine(engine) + check_outside(outside) + check_barred(engine + outside)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
