"""Gradients that do not come in (a later function gave None), and those that are not wanted, of every backward function."""

import itertools

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F
from torch import nn

D = "lineshaft"
A = torch.ops.aten


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    yield


def t(*sizes):
    return torch.randn(*sizes, device=D, requires_grad=True)


def whole(*sizes, high=4):
    return torch.randint(0, high, sizes, device=D)


def pooled(function, *sizes):
    return lambda: function(t(*sizes))


def resized(mode, *sizes, **options):
    return lambda: F.interpolate(t(*sizes), scale_factor=1.7, mode=mode, **options)


def normalized(layer, *sizes):
    return lambda: layer.to(D)(t(*sizes))


# Programs whose backward passes call every backward function that the device has.
PROGRAMS = [
    lambda: torch.cdist(t(4, 3), t(5, 3)),
    lambda: F.pdist(t(5, 3)),
    lambda: F.ctc_loss(t(6, 2, 4).log_softmax(2), whole(2, 3).clamp(1, 3), (6, 5), (3, 2)),
    lambda: F.embedding_bag(whole(2, 3), t(4, 5), mode="sum", per_sample_weights=t(2, 3)),
    lambda: F.embedding_bag(whole(2, 3), t(4, 5), mode="max"),
    lambda: F.embedding(whole(2, 3), t(4, 5)),
    lambda: F.rms_norm(t(4, 5), (5,), t(5), 1e-5),
    lambda: F.log_softmax(t(3, 4), 1),
    lambda: F.softmax(t(3, 4), 1),
    lambda: F.prelu(t(2, 3), t(3)),
    lambda: F.scaled_dot_product_attention(t(2, 2, 4, 8), t(2, 2, 6, 8), t(2, 2, 6, 8)),
    lambda: F.scaled_dot_product_attention(t(2, 2, 4, 8), t(2, 2, 4, 8), t(2, 2, 4, 8), is_causal=True),
    lambda: torch.gru_cell(t(2, 3), t(2, 4), t(12, 3), t(12, 4), t(12), t(12)),
    lambda: torch.cat(torch.lstm_cell(t(2, 3), (t(2, 4), t(2, 4)), t(16, 3), t(16, 4), t(16), t(16))),
    resized("bicubic", 1, 2, 4, 4),
    lambda: F.interpolate(t(1, 2, 6, 6), (3, 4), mode="bicubic", antialias=True),
    lambda: F.interpolate(t(1, 2, 6, 6), (3, 4), mode="bilinear", antialias=True),
    resized("bilinear", 1, 2, 4, 4),
    resized("linear", 1, 2, 4),
    resized("trilinear", 1, 2, 3, 3, 3),
    *[resized(mode, 1, 2, *[4] * n) for mode in ("nearest", "nearest-exact") for n in (1, 2, 3)],
    lambda: torch._weight_norm(t(3, 4), t(3, 1), 0),
    *[pooled(f, 1, 2, *[6] * n) for n, f in ((2, lambda x: F.adaptive_max_pool2d(x, 4)), (3, lambda x: F.adaptive_max_pool3d(x, 4)),
      (2, lambda x: F.adaptive_avg_pool2d(x, 4)), (3, lambda x: F.adaptive_avg_pool3d(x, 4)), (2, lambda x: F.avg_pool2d(x, 2)),
      (3, lambda x: F.avg_pool3d(x, 2)), (2, lambda x: F.max_pool2d(x, 2)), (3, lambda x: F.max_pool3d(x, 2)),
      (2, lambda x: F.fractional_max_pool2d(x, 2, output_size=3)), (3, lambda x: F.fractional_max_pool3d(x, 2, output_size=3)))],
    normalized(nn.BatchNorm2d(3), 2, 3, 4, 4),
    lambda: torch.native_batch_norm(t(4, 3), t(3), t(3), torch.zeros(3, device=D), torch.ones(3, device=D), False, 0.1, 1e-5)[0],
    lambda: A._batch_norm_with_update(t(4, 3), t(3), t(3), torch.zeros(3, device=D), torch.ones(3, device=D), 0.1, 1e-5)[0],
    normalized(nn.LayerNorm(4), 3, 4),
    normalized(nn.GroupNorm(2, 4), 2, 4, 3),
    lambda: F.binary_cross_entropy(t(3).sigmoid(), torch.rand(3, device=D)),
    lambda: F.conv2d(t(2, 3, 5, 5), t(4, 3, 3, 3), t(4)),
    lambda: F.conv_transpose2d(t(2, 3, 5, 5), t(3, 4, 3, 3), t(4)),
    lambda: F.grid_sample(t(1, 2, 4, 4), t(1, 3, 3, 2), align_corners=False),
    lambda: F.grid_sample(t(1, 2, 4, 4, 4), t(1, 3, 3, 3, 3), align_corners=False),
    *[pooled(f, 3, 4) for f in (F.elu, F.gelu, F.glu, F.hardshrink, F.hardsigmoid, F.hardswish, F.hardtanh, F.leaky_relu, F.logsigmoid,
      F.mish, torch.sigmoid, F.silu, F.softplus, F.softshrink, torch.tanh, lambda x: F.threshold(x, 0.1, 0.2), F.relu,
      lambda x: torch.logit(x.sigmoid(), 0.1), lambda x: F.rrelu(x, training=True), lambda x: F.dropout(x, 0.5))],
    *[lambda f=f: f(t(3, 4), torch.randn(3, 4, device=D)) for f in (F.mse_loss, F.smooth_l1_loss, F.huber_loss)],
    lambda: F.multi_margin_loss(t(3, 4), whole(3)),
    lambda: F.multilabel_margin_loss(t(3, 4), whole(3, 4)),
    lambda: F.nll_loss(t(3, 4), whole(3)),
    lambda: F.nll_loss(t(1, 4, 3, 3), whole(1, 3, 3)),
    lambda: t(2, 9).unfold(1, 3, 2),
    *[lambda n=n, mode=mode: F.pad(t(1, 2, *[4] * n), (1, 2) * n, mode=mode) for n in (1, 2, 3) for mode in ("reflect", "replicate")],
]  # fmt: skip


