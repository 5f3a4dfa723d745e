"""What torch.nn.DataParallel asks of torch._C, which has it for CUDA only: tensors split over devices, copied to them and joined."""

import torch


def _device(index) -> torch.device:
    """A device given as these functions take it: -1 is the CPU."""
    return torch.device("cpu") if index == -1 else torch.device("lineshaft", index)


def _scatter(tensor, devices, chunk_sizes=None, dim=0, streams=None):
    """One part a device, of the given sizes or of equal ones."""
    parts = tensor.split(list(chunk_sizes), dim) if chunk_sizes else tensor.chunk(len(devices), dim)
    return tuple(part.to(_device(index)) for part, index in zip(parts, devices, strict=False))


def _gather(tensors, dim, destination=None):
    """The parts joined on one device, the first part's if none is given."""
    target = tensors[0].device if destination is None else _device(destination)
    return torch.cat([tensor.to(target) for tensor in tensors], dim)


def _broadcast(tensor, devices):
    return tuple(tensor.to(_device(index)) for index in devices)


def _broadcast_coalesced(tensors, devices, buffer_size=0):
    """A list for each device of what all tensors are there."""
    return [[tensor.to(_device(index)) for tensor in tensors] for index in devices]


def _for_lineshaft(given) -> bool:
    tensors = given if isinstance(given, list | tuple) else [given]
    return any(tensor.device.type == "lineshaft" for tensor in tensors) or not torch.cuda.is_available()


def _with(name, own):
    stock = getattr(torch._C, name, None)

    def function(given, *args):
        return own(given, *args) if stock is None or _for_lineshaft(given) else stock(given, *args)

    function.__name__ = name
    return function


def register():
    for own in (_scatter, _gather, _broadcast, _broadcast_coalesced):
        setattr(torch._C, own.__name__, _with(own.__name__, own))
