"""The device as PyTorch sees it: memory, copies, views, streams, generators, and what happens when something is wrong."""

import copy

import lineshaft_torch
import pytest
import torch

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def test_device_is_the_accelerator():
    assert torch.accelerator.current_accelerator() == torch.device(D)
    assert torch.accelerator.is_available()
    assert torch.accelerator.device_count() == torch.lineshaft.device_count() >= 1
    assert torch.lineshaft.get_device_name()
    for number in (63, 127):
        with pytest.raises(RuntimeError, match="is not there"):
            torch.empty(1, device=f"{D}:{number}")
        with pytest.raises(RuntimeError, match="is not there"):
            torch.lineshaft.synchronize(number)
        with pytest.raises(RuntimeError, match="is not there"):
            torch.lineshaft.current_stream(number).synchronize()


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    ],
)
def test_round_trip(dtype):
    x = torch.arange(-3, 9).view(3, 4).to(dtype)
    assert torch.equal(x.to(D).cpu(), x)
    assert torch.equal(x.to(D).t().cpu(), x.t())
    assert torch.equal(x.to(D)[:, 1::2].cpu(), x[:, 1::2])


@pytest.mark.parametrize("dtype", [torch.complex64, torch.uint16, torch.float8_e4m3fn])
def test_unsupported_dtype_is_named(dtype):
    with pytest.raises(TypeError, match="it has float64"):
        torch.empty(2, dtype=dtype, device=D)


def test_copies_convert_and_keep_layout():
    x = torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last)
    d = x.to(D)
    assert d.is_contiguous(memory_format=torch.channels_last)
    assert (d * 2).is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(d.to(torch.float16).cpu(), x.to(torch.float16))
    assert torch.equal(d.to("cpu", torch.float64), x.to(torch.float64))
    target = torch.zeros(5, 4).t()
    target.copy_(x[0, 0].to(D))
    assert torch.equal(target, x[0, 0])
    e = torch.empty(6, device=D)
    e[::2] = torch.tensor([1.0, 2.0, 3.0])
    e[1::2] = torch.tensor([4, 5, 6])
    assert e.cpu().tolist() == [1, 4, 2, 5, 3, 6]
    assert (torch.arange(5, device="cpu").to(D).expand(3, 5).cpu() == torch.arange(5)).all()


def test_negative_views_are_copied_once():
    x = torch.randn(4)
    negative = torch._neg_view(x.to(D))
    assert torch.equal(negative.cpu(), -x)
    assert torch.equal(negative.clone().cpu(), -x)
    target = torch._neg_view(torch.zeros(4, device=D))
    target.copy_(x)
    assert torch.equal(target.cpu(), x)


def test_resize_set_and_storage():
    x = torch.ones(4, device=D)
    x.resize_(1000)
    assert x[:4].cpu().sum() == 4
    x.untyped_storage().resize_(1 << 16)
    y = x.clone()
    y.set_(x.untyped_storage(), 0, (2, 2), (2, 1))
    assert y.cpu().sum() == 4
    assert y.is_set_to(y.view(2, 2))
    x.untyped_storage().resize_(0)
    assert x.untyped_storage().size() == 0
    assert torch.empty(0, 3, device=D).cpu().shape == (0, 3)


def test_pointers_are_distinct_and_step():
    x, y = torch.empty(8, device=D), torch.empty(8, device=D)
    assert x.data_ptr() != y.data_ptr()
    assert x[2:].data_ptr() == x.data_ptr() + 8
    assert torch.empty(0, device=D).data_ptr() == 0


def test_many_axes():
    shape = (2,) * 11
    x = torch.randn(shape)
    permuted = x.permute(*reversed(range(11)))
    d = x.to(D)
    assert torch.equal((d.permute(*reversed(range(11))) + d).cpu(), permuted + x)


def test_overlapping_operands():
    x = torch.arange(8.0).to(D)
    with pytest.raises(RuntimeError, match="single memory location"):
        x[1:].add_(x[:-1])
    x[::2].add_(x[1::2])
    assert x.cpu().tolist() == [1, 1, 5, 3, 9, 5, 13, 7]
    with pytest.raises(RuntimeError, match="single memory location"):
        torch.ones(1, device=D).expand(4).add_(1)


def test_shape_and_device_errors():
    with pytest.raises(RuntimeError, match="must match the size"):
        torch.ones(3, device=D) + torch.ones(4, device=D)
    with pytest.raises(RuntimeError, match="same device"):
        torch.ones(3, device=D) + torch.ones(3)
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        torch.ones(2, 3, device=D) @ torch.ones(2, 3, device=D)
    with pytest.raises(RuntimeError, match="can't be cast"):
        torch.ones(3, dtype=torch.int32, device=D).add_(1.5)


def test_streams_and_events():
    stream = torch.Stream(device=D)
    start, end = (torch.Event(device=D, enable_timing=True) for _ in range(2))
    with stream:
        assert torch.accelerator.current_stream() == stream
        start.record()
        torch.ones(100, device=D) + 1
        end.record()
    end.synchronize()
    assert start.query() and end.query() and start.elapsed_time(end) >= 0
    end.wait(stream)
    stream.synchronize()
    assert stream.query() and stream.native_handle
    with torch.lineshaft.stream(stream):
        assert torch.lineshaft.current_stream() == stream
    torch.ones(2, device=D).record_stream(stream)
    torch.lineshaft.synchronize()


def test_generator_state():
    generator = torch.Generator(device=D).manual_seed(7)
    assert generator.initial_seed() == 7
    state = generator.get_state()
    generator.manual_seed(8)
    generator.set_state(state)
    assert generator.initial_seed() == 7
    with pytest.raises(RuntimeError):
        generator.set_state(torch.zeros(3, dtype=torch.uint8))
    torch.manual_seed(5)
    assert torch.lineshaft.initial_seed() == 5
    saved = torch.lineshaft.get_rng_state()
    torch.lineshaft.manual_seed_all(6)
    torch.lineshaft.set_rng_state(saved)
    assert torch.lineshaft.initial_seed() == 5
    copied = copy.deepcopy(generator) if hasattr(generator, "__deepcopy__") else generator.clone_state()
    assert copied.initial_seed() == 7


def test_fallback_raises_and_counts():
    x = torch.randn(2, 2).to(D)
    lineshaft_torch.reset_fallback_counts()
    with pytest.raises(NotImplementedError, match="aten::.*LINESHAFT_FALLBACK=error"):
        torch.linalg.matrix_exp(x)
    lineshaft_torch.set_fallback("warn")
    assert torch.allclose(torch.linalg.matrix_exp(x).cpu(), torch.linalg.matrix_exp(x.cpu()))
    assert sum(lineshaft_torch.fallback_counts().values()) >= 2
    with pytest.raises(ValueError):
        lineshaft_torch.set_fallback("silent")
