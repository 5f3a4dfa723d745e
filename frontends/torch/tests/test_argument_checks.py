"""Arguments that an operator refuses: mixtures of dtypes, numbers out of range, axes without elements. The device raises what
PyTorch's CPU raises, and takes what it takes."""

import warnings

import lineshaft_torch
import pytest
import torch
import torch.nn.functional as F

D = "lineshaft"
A = torch.ops.aten
T = torch.ones
F16, F32, F64, I64, BOOL = torch.float16, torch.float32, torch.float64, torch.int64, torch.bool


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def outcome(call, device):
    """The class of the error, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call(device)
            if device == D:
                torch.lineshaft.synchronize()
        except Exception as error:
            assert device == "cpu" or len(str(error)) > 20, error
            return type(error)
    return None


def agree(call):
    expected, found = outcome(call, "cpu"), outcome(call, D)
    assert found is expected, f"{found}, expected {expected}"
    return expected


def refused(call):
    assert agree(call) is not None


def at(*values, device):
    return torch.tensor(values, device=device)


def put(tensor, index, value):
    tensor[index] = value


# --- mixtures of dtypes: each floating tensor among the arguments in turn is given another dtype

X, ROWS, IMAGES, VOLUMES = T(4), T(2, 4), T(2, 3, 4, 4), T(1, 2, 4, 4, 4)
INDEX = torch.zeros(2, dtype=I64)
MIXED = {
    "_adaptive_avg_pool2d_backward": (A._adaptive_avg_pool2d_backward, T(2, 3, 2, 2), IMAGES),
    "_adaptive_avg_pool3d_backward": (A._adaptive_avg_pool3d_backward, T(1, 2, 2, 2, 2), VOLUMES),
    "_cdist_forward": (A._cdist_forward, ROWS, ROWS, 1.0, None),
    "_cdist_backward": (A._cdist_backward, T(2, 2), ROWS, ROWS, 2.0, T(2, 2)),
    "_embedding_bag": (A._embedding_bag, ROWS, INDEX, torch.tensor([0, 1]), False, 0, False, T(2)),
    "_log_softmax_backward_data": (lambda g, y: A._log_softmax_backward_data(g, y, 0, F32), X, X),
    "_softmax_backward_data": (lambda g, y: A._softmax_backward_data(g, y, 0, F32), X, X),
    "_prelu_kernel": (A._prelu_kernel, ROWS, T(1, 4)),
    "_prelu_kernel_backward": (A._prelu_kernel_backward, ROWS, ROWS, T(2, 4)),
    "avg_pool2d_backward": (A.avg_pool2d_backward, T(2, 3, 2, 2), IMAGES, [2, 2], [2, 2], [0, 0], False, True, None),
    "avg_pool3d_backward": (A.avg_pool3d_backward, T(1, 2, 2, 2, 2), VOLUMES, [2] * 3, [2] * 3, [0] * 3, False, True, None),
    "_cdist_forward by a product": (A._cdist_forward, T(30, 4), ROWS, 2.0, 1),
    "binary_cross_entropy": (A.binary_cross_entropy, X * 0.5, X),
    "binary_cross_entropy_backward": (A.binary_cross_entropy_backward, X, X * 0.5, X),
    "convolution_backward": (lambda g, x, w: A.convolution_backward(g, x, w, [3], [1], [0], [1], False, [0], 1, [True] * 3), T(1, 3, 2), T(1, 2, 4), T(3, 2, 3)),
    "fractional_max_pool2d": (A.fractional_max_pool2d, IMAGES, [2, 2], [2, 2], T(2, 3, 2) * 0.5),
    "fractional_max_pool3d": (A.fractional_max_pool3d, VOLUMES, [2] * 3, [2] * 3, T(1, 2, 3) * 0.5),
    "glu_backward": (A.glu_backward, T(2, 2), ROWS, 1),
    "grid_sampler_2d": (A.grid_sampler_2d, IMAGES, T(2, 2, 2, 2), 0, 0, False),
    "grid_sampler_3d": (A.grid_sampler_3d, VOLUMES, T(1, 2, 2, 2, 3), 0, 0, False),
    "grid_sampler_2d_backward": (A.grid_sampler_2d_backward, T(2, 3, 2, 2), IMAGES, T(2, 2, 2, 2), 0, 0, False, [True, True]),
    "heaviside": (torch.heaviside, X, X),
    "huber_loss_backward": (A.huber_loss_backward, X, X, X, 0, 1.0),
    "index_put": (lambda x, y: x.index_put((INDEX.to(x.device),), y), X, T(2)),
    "log_sigmoid_backward": (A.log_sigmoid_backward, X, X, X),
    "native_group_norm": (A.native_group_norm, T(2, 4, 3), X, X, 2, 4, 3, 2, 1e-5),
    "nll_loss_forward": (A.nll_loss_forward, ROWS, INDEX, X, 1, -100),
    "nll_loss_backward": (A.nll_loss_backward, T(()), ROWS, INDEX, X, 1, -100, T(())),
    "reflection_pad1d_backward": (A.reflection_pad1d_backward, T(2, 6), ROWS, [1, 1]),
    "replication_pad1d_backward": (A.replication_pad1d_backward, T(2, 6), ROWS, [1, 1]),
    "replication_pad2d_backward": (A.replication_pad2d_backward, T(2, 3, 6, 6), IMAGES, [1] * 4),
    "rrelu_with_noise": (A.rrelu_with_noise, X, X, 0.1, 0.3, True),
    "lerp": (torch.lerp, X, X, X),
    "linear": (F.linear, ROWS, T(3, 4), T(3)),
    "addmm": (torch.addmm, T(2, 2), ROWS, T(4, 2)),
    "baddbmm": (torch.baddbmm, T(1, 2, 2), T(1, 2, 4), T(1, 4, 2)),
    "scatter_add": (lambda x, y: x.scatter_add(0, INDEX.to(x.device), y), X, X),
    "index_copy": (lambda x, y: x.index_copy(0, INDEX.to(x.device), y), X, T(2)),
    "masked_scatter": (lambda x, y: x.masked_scatter(x > 0, y), X, X),
    "dot": (torch.dot, X, X),
}  # fmt: skip
# Sums, where several dtypes have one: what is taken is taken by both.
PROMOTED = {
    "add": (torch.add, X, X),
    "addcmul": (torch.addcmul, X, X, X),
    "mse_loss": (F.mse_loss, X, X),
    "smooth_l1_loss": (F.smooth_l1_loss, X, X),
    "where": (lambda x, y: torch.where(x > 0, x, y), X, X),
    "cat": (lambda x, y: torch.cat([x, y]), X, X),
}


def mixtures(function, arguments):
    for position, tensor in enumerate(arguments):
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
            # Half precision has no CPU kernel everywhere: that is another refusal.
            mixed = [*arguments[:position], tensor.double(), *arguments[position + 1 :]]
            yield (lambda d, mixed=mixed: function(*[a.to(d) if isinstance(a, torch.Tensor) else a for a in mixed]))


@pytest.mark.parametrize("name", MIXED)
def test_a_mixture_of_dtypes_is_refused(name):
    function, *arguments = MIXED[name]
    assert outcome(lambda d: function(*[a.to(d) if isinstance(a, torch.Tensor) else a for a in arguments]), D) is None
    for call in mixtures(function, arguments):
        refused(call)


@pytest.mark.parametrize("name", PROMOTED)
def test_a_mixture_of_dtypes_is_taken(name):
    function, *arguments = PROMOTED[name]
    for call in mixtures(function, arguments):
        assert agree(call) is None


@pytest.mark.parametrize("dtype", [F16, F64])
@pytest.mark.parametrize("reduction", [0, 1, 2])
def test_a_weight_of_another_dtype(dtype, reduction):
    """It is taken by binary_cross_entropy alone, whose result keeps the dtype of the input."""
    x, y, weight = T(2, 4) * 0.25, ROWS, (torch.arange(8).view(2, 4) / 8).to(dtype)
    found = A.binary_cross_entropy(x.to(D), y.to(D), weight.to(D), reduction)
    torch.testing.assert_close(found.cpu(), A.binary_cross_entropy(x, y, weight, reduction))
    grad = torch.ones_like(found).cpu()
    found = A.binary_cross_entropy_backward(grad.to(D), x.to(D), y.to(D), weight.to(D), reduction)
    torch.testing.assert_close(found.cpu(), A.binary_cross_entropy_backward(grad, x, y, weight, reduction))


def test_statistics_of_another_dtype():
    """The backward pass of layer_norm read them as what they are not."""
    x = T(2, 4, device=D)
    y, mean, rstd = A.native_layer_norm(x, [4], None, None, 1e-5)
    for dtype in (F16, F64):
        with pytest.raises(RuntimeError, match="expected scalar type Float but found"):
            A.native_layer_norm_backward(x, x, [4], mean, rstd.to(dtype), None, None, [True, False, False])
    half = [t.half() for t in (x, mean, rstd)]
    assert A.native_layer_norm_backward(half[0], half[0], [4], half[1], half[2], None, None, [True] * 3)[0].dtype == F16


# --- numbers

NUMBERS = {
    "cdist of a mode": lambda d: A._cdist_forward(T(2, 3, device=d), T(2, 3, device=d), 2.0, 3),
    "cdist of a negative p": lambda d: torch.cdist(T(2, 3, device=d), T(2, 3, device=d), p=-1),
    "cdist of integers": lambda d: torch.cdist(T(2, 3, device=d), T(2, 3, dtype=I64, device=d), p=1),
    "addr of a shape": lambda d: T(1, 3, device=d).addr_(T(2, device=d), T(3, device=d)),
    "addr of a fraction": lambda d: torch.addr(T(2, 3, device=d).long(), T(2, device=d).long(), T(3, device=d).long(), alpha=1.5),
    "addr of bool": lambda d: torch.addr(T(2, 3, device=d), T(2, device=d), T(3, device=d), beta=True),
    "add of a large alpha": lambda d: torch.add(T(2, dtype=F16, device=d), T(2, dtype=F16, device=d), alpha=2**40),
    "index_add of a large alpha": lambda d: T(2, device=d).index_add(0, at(0, device=d), T(1, device=d), alpha=1e40),
    "smooth_l1_loss of a beta": lambda d: F.smooth_l1_loss(T(2, device=d), T(2, device=d), beta=-1.0),
    "smooth_l1_loss of a reduction": lambda d: A.smooth_l1_loss(T(2, device=d), T(2, device=d), 3, 1.0),
    "mse_loss of a reduction": lambda d: A.mse_loss(T(2, device=d), T(2, device=d), -1),
    "softshrink of a large lambda": lambda d: F.softshrink(T(2, dtype=F16, device=d), 1e6),
    "softshrink of integers": lambda d: F.softshrink(T(2, dtype=I64, device=d), float("nan")),
    "clamp of bool": lambda d: torch.clamp(T(2, device=d) > 0, min=True),
    "abs of bool": lambda d: torch.abs(T(2, device=d) > 0),
    "floor of bool": lambda d: torch.floor(T(2, device=d) > 0),
    "frac of integers": lambda d: torch.frac(T(2, dtype=I64, device=d)),
    "remainder of bool": lambda d: torch.remainder(T(2, device=d) > 0, T(2, device=d) > 0),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    refused(NUMBERS[name])


@pytest.mark.parametrize("dtype", [F32, I64])
@pytest.mark.parametrize("spatial", [1, 2, 3])
@pytest.mark.parametrize(
    "given",
    [
        {"output_padding": 1},
        {"output_padding": 2, "stride": 2},
        {"padding": 3},
        {"padding": 9},
        {"dilation": 0},
        {"stride": 0},
        {"output_padding": -1},
    ],
    ids=str,
)
def test_transposed_convolutions(given, spatial, dtype):
    function = getattr(F, f"conv_transpose{spatial}d")
    x, w = T(1, 2, *[4] * spatial, dtype=dtype), T(2, 3, *[3] * spatial, dtype=dtype)
    refused(lambda d: function(x.to(d), w.to(d), **given))


@pytest.mark.parametrize("function", [F.conv1d, F.conv_transpose1d])
def test_convolution_without_a_kernel(function):
    refused(lambda d: function(T(1, 2, 4, device=d), T(2, 2, 0, device=d)))


@pytest.mark.parametrize(
    "given", [{"dilation": 2, "output_padding": 1}, {"dilation": 3, "output_padding": 2, "stride": 2}], ids=str
)
@pytest.mark.parametrize("spatial", [1, 2, 3])
def test_output_padding_past_the_stride(spatial, given):
    """It is taken where the dilation is larger; no window reaches what is added."""
    function = getattr(F, f"conv_transpose{spatial}d")
    results = {}
    for device in ("cpu", D):
        torch.manual_seed(0)
        leaves = [
            torch.randn(s).to(device).requires_grad_() for s in ([2, 2] + [4] * spatial, [2, 3] + [3] * spatial, [3])
        ]
        y = function(*leaves, **given)
        (y * y).sum().backward()
        results[device] = [t.detach().cpu() for t in [y] + [leaf.grad for leaf in leaves]]
    for found, expected in zip(results[D], results["cpu"], strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


# --- axes

EMPTY = {
    "sort": lambda d: T(0, device=d).sort(2),
    "argsort": lambda d: T(0, 2, device=d).argsort(-3),
    "flip of an axis": lambda d: T(0, 2, device=d).flip(2),
    "flip of an axis twice": lambda d: T(0, 2, device=d).flip((0, 0)),
    "kthvalue": lambda d: T(2, 0, device=d).kthvalue(1),
    "index": lambda d: T(0, 2, device=d)[at(0, device=d)],
    "index of two": lambda d: T(2, 0, device=d)[at(0, device=d), at(0, device=d)],
    "index of no elements": lambda d: T(0, 0, device=d)[at(0, device=d)],
    "index_put of no elements": lambda d: T(0, 0, device=d).index_put_((at(0, device=d),), T(device=d)),
    "index_put": lambda d: T(0, 2, device=d).index_put_((at(0, device=d),), T(device=d)),
    "take": lambda d: T(0, device=d).take(at(0, device=d)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_axes_without_elements(name):
    refused(EMPTY[name])


def test_an_index_into_an_axis_without_elements():
    """An IndexError for all operators alike."""
    for call in (
        lambda: T(0, 2, device=D).index_copy(0, at(0, device=D), T(1, 2, device=D)),
        lambda: T(0, 2, device=D).index_fill(0, at(0, device=D), 1.0),
        lambda: T(0, 2, device=D).index_select(0, at(0, device=D)),
        lambda: T(0, 2, device=D).gather(0, at(0, 0, device=D).view(1, 2)),
    ):
        with pytest.raises(IndexError, match="out of bounds for dimension with size 0"):
            call()


@pytest.mark.parametrize("sizes", [(2, 0, 4, 4), (0, 4, 4)])
@pytest.mark.parametrize("output", [0, 2])
def test_gradients_of_poolings_without_elements(sizes, output):
    for spatial in (2, 3):
        shape = [*sizes, *[4] * (spatial - 2)]

        def call(device, spatial=spatial, shape=shape):
            x = T(shape, device=device).requires_grad_()
            getattr(F, f"adaptive_avg_pool{spatial}d")(x, output).sum().backward()

        agree(call)


# --- writing

WRITES = {
    "index_put of a dtype": lambda d: T(3, device=d).index_put_((at(0, device=d),), T(1, dtype=F64, device=d)),
    "setitem of a dtype": lambda d: put(T(3, device=d), at(0, device=d), T(1, dtype=F64, device=d)),
    "setitem of a mask and two": lambda d: put(T(2, device=d), T(2, device=d) > 0, T(2, dtype=F64, device=d)),
    "_foreach_add_ of a kind": lambda d: torch._foreach_add_([T(2, dtype=I64, device=d)], 1.5),
    "_foreach_add_ of a list": lambda d: torch._foreach_add_([T((), dtype=I64, device=d)], [T(1, device=d)]),
    "_foreach_sqrt_ of integers": lambda d: torch._foreach_sqrt_([T(2, dtype=I64, device=d)]),
    "_foreach_addcdiv_ of a kind": lambda d: torch._foreach_addcdiv_([T(2, dtype=I64, device=d)], [T(2, device=d)], [T(2, device=d)]),
    "_foreach_sub of bool": lambda d: torch._foreach_sub([T(2, device=d)], True),
    "_foreach_pow of bool": lambda d: torch._foreach_pow([T(2, device=d) > 0], [T(2, device=d) > 0]),
    "_foreach_abs of bool": lambda d: torch._foreach_abs([T(2, device=d) > 0]),
    "_foreach_frac of integers": lambda d: torch._foreach_frac([T(2, dtype=I64, device=d)]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_writes(name):
    refused(WRITES[name])


def test_a_mask_takes_a_number_of_any_dtype():
    for device in ("cpu", D):
        x = torch.arange(6, device=device, dtype=F32).view(2, 3)
        put(x, x > 2, torch.tensor([7.0], dtype=F64, device=device))
        put(x, torch.tensor([True, False], device=device), torch.tensor(9, device=device))
        assert x.tolist() == [[9, 9, 9], [7, 7, 7]]