class Recorder(torch.utils._python_dispatch.TorchDispatchMode):
    """Keeps the calls of backward functions."""

    def __init__(self):
        super().__init__()
        self.calls = {}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if "backward" in function._schema.name:
            self.calls.setdefault(str(function), []).append((function, args, kwargs or {}))
        return function(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def calls():
    lineshaft_torch.set_fallback("error")
    torch.manual_seed(0)
    with Recorder() as recorder:
        for program in PROGRAMS:
            y = program()
            y.backward(torch.randn_like(y))
    return recorder.calls


def device_names():
    """The backward functions that the device has a kernel for, with their overloads; PyTorch's compositions are no kernels."""
    names = torch._C._dispatch_get_registrations_for_dispatch_key("PrivateUse1")
    return {name.removeprefix("aten::") for name in names if "_backward" in name}


# Kernels that no backward pass runs as they are, and what calls them.
INNER = {
    "_embedding_bag_dense_backward": "_embedding_bag_backward",
    "convolution_backward_overrideable": "convolution_backward",
    "glu_backward_jvp": "forward-mode derivatives, which fill in zeros for what is undefined",
}


# PyTorch calls it all the same, and it looks at its gradient itself.
LOOKS = "aten._scaled_dot_product_fused_attention_overrideable_backward.default"


def test_no_kernel_meets_an_undefined_gradient(calls):
    """Every backward function of the device is in PROGRAMS, and where nothing comes in, none of them is called."""
    called = {name.removeprefix("aten.").split(".")[0] for name in calls}
    registered = {name.split(".")[0] for name in device_names()} - set(INNER)
    assert len(registered) > 60 and not registered - called, f"not in PROGRAMS: {sorted(registered - called)}"
    for number, program in enumerate(PROGRAMS):
        with Recorder() as recorder:
            (y,) = NoGradient.apply(program())
            y.sum().backward()
            torch.lineshaft.synchronize()
        for name, recorded in recorder.calls.items():
            for function, args, _ in recorded:
                for argument, value in zip(function._schema.arguments, args):
                    if name != LOOKS and argument.name.startswith("grad") and str(argument.type) == "Tensor":
                        assert value is not None, f"program {number} calls {name} without {argument.name}"


def run(function, args, kwargs):
    """The device's own kernel: autograd, which refuses some of these calls before, is left out."""
    with torch._C._AutoDispatchBelowAutograd():
        results = function(*args, **kwargs)
    torch.lineshaft.synchronize()
    return list(results) if isinstance(results, (tuple, list)) else [results]


def test_every_mask_of_outputs(calls):
    """What is wanted is the same whatever else is, and what is not is absent."""
    tried = set()
    for name, recorded in calls.items():
        for function, args, kwargs in recorded:
            at = next(
                (
                    i
                    for i, a in enumerate(function._schema.arguments)
                    if a.name in ("output_mask", "grad_input_mask") and i < len(args)
                ),
                None,
            )
            if at is None:
                continue
            tried.add(name)
            # A mask of more than PyTorch asked for may name what this call has not, such as the gradient of a mask.
            most = [
                name != "aten._scaled_dot_product_fused_attention_overrideable_backward.default" or i < 3
                for i in range(len(args[at]))
            ]
            full = run(function, args[:at] + (most,) + args[at + 1 :], kwargs)
            for mask in itertools.product((False, True), repeat=len(most)):
                results = run(function, args[:at] + (list(mask),) + args[at + 1 :], kwargs)
                for wanted, possible, actual, expected in zip(mask, most, results, full):
                    if not possible:
                        continue
                    assert (actual is None) == (not wanted or expected is None), f"{name} {mask}"
                    if actual is not None:
                        torch.testing.assert_close(actual, expected, msg=lambda text: f"{name} {mask}: {text}")
    assert len(tried) >= 9, tried


class NoGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx, *x):
        return tuple(each.clone() for each in x)

    @staticmethod
    def backward(ctx, *grad):
        return (None,) * len(grad)


