"""What surrounds the operators: checkpoints, printing, loading, mixed precision, compilation, errors."""

import copy
import io
import os
import pickle
import subprocess
import sys

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F
from torch import nn

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def test_checkpoint_round_trip():
    x = torch.arange(6.0).to(D)
    saved = io.BytesIO()
    torch.save({"whole": x, "part": x[2:]}, saved)
    for options in ({}, {"map_location": "cpu"}, {"weights_only": False}):
        saved.seek(0)
        loaded = torch.load(saved, **options)
        assert loaded["part"].cpu().tolist() == [2, 3, 4, 5]
        assert loaded["whole"].device.type == options.get("map_location", D)
        assert loaded["whole"].untyped_storage().data_ptr() == loaded["part"].untyped_storage().data_ptr()
    legacy = io.BytesIO()
    torch.save(x, legacy, _use_new_zipfile_serialization=False)
    legacy.seek(0)
    assert torch.load(legacy).device.type == D
    host = io.BytesIO()
    torch.save(torch.arange(3.0), host)
    host.seek(0)
    assert torch.load(host, map_location=D).cpu().tolist() == [0, 1, 2]


def test_checkpoint_loads_in_stock_pytorch(tmp_path):
    path = tmp_path / "model.pt"
    model = nn.Linear(3, 2).to(D)
    torch.save(model.state_dict(), path)
    program = (
        f"import torch; state = torch.load({str(path)!r}, map_location='cpu'); print(state['weight'].sum().item())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=dict(os.environ, TORCH_DEVICE_BACKEND_AUTOLOAD="0"),
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) == pytest.approx(model.weight.detach().cpu().sum().item(), rel=1e-6)


def test_pickle_and_deepcopy():
    x = torch.arange(6.0).to(D)[2:]
    y = pickle.loads(pickle.dumps(x))
    assert y.device.type == D and torch.equal(x.cpu(), y.cpu())
    model = nn.Linear(3, 4).to(D)
    other = copy.deepcopy(model)
    assert other.weight.data_ptr() != model.weight.data_ptr()
    assert torch.equal(model.weight.cpu(), other.weight.cpu())


def test_import_torch_loads_the_device(tmp_path):
    metadata = tmp_path / "lineshaft_torch-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: lineshaft-torch-entry-point\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("[torch.backends]\nlineshaft = lineshaft_torch:_autoload\n")
    package = os.path.dirname(os.path.dirname(lineshaft_torch.__file__))
    run = subprocess.run(
        [sys.executable, "-c", "import torch; print((torch.ones(2, device='lineshaft') + 1).cpu().tolist())"],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=f"{tmp_path}{os.pathsep}{package}", TORCH_DEVICE_BACKEND_AUTOLOAD="1"),
        timeout=120,
    )
    assert run.stdout == "[2.0, 2.0]\n", run.stderr


def test_printing():
    assert repr(torch.tensor([0.0, 1.5, 2.0]).to(D)) == "tensor([0.0000, 1.5000, 2.0000], device='lineshaft:0')"
    assert "device='lineshaft:0'" in repr(nn.Parameter(torch.ones(2).to(D)))
    assert repr(torch.tensor([True, False]).to(D)) == "tensor([ True, False], device='lineshaft:0')"
    assert f"{torch.tensor(1.25).to(D):.2f}" == "1.25"
    assert "..." in repr(torch.zeros(2000, dtype=torch.int64).to(D))


def test_values_on_the_host():
    x = torch.tensor([1.0, 2.0]).to(D)
    assert x.tolist() == [1.0, 2.0] and x[1].item() == 2.0 and bool(x[0] > 0)
    with pytest.raises(TypeError):
        x.numpy()


def test_module_methods():
    assert nn.Linear(2, 2).lineshaft().weight.is_lineshaft
    assert torch.ones(2).lineshaft().device.type == D
    assert torch.ones(2).untyped_storage().lineshaft().device.type == D
    with torch.device(D):
        assert torch.ones(2).device.type == D
    nn.Linear(2, 2).to(D).load_state_dict(nn.Linear(2, 2).state_dict())


