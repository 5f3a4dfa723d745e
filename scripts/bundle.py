"""bundle.py WHEEL: copies the shared libraries that the engine and its command need and Python environments lack into the wheel."""

import base64
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BUNDLED = re.compile(r"^lib(dnnl|gomp|OpenCL|seccomp|ssl|crypto|yaml-cpp)\.so")
LIBRARY = "lineshaft/lib/liblineshaft.so"
COMMAND = "lineshaft/bin/lineshaft"


def needed(library: Path, command: Path) -> list[Path]:
    listed = "".join(
        subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout for path in (library, command)
    )
    pairs = re.findall(r"^\s*(\S+) => (/\S+)", listed, re.MULTILINE)
    found = {Path(path) for name, path in pairs if BUNDLED.match(name)}
    if not any(path.name.startswith("libdnnl") for path in found):
        sys.exit(f"{library.name} does not find its libdnnl; ldd says:\n{listed}")
    return sorted(found)


def record_line(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def main() -> int:
    wheel = Path(sys.argv[1])
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        libraries = needed(*(Path(archive.extract(name, folder)) for name in (LIBRARY, COMMAND)))
        entries = {info: archive.read(info) for info in archive.infolist()}
    record = next(info for info in entries if info.filename.endswith(".dist-info/RECORD"))
    text = entries.pop(record).decode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in entries.items():
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
        for library in libraries:
            name, data = f"lineshaft/lib/{library.name}", library.read_bytes()
            archive.writestr(name, data)
            text += record_line(name, data)
        archive.writestr(record.filename, text)
    print(f"{wheel.name} holds {', '.join(library.name for library in libraries)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
