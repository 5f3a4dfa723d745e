"""Sparse tensors of coordinates on the device: made, moved, copied, coalesced, printed and made dense; and what is not there says so."""

import copy

import lineshaft_torch
import pytest
import torch
from torch import nn

D = "lineshaft"


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def random_sparse(shape, sparse_dim, nnz, dtype):
    indices = torch.stack([torch.randint(size, (nnz,)) for size in shape[:sparse_dim]])
    values = torch.randint(-4, 5, (nnz, *shape[sparse_dim:])).to(dtype)
    return torch.sparse_coo_tensor(indices, values, shape)


def same(a, b):
    a, b = a.cpu(), b.cpu()
    assert a.dtype == b.dtype and a.shape == b.shape and a.is_coalesced() == b.is_coalesced()
    return torch.equal(a._indices(), b._indices()) and torch.equal(a._values(), b._values())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.bool])
@pytest.mark.parametrize(
    "shape, sparse_dim, nnz",
    [((7,), 1, 20), ((5, 6), 2, 40), ((3, 4, 5), 3, 1), ((4, 3, 2), 1, 9), ((4, 0), 1, 2), ((3, 3), 2, 0)],
)
def test_moved_coalesced_and_dense(shape, sparse_dim, nnz, dtype):
    host = random_sparse(shape, sparse_dim, nnz, dtype)
    device = host.to(D)
    assert device.device.type == D and device.layout == torch.sparse_coo and device.is_sparse
    assert (device.sparse_dim(), device.dense_dim(), device._nnz()) == (host.sparse_dim(), host.dense_dim(), nnz)
    assert same(device, host)
    assert same(device.coalesce(), host.coalesce())
    assert torch.equal(device.to_dense().cpu(), host.to_dense())
    assert torch.equal(device.coalesce().to_dense().cpu(), host.to_dense())
    assert same(device.clone(), host) and same(copy.deepcopy(device), host)
    if dtype != torch.bool:
        assert same(device.to(torch.float64), host.to(torch.float64))
    assert device.coalesce().indices().device.type == device.coalesce().values().device.type == D


def test_made_on_the_device():
    indices = torch.tensor([[0, 1, 1], [2, 0, 0]])
    made = torch.sparse_coo_tensor(indices, [3.0, 4.0, 5.0], (2, 3), device=D)
    assert made.to_dense().tolist() == [[0, 0, 3], [9, 0, 0]]
    made = torch.sparse_coo_tensor(indices.to(D), torch.ones(3, device=D))
    assert made.shape == (2, 3) and made.coalesce().values().tolist() == [1, 2]
    assert torch.sparse_coo_tensor((4, 4), device=D).to_dense().sum().item() == 0
    dense = torch.randn(5, 4, 2).relu()
    for arguments in ((), (1,), (2,), (3,)):
        assert same(dense.to(D).to_sparse(*arguments), dense.to_sparse(*arguments))
    for dense in (
        torch.tensor(3.0),
        torch.zeros(2, 3),
        torch.tensor([True, False, True]),
        torch.ones(0, 2),
        torch.ones(2, 0),
    ):
        assert same(dense.to(D).to_sparse(), dense.to_sparse())
    for wrong in (0, 3, -1):
        with pytest.raises(RuntimeError, match="sparse_dim"):
            torch.ones(2, 2, device=D).to_sparse(wrong)


@pytest.mark.parametrize("call", [torch.Tensor.to_dense, torch.Tensor.coalesce])
def test_an_index_out_of_its_bound_is_found(call):
    """PyTorch does not look at the indices unless asked; each is within the whole here, and another element's."""
    wrong = torch.sparse_coo_tensor(torch.tensor([[0, 0], [2, 1]]), [3.0, 4.0], (2, 2), device=D)
    with pytest.raises(IndexError, match="index 2 is out of range"):
        call(wrong)
        torch.lineshaft.synchronize()
    torch.lineshaft.synchronize()


def test_compressed_tensors_come_and_go():
    for host in (torch.eye(3).to_sparse_csr(), torch.eye(3).to_sparse_csc()):
        device = host.to(D)
        assert device.device.type == D and device.layout == host.layout and device._nnz() == 3
        assert torch.equal(device.cpu().to_dense(), host.to_dense()) and f"device='{D}:0'" in repr(device)


def test_a_compressed_one_is_made_by_the_cpu_and_taken_apart():
    dense = torch.eye(3, device=D)
    with pytest.raises(NotImplementedError, match="_to_sparse_csr"):
        dense.to_sparse_csr()
    lineshaft_torch.set_fallback("warn")
    made = dense.to_sparse_csr()
    lineshaft_torch.set_fallback("error")
    assert made.device.type == made.values().device.type == made.crow_indices().device.type == D
    assert torch.equal(made.cpu().to_dense(), torch.eye(3))
    with pytest.raises(NotImplementedError, match="compressed sparse tensors; move them with .cpu()"):
        made @ torch.ones(3, 1, device=D)


def test_printed():
    text = repr(torch.eye(2).to_sparse().to(D))
    assert "indices=tensor([[0, 1]," in text and "values=tensor([1., 1.])" in text
    assert f"device='{D}:0'" in text and "layout=torch.sparse_coo" in text


def test_a_module_with_a_sparse_buffer_moves():
    """Whisper's has one, of truth values, and reads its indices."""
    model = nn.Linear(2, 2)
    heads = torch.zeros(3, 4, dtype=torch.bool)
    heads[1, 2] = heads[2, 0] = True
    model.register_buffer("heads", heads.to_sparse(), persistent=False)
    model.to(D)
    assert model.heads.device.type == D
    assert model.heads.indices().T.tolist() == [[1, 2], [2, 0]]
    assert torch.equal(model.cpu().heads.to_dense(), heads)
    model.half().to(D)
    assert model.heads.dtype == torch.bool


def test_copies_between_sparse_tensors():
    host = random_sparse((4, 5), 2, 6, torch.float32)
    target = torch.sparse_coo_tensor((4, 5), device=D)
    target.copy_(host)
    assert same(target, host)
    back = torch.sparse_coo_tensor((4, 5))
    back.copy_(target)
    assert same(back, host)
    assert target.zero_()._nnz() == 0


NOT_THERE = {
    "sparse": lambda: torch.eye(3).to_sparse().to(D) * torch.eye(3).to_sparse().to(D),
    "compressed sparse": lambda: torch.eye(3).to_sparse_csr().to(D).to_dense(),
    "quantized": lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8).to(D),
    "nested": lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]).to(D),
}


@pytest.mark.parametrize("kind", NOT_THERE)
@pytest.mark.parametrize("mode", ["warn", "error"])
@pytest.mark.filterwarnings("ignore")
def test_what_is_not_there_says_so(kind, mode):
    lineshaft_torch.set_fallback(mode)
    with pytest.raises(
        NotImplementedError, match=rf"lineshaft has no kernel for aten::\w+.* of {kind} tensors; \w+"
    ) as error:
        NOT_THERE[kind]()
    assert len(str(error.value).splitlines()[0]) < 250


@pytest.mark.filterwarnings("ignore")
def test_operators_that_make_such_tensors_say_so():
    for mode in ("warn", "error"):
        lineshaft_torch.set_fallback(mode)
        with pytest.raises(NotImplementedError, match="lineshaft has no kernel for aten::"):
            torch.quantize_per_tensor(torch.ones(3, device=D), 0.1, 0, torch.quint8)
    with pytest.raises(NotImplementedError, match="lineshaft has no kernel for aten::_to_sparse_csr"):
        torch.eye(3, device=D).to_sparse_csr()
