"""Libraries, and parts of PyTorch, that keep a list of the devices that they know."""

import subprocess
import sys

import lineshaft_torch
import pytest
import torch

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def test_safetensors_loads_onto_the_device(tmp_path):
    pytest.importorskip("safetensors")
    import safetensors
    import safetensors.torch

    path = tmp_path / "weights.safetensors"
    tensors = {"a": torch.arange(6.0).view(2, 3).to(D), "b": torch.ones(4, dtype=torch.bfloat16, device=D)}
    safetensors.torch.save_file(tensors, path)
    for device in (D, f"{D}:0", torch.device(D), torch.device(D, 0), 0):
        loaded = safetensors.torch.load_file(path, device=device)
        assert {name: value.device for name, value in loaded.items()} == {n: torch.device(D, 0) for n in tensors}
        assert all(torch.equal(value.cpu(), tensors[name].cpu()) for name, value in loaded.items())
    assert safetensors.torch.load_file(path)["a"].device.type == "cpu"
    for options in ({"device": D}, {"framework": "pt", "device": f"{D}:0"}):
        with safetensors.safe_open(path, **{"framework": "pt", **options}) as opened:
            assert opened.get_tensor("a").device.type == D
            assert opened.get_slice("a")[:, 1:].tolist() == [[1, 2], [4, 5]]
    model = torch.nn.Linear(3, 2).to(D)
    safetensors.torch.save_model(model, path)
    before = model.weight.detach().clone()
    torch.nn.init.zeros_(model.weight)
    safetensors.torch.load_model(model, path, device=D)
    assert torch.equal(model.weight.detach().cpu(), before.cpu())
    with pytest.raises(RuntimeError, match="lineshaft:63 is not there"):
        safetensors.torch.load_file(path, device=f"{D}:63")
    with pytest.raises(safetensors.SafetensorError, match="abacus"):
        safetensors.torch.load_file(path, device="abacus")


def test_safetensors_imported_first(tmp_path):
    pytest.importorskip("safetensors")
    program = f"""
import safetensors.torch
import torch, lineshaft_torch
safetensors.torch.save_file({{"a": torch.ones(2)}}, {str(tmp_path / "a")!r})
print(safetensors.torch.load_file({str(tmp_path / "a")!r}, device="lineshaft")["a"].device)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert ended.stdout == "lineshaft:0\n", ended.stderr


def causal(batch, head, row, column):
    return row >= column


def by_distance(score, batch, head, row, column):
    return score + (row - column) * 0.1


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("heads", [2, 1])
def test_flex_attention_in_its_eager_form(masked, heads):
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    sizes = [(1, 2, 16, 8), (1, heads, 16, 8), (1, heads, 16, 8)]
    host = [torch.randn(size, dtype=torch.float64) for size in sizes]

    def attend(tensors, device):
        mask = create_block_mask(causal, None, None, 16, 16, device=device, BLOCK_SIZE=16) if masked else None
        return flex_attention(*tensors, score_mod=by_distance, block_mask=mask, enable_gqa=heads == 1)

    expected = attend(host, "cpu")
    device = [x.to(D).requires_grad_() for x in host]
    found = attend(device, D)
    assert found.device.type == D and torch.allclose(found.detach().cpu(), expected)
    found.square().sum().backward()
    reference = [x.clone().requires_grad_() for x in host]
    score = reference[0] @ reference[1].expand(1, 2, 16, 8).transpose(-1, -2) / 8**0.5
    rows, columns = torch.arange(16).view(-1, 1), torch.arange(16)
    score = score + (rows - columns) * 0.1
    if masked:
        score = score.masked_fill(rows < columns, float("-inf"))
    (score.softmax(-1) @ reference[2]).square().sum().backward()
    for a, b in zip(device, reference, strict=True):
        assert torch.allclose(a.grad.cpu(), b.grad, atol=1e-8)
