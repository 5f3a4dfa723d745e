"""What torch.compile's tracer asks of a device: its streams, events and properties."""

import torch

from . import _C
from . import device as lineshaft
from .after_import import after_import


def _register(dynamo):
    """`dynamo` is the module torch._dynamo.device_interface."""

    class LineshaftInterface(dynamo.DeviceInterface):
        device = lineshaft.device
        Event = torch.Event
        Stream = torch.Stream

        class Worker:
            set_device = staticmethod(lineshaft.set_device)
            current_device = staticmethod(lineshaft.current_device)
            get_device_properties = staticmethod(lineshaft.get_device_properties)

        current_device = staticmethod(lineshaft.current_device)
        set_device = staticmethod(lineshaft.set_device)
        exchange_device = staticmethod(_C.exchange_device)
        maybe_exchange_device = staticmethod(_C.exchange_device)
        device_count = staticmethod(lineshaft.device_count)
        is_available = staticmethod(lineshaft.is_available)
        stream = staticmethod(lineshaft.stream)
        current_stream = staticmethod(lineshaft.current_stream)
        set_stream = staticmethod(lineshaft.set_stream)
        synchronize = staticmethod(lineshaft.synchronize)
        is_bf16_supported = staticmethod(lineshaft.is_bf16_supported)
        memory_allocated = staticmethod(lineshaft.memory_allocated)

        @staticmethod
        def _set_stream_by_id(stream_id: int, device_index: int, device_type: int):
            lineshaft.set_stream(torch.Stream(stream_id=stream_id, device_index=device_index, device_type=device_type))

        @staticmethod
        def get_raw_stream(device_index: int) -> int:
            return lineshaft.current_stream(device_index).native_handle

        @staticmethod
        def get_compute_capability(of=None) -> str:
            return lineshaft.get_device_properties(of).backend

        @staticmethod
        def is_dtype_supported(dtype: torch.dtype, including_emulation: bool = False) -> bool:
            return dtype in torch.accelerator.get_device_capability()["supported_dtypes"]

    dynamo.register_interface_for_device("lineshaft", LineshaftInterface)


def register():
    after_import("torch._dynamo.device_interface", _register)