def test_a_later_function_gives_none():
    """As PyTorch's CPU: no gradient, for every program."""
    for program in PROGRAMS:
        leaves = []
        original = globals()["t"]

        def remembered(*sizes):
            leaves.append(original(*sizes))
            return leaves[-1]

        globals()["t"] = remembered
        try:
            (y,) = NoGradient.apply(program())
            y.sum().backward()
            torch.lineshaft.synchronize()
        finally:
            globals()["t"] = original
        for leaf in leaves:
            assert leaf.grad is None or leaf.grad.abs().max().item() == 0


def test_attention_whose_result_is_cut_off():
    q, k, v = t(1, 2, 4, 8), t(1, 2, 4, 8), t(1, 2, 4, 8)
    (y,) = NoGradient.apply(F.scaled_dot_product_attention(q, k, v))
    (y.sum() + (q * 2).sum()).backward()
    assert q.grad.cpu().unique().tolist() == [2]
    assert k.grad is None and v.grad is None


def test_some_outputs_of_several():
    """Operators of several results, of which only some reach the loss."""
    programs = [
        lambda x: torch.std_mean(x, 1), lambda x: torch.var_mean(x, 1), lambda x: x.max(1), lambda x: x.min(1), lambda x: x.median(1),
        lambda x: x.kthvalue(2, 1), lambda x: x.mode(1), lambda x: x.sort(1), lambda x: x.topk(2, 1), lambda x: x.cummax(1),
        lambda x: torch.aminmax(x, dim=1), lambda x: torch.frexp(x)[:1], lambda x: x.unbind(1), lambda x: x.split(2, 1),
        lambda x: torch.native_layer_norm(x, (4,), None, None, 1e-5), lambda x: torch.native_dropout(x, 0.0, True)[:1],
        lambda x: torch.lstm_cell(x, (x, x), torch.eye(4).repeat(4, 1).to(x.device), torch.eye(4).repeat(4, 1).to(x.device)),
        lambda x: F.max_pool1d(x[None], 2, return_indices=True), lambda x: F.adaptive_max_pool1d(x[None], 2, return_indices=True),
    ]  # fmt: skip
    values = torch.randn(3, 4)
    for number, program in enumerate(programs):
        try:
            count = len(program(values.clone().requires_grad_()))
            program(values.to(D))
        except NotImplementedError:
            continue
        for used in itertools.product((False, True), repeat=min(count, 3)):
            grads = []
            for device in ("cpu", D):
                x = values.clone().to(device).requires_grad_()
                outputs = [o for o, u in zip(program(x), used) if u and o.requires_grad]
                sum((o * o).sum() + o.sum() for o in outputs).backward() if outputs else None
                grads.append(x.grad)
            assert (grads[0] is None) == (grads[1] is None), f"program {number}, {used}"
            if grads[0] is not None:
                torch.testing.assert_close(
                    grads[1].cpu(), grads[0], msg=lambda text: f"program {number}, {used}: {text}"
                )
