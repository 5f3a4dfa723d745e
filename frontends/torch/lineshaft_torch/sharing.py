"""Tensors sent to other processes: a copy travels through host memory and becomes a device tensor again where it arrives.

Device memory is not shared between processes: a write on one side does not show on the other.
"""

import io
from multiprocessing.context import get_spawning_popen
from multiprocessing.reduction import ForkingPickler

import torch
from torch.multiprocessing import reductions


def _arrive(host: torch.Tensor, index: int, requires_grad: bool, parameter: bool) -> torch.Tensor:
    tensor = host.to(torch.device("lineshaft", index))
    if parameter:
        return torch.nn.Parameter(tensor, requires_grad)
    return tensor.requires_grad_(requires_grad)


def _arrive_as_bytes(data: bytes, *arguments) -> torch.Tensor:
    return _arrive(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True), *arguments)


def _reduce(tensor: torch.Tensor):
    if tensor.device.type != "lineshaft":
        return reductions.reduce_tensor(tensor)
    if tensor.requires_grad and not tensor.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
            "crossing process boundaries. If you just want to transfer the data, call detach() on the tensor before "
            "serializing (e.g., putting it on the queue)."
        )
    host = tensor.detach().cpu()
    how = (tensor.device.index, tensor.requires_grad, isinstance(tensor, torch.nn.Parameter))
    if get_spawning_popen() is None:
        return _arrive, (host, *how)
    # What a process is started with is packed before the process is there to be given shared memory, and the copy would be gone by then.
    data = io.BytesIO()
    torch.save(host, data)
    return _arrive_as_bytes, (data.getvalue(), *how)


def _arrive_storage(tensor: torch.Tensor) -> torch.UntypedStorage:
    return tensor.untyped_storage()


def _reduce_storage(storage: torch.UntypedStorage):
    """Also what tensors of subclasses are sent with."""
    if storage.device.type != "lineshaft":
        return reductions.reduce_storage(storage)
    return _arrive_storage, (torch.empty(0, dtype=torch.uint8, device=storage.device).set_(storage),)


def register():
    ForkingPickler.register(torch.Tensor, _reduce)
    ForkingPickler.register(torch.nn.Parameter, _reduce)
    ForkingPickler.register(torch.UntypedStorage, _reduce_storage)
