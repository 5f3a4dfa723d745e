"""DLPack and the CUDA array interface: a device tensor has no address that another library can read, so none is handed out."""

import functools

import torch

_HOST = 1  # kDLCPU


def _refuse(way: str, error: type[Exception] = BufferError):
    raise error(
        f"a lineshaft tensor cannot be handed to another library by {way}: its memory is the device's and has no address that "
        "others can read. Hand over a copy in host memory: tensor.cpu()"
    )


def _is_ours(tensor) -> bool:
    return isinstance(tensor, torch.Tensor) and tensor.device.type == "lineshaft"


def _dlpack(stock):
    @functools.wraps(stock)
    def __dlpack__(self, *, stream=-1, max_version=None, dl_device=None, copy=None):
        if _is_ours(self):
            # Who asks for host memory, and not for this very memory, gets it.
            if dl_device is None or int(dl_device[0]) != _HOST or copy is False:
                _refuse("DLPack")
            return stock(self.cpu(), max_version=max_version)
        return stock(self, stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)

    return __dlpack__


def _dlpack_device(stock):
    @functools.wraps(stock)
    def __dlpack_device__(self):
        if _is_ours(self):
            _refuse("DLPack")
        return stock(self)

    return __dlpack_device__


def _to_dlpack(stock):
    @functools.wraps(stock)
    def to_dlpack(tensor, *args, **kwargs):
        if _is_ours(tensor):
            _refuse("DLPack")
        return stock(tensor, *args, **kwargs)

    return to_dlpack


def _cuda_array_interface(stock: property) -> property:
    @functools.wraps(stock.fget)
    def __cuda_array_interface__(self):
        if _is_ours(self):
            _refuse("__cuda_array_interface__", AttributeError)  # so that hasattr() says no
        return stock.fget(self)

    return property(__cuda_array_interface__)


def register():
    import torch.utils.dlpack

    tensor = torch.Tensor
    tensor.__dlpack__ = _dlpack(tensor.__dlpack__)
    tensor.__dlpack_device__ = _dlpack_device(tensor.__dlpack_device__)
    tensor.__cuda_array_interface__ = _cuda_array_interface(tensor.__cuda_array_interface__)
    for name in ("_to_dlpack", "_to_dlpack_versioned"):
        setattr(torch._C, name, _to_dlpack(getattr(torch._C, name)))
    torch.utils.dlpack.to_dlpack = torch.to_dlpack = torch._C._to_dlpack