def test_pinned_memory():
    x = torch.randn(10)
    pinned = x.pin_memory()
    assert pinned.is_pinned() and pinned[2:].is_pinned() and not x.is_pinned()
    assert torch.empty(4, pin_memory=True).is_pinned()
    assert torch.equal(pinned.to(D, non_blocking=True).cpu(), x)


def test_data_loader():
    data = torch.utils.data.TensorDataset(torch.randn(32, 3), torch.arange(32))
    torch.ones(1).to(D)
    for workers in (0, 2):
        seen = 0
        for x, y in torch.utils.data.DataLoader(data, batch_size=8, pin_memory=True, num_workers=workers):
            assert x.is_pinned() and y.is_pinned()
            seen += int(y.to(D).cpu().sum())
        assert seen == sum(range(32))


def test_inference_mode():
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU()).to(D)
    with torch.inference_mode():
        x = torch.ones(2, 3, device=D)
        y = model(x)
        y.add_(1)
        y[0] = 0
        z = y.view(-1) * 2
    assert z.is_inference() and z[:3].cpu().tolist() == [0, 0, 0]
    model(torch.ones(2, 3, device=D)).sum().backward()


def test_autocast():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2)).to(D)
    x = torch.randn(4, 8).to(D)
    for dtype in (torch.bfloat16, torch.float16):
        with torch.autocast(D, dtype=dtype):
            y = model(x)
            assert y.dtype == dtype
            assert F.softmax(y, -1).dtype == torch.float32
            assert torch.cat([y, x[:, :2]]).dtype == torch.float32
        y.float().sum().backward()
        assert model[0].weight.grad.dtype == torch.float32
    assert torch.get_autocast_dtype(D) in (torch.float16, torch.bfloat16)


def test_gradient_scaler():
    scaler = torch.amp.GradScaler(D, init_scale=8.0, growth_interval=2)
    model = nn.Linear(4, 4).to(D)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(4):
        optimizer.zero_grad()
        loss = model(torch.ones(2, 4, device=D)).square().mean()
        if step == 3:
            loss = loss * float("inf")
        before = model.weight.detach().cpu().clone()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        assert torch.equal(before, model.weight.detach().cpu()) == (step == 3)
    assert scaler.get_scale() == 8.0  # doubled after two steps, halved by the last


def test_memory_statistics():
    accelerator = torch.accelerator
    before = accelerator.memory_allocated()
    x = torch.empty(1 << 20, device=D)
    assert accelerator.memory_allocated() - before == 4 << 20
    del x
    assert accelerator.memory_allocated() == before
    assert accelerator.max_memory_allocated() >= before + (4 << 20)
    accelerator.reset_peak_memory_stats()
    assert accelerator.max_memory_allocated() < before + (4 << 20)
    accelerator.reset_accumulated_memory_stats()
    assert accelerator.memory_stats()["allocated_bytes.all.current"] == before
    accelerator.empty_cache()
    free, total = accelerator.get_memory_info()
    assert 0 < free <= total
    assert torch.lineshaft.mem_get_info()[1] == total


def test_capability():
    supported = torch.accelerator.get_device_capability()["supported_dtypes"]
    assert torch.bfloat16 in supported and torch.int8 in supported
    assert torch.complex64 not in supported
    assert torch.lineshaft.get_amp_supported_dtype()


def test_bad_index_is_named_and_the_process_goes_on():
    table = torch.ones(4, 2).to(D)
    F.embedding(torch.tensor([1, 9]).to(D), table)
    with pytest.raises(IndexError, match=r"aten::embedding: index 9 .* 0 to 3"):
        torch.lineshaft.synchronize()
    assert F.embedding(torch.tensor([1]).to(D), table).sum().item() == 2
    torch.lineshaft.synchronize()


