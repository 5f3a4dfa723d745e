"""Handing tensors to other libraries: addresses of device memory are not handed out; the error says the way that works."""

import io
import os
import subprocess
import sys

import lineshaft_torch
import numpy
import pytest
import torch
from torch.utils import dlpack

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


HANDED_OUT = {
    "to_dlpack": lambda x: dlpack.to_dlpack(x),
    "torch.to_dlpack": lambda x: torch.to_dlpack(x),
    "torch._C": lambda x: torch._C._to_dlpack(x),
    "torch._C, with a version": lambda x: torch._C._to_dlpack_versioned(x),
    "__dlpack__": lambda x: x.__dlpack__(),
    "__dlpack__ of a version": lambda x: x.__dlpack__(max_version=(1, 0)),
    "__dlpack__ of this memory": lambda x: x.__dlpack__(dl_device=(1, 0), copy=False),
    "__dlpack__ for CUDA": lambda x: x.__dlpack__(dl_device=(2, 0)),
    "__dlpack_device__": lambda x: x.__dlpack_device__(),
    "torch.from_dlpack": lambda x: torch.from_dlpack(x),
    "numpy.from_dlpack": lambda x: numpy.from_dlpack(x),
    "a parameter": lambda x: numpy.from_dlpack(torch.nn.Parameter(x).detach()),
}


@pytest.mark.parametrize("name", HANDED_OUT)
def test_dlpack_is_refused(name):
    with pytest.raises(BufferError, match=r"by DLPack: its memory is the device's.*tensor\.cpu\(\)"):
        HANDED_OUT[name](torch.ones(3, device=D))


def test_the_cuda_array_interface_is_refused():
    x = torch.ones(3, device=D)
    assert not hasattr(x, "__cuda_array_interface__")
    with pytest.raises(AttributeError, match=r"__cuda_array_interface__: its memory is the device's.*tensor\.cpu\(\)"):
        x.__cuda_array_interface__  # noqa: B018
    with pytest.raises(AttributeError, match="non-CUDA tensor"):
        torch.ones(3).__cuda_array_interface__  # noqa: B018


@pytest.mark.parametrize("way", [numpy.asarray, numpy.array, lambda x: x.numpy(), lambda x: x.__array__()])
def test_numpy_says_the_way(way):
    with pytest.raises(TypeError, match=r"Use Tensor\.cpu\(\)"):
        way(torch.ones(3, device=D))
    with pytest.raises(TypeError):
        memoryview(torch.ones(3, device=D))
    assert torch.ones(3, device=D).numpy(force=True).tolist() == [1, 1, 1]


def test_a_copy_in_host_memory_is_handed_out():
    x = torch.arange(6.0).view(2, 3).to(D)
    assert numpy.from_dlpack(x.cpu()).tolist() == x.tolist()
    assert torch.from_dlpack(x.__dlpack__(dl_device=(1, 0))).tolist() == x.tolist()
    assert (
        torch.from_dlpack(x.t().__dlpack__(dl_device=(1, 0), max_version=(1, 0), copy=True)).tolist() == x.t().tolist()
    )
    host = torch.arange(3)
    assert torch.from_dlpack(host).data_ptr() == host.data_ptr() == torch.from_dlpack(dlpack.to_dlpack(host)).data_ptr()
    assert host.__dlpack_device__() == (dlpack.DLDeviceType.kDLCPU, 0)
    assert torch.from_dlpack(numpy.ones(3), device=D).tolist() == [1, 1, 1]


def test_storages_are_read_through_the_device():
    storage = torch.arange(3, dtype=torch.uint8).to(D).untyped_storage()
    assert storage.tolist() == [0, 1, 2] and bytes(storage) == b"\0\1\2" and storage[1] == 1
    storage[1] = 7
    assert storage.cpu().tolist() == [0, 7, 2] and storage.clone().tolist() == [0, 7, 2]
    storage.fill_(3)
    assert storage.tolist() == [3, 3, 3]
    with pytest.raises(RuntimeError, match="only available on CPU"):
        storage._share_filename_cpu_()


def test_an_address_that_is_not_the_devices_is_refused():
    ours = torch.ones(2, device=D)
    with pytest.raises(RuntimeError, match="_C|from_blob|is not memory of a lineshaft device|device"):
        torch._C._construct_storage_from_data_pointer(torch.ones(2).data_ptr(), torch.device(D), 8).tolist()
    assert ours.tolist() == [1, 1]


def test_a_checkpoint_without_lineshaft_says_what_to_do():
    """As docs/guides/checkpoints.md tells it."""
    saved = io.BytesIO()
    torch.save(torch.ones(2, device=D), saved)
    program = "import io, sys, torch\ndata = io.BytesIO(sys.stdin.buffer.read())\n"
    for options, found in (("", "don't know how to restore data location"), ("map_location='cpu'", "tensor([1., 1.])")):
        ended = subprocess.run(
            [sys.executable, "-c", f"{program}print(torch.load(data, {options}))"],
            input=saved.getvalue(),
            capture_output=True,
            env=dict(os.environ, TORCH_DEVICE_BACKEND_AUTOLOAD="0"),
            timeout=120,
        )
        assert found in (ended.stdout + ended.stderr).decode()
