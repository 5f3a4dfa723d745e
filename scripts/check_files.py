"""Checks file lengths (500 lines is a sign to split, 800 too many) and that no built file is committed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {".h", ".cc", ".def", ".py", ".sh", ".comp", ".glsl", ".cmake", ".md"}
BUILT = {".o", ".a", ".so", ".spv", ".pyc", ".whl", ".pt"}
WARN, FAIL = 500, 800


def main() -> int:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    failed = False
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in BUILT:
            print(f"{name}: a built file; `git rm --cached {name}`")
            failed = True
        if path.suffix not in SOURCES or not path.exists():
            continue
        lines = len(path.read_bytes().splitlines())
        if lines > FAIL:
            print(f"{name}: {lines} lines, at most {FAIL}; split it")
            failed = True
        elif lines > WARN:
            print(f"{name}: {lines} lines; over {WARN} is a sign that two things live in one file")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
