"""Streams and events. A device has one order of execution; its streams differ by number only."""

import torch

from ._utils import _get_device_index as _index

Stream = torch.Stream
Event = torch.Event


def current_stream(device=None) -> torch.Stream:
    return torch.accelerator.current_stream(_index(device))


def default_stream(device=None) -> torch.Stream:
    return torch.Stream(
        stream_id=0, device_index=_index(device), device_type=int(torch._C._autograd.DeviceType.PrivateUse1)
    )


def set_stream(stream: torch.Stream):
    torch.accelerator.set_stream(stream)


class stream:
    """A context in which the given stream is the current one; None changes nothing."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        if self.stream is not None:
            self.stream.__enter__()

    def __exit__(self, *error):
        if self.stream is not None:
            self.stream.__exit__(*error)
        return False
