"""The fast path of transformer layers in evaluation, where a program turns it on."""

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


def close(actual, expected):
    torch.testing.assert_close(actual.cpu(), expected, rtol=1e-4, atol=1e-5)


def masks():
    """Of positions, and of padding, with their numbers; and none."""
    padding = torch.zeros(2, 7, dtype=torch.bool)
    padding[1, 5:] = True
    causal = torch.ones(7, 7).triu(1).bool()
    return [(None, None), (causal, 0), (padding, 1), (padding.view(2, 1, 1, 7).expand(2, 3, 7, 7) | causal, 2)]


def on(device, mask):
    return None if mask is None else mask.to(device)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("gelu", [False, True])
def test_encoder_layer(norm_first, gelu):
    layer = nn.TransformerEncoderLayer(12, 3, 20, batch_first=True).eval()
    x = torch.randn(2, 7, 12)

    def run(device, mask, kind):
        layer.to(device)
        a = layer.self_attn
        with torch.no_grad():
            return torch._transformer_encoder_layer_fwd(
                x.to(device), 12, 3, a.in_proj_weight, a.in_proj_bias, a.out_proj.weight, a.out_proj.bias, gelu, norm_first, 1e-5,
                layer.norm1.weight, layer.norm1.bias, layer.norm2.weight, layer.norm2.bias, layer.linear1.weight, layer.linear1.bias,
                layer.linear2.weight, layer.linear2.bias, on(device, mask), kind)  # fmt: skip

    for mask, kind in masks():
        close(run(D, mask, kind), run("cpu", mask, kind))


@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize("weights", [False, True])
def test_multi_head_attention(weights, average):
    attention = nn.MultiheadAttention(12, 3, batch_first=True).eval()
    x = torch.randn(2, 7, 12)

    def run(device, mask, kind):
        a, y = attention.to(device), x.to(device)
        with torch.no_grad():
            return torch._native_multi_head_attention(
                y, y, y, 12, 3, a.in_proj_weight, a.in_proj_bias, a.out_proj.weight, a.out_proj.bias, on(device, mask), weights, average, kind)  # fmt: skip

    for mask, kind in masks():
        actual, expected = run(D, mask, kind), run("cpu", mask, kind)
        close(actual[0], expected[0])
        assert (actual[1] is None) == (expected[1] is None)
        if weights:
            close(actual[1], expected[1])


def test_attention_of_other_keys_and_values():
    weight, bias = torch.randn(36, 12), torch.randn(36)
    out, shift = torch.randn(12, 12), torch.randn(12)
    query, key, value = torch.randn(2, 4, 12), torch.randn(2, 4, 12), torch.randn(2, 4, 12)
    results = []
    for device in ("cpu", D):
        q, k, v, w, b, o, s = (t.to(device) for t in (query, key, value, weight, bias, out, shift))
        results.append(torch._native_multi_head_attention(q, k, v, 12, 3, w, b, o, s, need_weights=True))
    for actual, expected in zip(results[1], results[0]):
        close(actual, expected)


def test_what_is_refused():
    w, b, o = torch.randn(36, 12, device=D), torch.randn(36, device=D), torch.randn(12, 12, device=D)
    x = torch.randn(2, 4, 12, device=D)
    hidden = torch.zeros(4, 4, dtype=torch.bool, device=D)
    for text, options in (("mask_type should be defined", {"mask": hidden}), ("Mask Type should be", {"mask": hidden, "mask_type": 7}),
                          ("Mask shape should match", {"mask": hidden[:2], "mask_type": 0}),
                          ("boolean", {"mask": hidden.float(), "mask_type": 0})):  # fmt: skip
        with pytest.raises(RuntimeError, match=text):
            torch._native_multi_head_attention(x, x, x, 12, 3, w, b, o, b[:12], **options)
    with pytest.raises(RuntimeError, match="divide"):
        torch._native_multi_head_attention(x, x, x, 12, 5, w, b, o, b[:12])
