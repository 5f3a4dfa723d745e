"""Tensors sent to other processes: a copy travels through host memory and becomes a device tensor again where it arrives.

Device memory is not shared between processes: a write on one side does not show on the other.
"""

from multiprocessing.reduction import ForkingPickler

import torch
from torch.multiprocessing import reductions


def _arrive(host: torch.Tensor, index: int, requires_grad: bool, parameter: bool) -> torch.Tensor:
    tensor = host.to(torch.device("lineshaft", index))
    if parameter:
        return torch.nn.Parameter(tensor, requires_grad)
    return tensor.requires_grad_(requires_grad)


def _reduce(tensor: torch.Tensor):
    if tensor.device.type != "lineshaft":
        return reductions.reduce_tensor(tensor)
    if tensor.requires_grad and not tensor.is_leaf:
        raise RuntimeError(
            "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support "
            "crossing process boundaries. If you just want to transfer the data, call detach() on the tensor before "
            "serializing (e.g., putting it on the queue)."
        )
    parameter = isinstance(tensor, torch.nn.Parameter)
    return _arrive, (tensor.detach().cpu(), tensor.device.index, tensor.requires_grad, parameter)


def register():
    ForkingPickler.register(torch.Tensor, _reduce)
    ForkingPickler.register(torch.nn.Parameter, _reduce)