def test_out_of_memory_goes_on():
    program = """
import torch
kept = torch.ones(1 << 20, device="lineshaft")
try:
    torch.ones(1 << 24, device="lineshaft")
    raise SystemExit("no error")
except torch.OutOfMemoryError as error:
    assert "out of memory" in str(error) and "16777216" in str(error), error
assert (kept + 1).sum().item() == 2 << 20
"""
    run = subprocess.run(
        [sys.executable, "-c", "import lineshaft_torch\n" + program],
        capture_output=True,
        text=True,
        env=dict(os.environ, LINESHAFT_MEMORY_LIMIT="16M"),
        timeout=120,
    )
    assert run.returncode == 0, run.stderr


def test_fake_tensors():
    with torch._subclasses.FakeTensorMode():
        x = torch.empty(3, 3, device=D)
        y = (x @ x).relu()
        assert y.device.type == D and y.shape == (3, 3)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compile(backend):
    torch._dynamo.reset()
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)).to(D)
    x = torch.randn(2, 4).to(D)
    y = torch.compile(model, backend=backend)(x)
    y.sum().backward()
    assert torch.allclose(y.detach().cpu(), model(x).detach().cpu(), atol=1e-6)


def test_checkpointing_and_forked_generators():
    from torch.utils.checkpoint import checkpoint

    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5)).to(D)
    x = torch.randn(2, 4).to(D).requires_grad_()
    for reentrant in (False, True):
        checkpoint(model, x, use_reentrant=reentrant).sum().backward()
    state = torch.lineshaft.get_rng_state()
    with torch.random.fork_rng(devices=[0], device_type=D):
        torch.randn(3, device=D)
    assert torch.equal(state, torch.lineshaft.get_rng_state())


def test_several_devices():
    if torch.lineshaft.device_count() < 2:
        pytest.skip("one device")
    x = torch.arange(6.0).view(2, 3).to("lineshaft:0")
    y = x.t().to("lineshaft:1")
    assert y.device.index == 1 and torch.equal(y.cpu(), x.cpu().t())
    with torch.lineshaft.device(1):
        assert torch.empty(1, device=D).device.index == 1
    assert torch.lineshaft.current_device() == 0
    with pytest.raises(RuntimeError, match="same device"):
        x.t() + y


def test_profiler():
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.PrivateUse1], profile_memory=True) as profiled:
        x = torch.ones(64, 64, device=D)
        y = x @ x
        torch.lineshaft.synchronize()
    assert y.shape == (64, 64)
    names = {event.key for event in profiled.key_averages()}
    assert "aten::mm" in names
    assert max(event.self_device_memory_usage for event in profiled.key_averages()) >= 4 * 64 * 64


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bias", [True, False])
def test_recurrent_cells(kind, bias):
    torch.manual_seed(0)
    model = kind(4, 6, num_layers=2, batch_first=True, bias=bias, bidirectional=True)
    device_model = copy.deepcopy(model).to(D)
    x = torch.randn(3, 5, 4)
    inputs = [x.clone().requires_grad_(), x.to(D).requires_grad_()]
    outputs = []
    for each, data in zip((model, device_model), inputs, strict=True):
        result, _ = each(data)
        (result * result).sum().backward()
        outputs.append(result.detach().cpu())
    assert torch.allclose(*outputs, atol=1e-5)
    assert torch.allclose(inputs[0].grad, inputs[1].grad.cpu(), atol=1e-4)
    for expected, found in zip(model.parameters(), device_model.parameters(), strict=True):
        assert torch.allclose(expected.grad, found.grad.cpu(), atol=1e-4)


def test_an_empty_index_may_have_more_axes_than_what_it_indexes():
    x, index = torch.randn(5), torch.zeros(2, 0, dtype=torch.long)
    for _ in range(20):
        assert torch.gather(x.to("lineshaft"), 0, index.to("lineshaft")).shape == (2, 0)
