"""Stands between QEMU and the server at every port of a window, and counts the bytes that cross."""

import selectors
import socket
import threading
from pathlib import Path

from .lender import Lender


class DoorbellCounter:
    """Within a `with` block, before the machine boots. `bytes` counts both directions."""

    def __init__(self, lender: Lender):
        self.bytes = 0
        self.pairs: list[tuple[Path, Path]] = []
        for number, argument in enumerate(lender.arguments):
            if "server=on" in argument:
                server = Path(argument.rpartition("path=")[2])
                qemu = server.with_name(server.name + ".qemu")
                lender.arguments[number] = argument.replace(f"path={server}", f"path={qemu}")
                self.pairs.append((server, qemu))

    def __enter__(self) -> "DoorbellCounter":
        self.selector = selectors.DefaultSelector()
        self.wake, waker = socket.socketpair()
        self.selector.register(waker, selectors.EVENT_READ, None)
        for server, qemu in self.pairs:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(server))
            listener.listen()
            self.selector.register(listener, selectors.EVENT_READ, qemu)
        self.thread = threading.Thread(target=self.pass_on)
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.wake.send(b".")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()

    def pass_on(self) -> None:
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    return
                if isinstance(key.data, Path):
                    self.connect(key.fileobj.accept()[0], key.data)
                    continue
                try:
                    data = key.fileobj.recv(4096)
                except OSError:
                    data = b""
                self.bytes += len(data)
                if data:
                    key.data.sendall(data)
                else:
                    self.selector.unregister(key.fileobj)
                    key.data.shutdown(socket.SHUT_RDWR)

    def connect(self, server: socket.socket, path: Path) -> None:
        qemu = socket.socket(socket.AF_UNIX)
        try:
            qemu.connect(str(path))
        except OSError:  # QEMU does not run yet: the server comes again
            server.close()
            return
        self.selector.register(server, selectors.EVENT_READ, qemu)
        self.selector.register(qemu, selectors.EVENT_READ, server)
