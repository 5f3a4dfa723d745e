"""What networks are made of, beyond OpInfo's samples: memory formats, running statistics, draws, attention, bad input, both directions."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

DEVICE = "lineshaft"
CLOSE = {"atol": 1e-4, "rtol": 1e-4}


def compare(function, *inputs):
    """The function's result and gradients on the device against the CPU's."""
    host = [t.detach().clone().requires_grad_(t.is_floating_point()) for t in inputs]
    device = [t.detach().to(DEVICE).requires_grad_(t.is_floating_point()) for t in inputs]
    want, have = function(*host), function(*device)
    torch.testing.assert_close(have.cpu(), want, **CLOSE)
    seed = torch.randn_like(want)
    want.backward(seed)
    have.backward(seed.to(DEVICE))
    for w, h in zip(host, device):
        if w.grad is not None:
            torch.testing.assert_close(h.grad.cpu(), w.grad, **CLOSE)
    return have


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions_with_bias(dims, groups):
    convolve = (F.conv1d, F.conv2d, F.conv3d)[dims - 1]
    sizes = (6, 7, 5)[:dims]
    inputs = torch.randn(2, 4, *sizes), torch.randn(6, 4 // groups, *(3,) * dims), torch.randn(6)
    compare(lambda x, w, b: convolve(x, w, b, stride=2, padding=1, groups=groups), *inputs)


@pytest.mark.parametrize("output_padding", [0, 1])
def test_transposed_convolutions(output_padding):
    inputs = torch.randn(2, 4, 5, 5), torch.randn(4, 3, 3, 3), torch.randn(3)
    compare(lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 1, output_padding), *inputs)


def test_an_output_padding_past_the_stride():
    inputs = torch.randn(2, 2, 4, 4), torch.randn(2, 2, 4, 5)
    compare(lambda x, w: F.conv_transpose2d(x, w, None, (3, 2), (1, 2), (2, 3), 2, (4, 4)), *inputs)


def test_channels_last_propagates():
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3))
    x = torch.randn(2, 3, 16, 16)
    want = model(x)
    model = model.to(DEVICE, memory_format=torch.channels_last)
    have = model(x.to(DEVICE, memory_format=torch.channels_last))
    assert have.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(have.cpu(), want, **CLOSE)


def test_running_statistics_follow_the_batches():
    host = nn.BatchNorm2d(5)
    device = nn.BatchNorm2d(5).to(DEVICE)
    for _ in range(3):
        x = 2 + 3 * torch.randn(4, 5, 6, 6)
        host(x)
        device(x.to(DEVICE))
    for name, want in host.state_dict().items():
        torch.testing.assert_close(device.state_dict()[name].cpu(), want, **CLOSE)
    x = torch.randn(4, 5, 6, 6)
    torch.testing.assert_close(device.eval()(x.to(DEVICE)).cpu(), host.eval()(x), **CLOSE)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention(causal, masked):
    if causal and masked:
        pytest.skip("PyTorch takes one of the two")
    mask = torch.rand(2, 1, 9, 9) > 0.3 if masked else None
    inputs = [torch.randn(2, 3, 9, 8) for _ in range(3)]

    def attend(q, k, v):
        m = mask.to(q.device) if masked else None
        return F.scaled_dot_product_attention(q, k, v, attn_mask=m, is_causal=causal)

    compare(attend, *inputs)


def test_attention_with_dropout_has_a_consistent_gradient():
    q, k, v = (torch.randn(1, 2, 6, 4, device=DEVICE, dtype=torch.float64, requires_grad=True) for _ in range(3))

    def attend(value):
        torch.manual_seed(5)
        return F.scaled_dot_product_attention(q, k, value, dropout_p=0.4)

    attend(v).sum().backward()
    step = torch.zeros_like(v)
    step[0, 1, 3, 2] = 1e-4
    slope = (attend(v + step).sum() - attend(v - step).sum()) / 2e-4
    assert v.grad[0, 1, 3, 2].item() == pytest.approx(slope.item(), rel=1e-6)


def test_dropout_is_seeded_and_keeps_its_mask():
    x = torch.ones(200, 500, device=DEVICE, requires_grad=True)
    torch.manual_seed(11)
    a = F.dropout(x, 0.3)
    torch.manual_seed(11)
    b = F.dropout(x, 0.3)
    assert torch.equal(a, b)
    assert not torch.equal(a, F.dropout(x, 0.3))
    a.sum().backward()
    assert torch.equal(x.grad, a.detach())
    assert (a == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 2])
def test_embedding_bags(mode, padding):
    indices, offsets = torch.tensor([1, 2, 4, 2, 0, 3, 3]), torch.tensor([0, 2, 2, 5])

    def bag(weight):
        device = weight.device
        return F.embedding_bag(indices.to(device), weight, offsets.to(device), mode=mode, padding_idx=padding)

    compare(bag, torch.randn(5, 6))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_ignores(reduction, weighted):
    target = torch.tensor([[1, 0], [4, -100], [2, 2]])
    weight = torch.rand(5) if weighted else None

    def loss(x):
        w = None if weight is None else weight.to(x.device)
        return F.cross_entropy(x, target.to(x.device), w, reduction=reduction)

    compare(loss, torch.randn(3, 5, 2))


@pytest.mark.parametrize("blank", [0, 4])
def test_ctc(blank):
    targets = torch.tensor([[1, 2, 2], [3, 1, 0]]) if blank == 4 else torch.tensor([[1, 2, 2], [3, 1, 1]])

    def loss(x):
        return F.ctc_loss(x.log_softmax(2), targets.to(x.device), (7, 5), (3, 2), blank, reduction="none")

    compare(loss, torch.randn(7, 2, 5))


def test_fractional_pooling_at_given_places():
    samples = torch.rand(2, 3, 2)
    compare(
        lambda x: F.fractional_max_pool2d(x, 3, output_size=(4, 3), _random_samples=samples.to(x.device)),
        torch.randn(2, 3, 9, 8),
    )


BAD = {
    "embedding": lambda: F.embedding(torch.tensor([0, 9], device=DEVICE), torch.randn(4, 3, device=DEVICE)),
    "nll_loss": lambda: F.nll_loss(torch.randn(3, 4, device=DEVICE), torch.tensor([0, 9, 1], device=DEVICE)),
    "gather": lambda: torch.randn(4, 3, device=DEVICE).gather(0, torch.tensor([[9]], device=DEVICE)),
    "index_select": lambda: torch.randn(4, 3, device=DEVICE).index_select(0, torch.tensor([9], device=DEVICE)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_index_names_operator_index_and_bound(name):
    with pytest.raises(IndexError, match=rf"{name}.*\b9\b.*\b3\b"):
        BAD[name]()
        torch.accelerator.synchronize()
    assert torch.ones(3, device=DEVICE).sum().item() == 3


@pytest.mark.parametrize(
    "call",
    [
        lambda d: F.max_pool2d(torch.zeros(1, 1, 2, 2, device=d), 5),
        lambda d: F.nll_loss(torch.zeros(3, 4, device=d), torch.zeros(2, dtype=torch.long, device=d)),
        lambda d: F.softmax(torch.zeros(3, device=d), 4),
        lambda d: F.gelu(torch.zeros(3, dtype=torch.long, device=d)),
        lambda d: F.layer_norm(torch.zeros(2, 3, device=d), (4,)),
    ],
)
def test_bad_input_raises_the_same_kind_of_error(call):
    with pytest.raises(Exception) as host:
        call("cpu")
    with pytest.raises(type(host.value)):
        call(DEVICE)


def test_no_decomposition_is_listed_beside_a_kernel():
    from lineshaft_torch import decompositions

    assert decompositions.registered == list(decompositions.NAMES)
