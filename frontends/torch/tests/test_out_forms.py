"""out= and in-place forms that follow from the functional operator."""

import warnings

import lineshaft_torch
import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_map_only

D = "lineshaft"
X = torch.tensor([[0.25, 0.5, 0.75], [0.9, 0.1, 0.3]])
EDGES = torch.tensor([0.0, 0.3, 0.6])


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    lineshaft_torch.reset_fallback_counts()
    yield
    assert not lineshaft_torch.fallback_counts()


def norm(function):
    return lambda *t, out: function(t[0], None, None, t[1].clone(), t[2].clone(), True, 0.1, 1e-5, out=out)


BATCH = (torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), torch.zeros(3), torch.ones(3))
A = torch.ops.aten
FORMS = {
    "max.unary_out": (torch.max, (X,), 1),
    "min.unary_out": (torch.min, (X,), 1),
    "searchsorted.Tensor_out": (torch.searchsorted, (EDGES, X), 1),
    "searchsorted.Scalar_out": (lambda *t, out: A.searchsorted.Scalar_out(t[0], 0.4, out=out), (EDGES,), 1),
    "bucketize.Tensor_out": (torch.bucketize, (X, EDGES), 1),
    "narrow_copy.out": (lambda *t, out: A.narrow_copy.out(t[0], 1, 1, 2, out=out), (X,), 1),
    "mvlgamma.out": (lambda *t, out: torch.mvlgamma(t[0] + 3, 2, out=out), (X,), 1),
    "conj_physical.out": (torch.conj_physical, (X,), 1),
    "logit.out": (lambda *t, out: torch.logit(t[0], 0.2, out=out), (X,), 1),
    "remainder.Scalar_Tensor_out": (lambda *t, out: A.remainder.Scalar_Tensor_out(5, t[0], out=out), (X,), 1),
    "native_batch_norm.out": (lambda *t, out: A.native_batch_norm.out(t[0], None, None, t[1].clone(), t[2].clone(), True, 0.1, 1e-5, out=out[0], save_mean=out[1], save_invstd=out[2]), BATCH, 3),
    "_native_batch_norm_legit.out": (lambda *t, out: A._native_batch_norm_legit.out(t[0], None, None, t[1].clone(), t[2].clone(), True, 0.1, 1e-5, out=out[0], save_mean=out[1], save_invstd=out[2]), BATCH, 3),
    "_native_batch_norm_legit.no_stats_out": (lambda *t, out: A._native_batch_norm_legit.no_stats_out(t[0], None, None, True, 0.1, 1e-5, out=out[0], save_mean=out[1], save_invstd=out[2]), BATCH, 3),
    "mode.values": (lambda *t, out: torch.mode(t[0], 0, out=out), (X,), 2),
    "histc.out": (lambda *t, out: torch.histc(t[0], 4, out=out), (X,), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_out(name):
    function, tensors, count = FORMS[name]
    tensors = [t.clone() for t in tensors]

    def run(device):
        given = [t.to(device) for t in tensors]
        wanted = [
            torch.int64 if i == 1 and name == "mode.values" or "sorted" in name or "bucket" in name else torch.float32
            for i in range(count)
        ]
        out = [torch.empty(0, device=device, dtype=d) for d in wanted]
        function(*given, out=out[0] if count == 1 else tuple(out))
        return out

    for actual, expected in zip(run(D), run("cpu")):
        assert actual.device.type == D
        torch.testing.assert_close(actual.cpu(), expected)


def test_out_keeps_its_memory():
    """It is resized with a warning where it has other sizes, and is written through its strides where it fits."""
    wide = torch.zeros(2, 6, device=D)
    torch.logit(X.to(D), out=wide[:, ::2])
    torch.testing.assert_close(wide[:, ::2].cpu(), torch.logit(X))
    assert wide[:, 1::2].cpu().abs().sum() == 0
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        out = torch.empty(5, device=D)
        torch.max(X.to(D), out=out)
    assert any("was resized" in str(w.message) for w in seen)
    assert out.shape == ()


def test_out_is_checked():
    with pytest.raises(RuntimeError, match="can't be cast"):
        torch.logit(X.to(D), out=torch.empty(0, dtype=torch.int64, device=D))
    with pytest.raises(RuntimeError, match="[Ee]xpected|device"):
        torch.logit(X.to(D), out=torch.empty(0))
    with pytest.raises(RuntimeError, match="can't be cast"):
        torch.tensor([0, 1], device=D).logit_()


def test_in_place():
    actual = X.to(D)
    assert actual.logit_(0.2) is actual
    torch.testing.assert_close(actual.cpu(), torch.logit(X, 0.2))
    x = X.clone().to(D).requires_grad_()
    torch.logit_(y := x * 1)
    y.sum().backward()
    z = X.clone().requires_grad_()
    torch.logit(z * 1).sum().backward()
    torch.testing.assert_close(x.grad.cpu(), z.grad)


def test_addbmm_gives_its_target_the_result_s_sizes():
    a, b = torch.randn(2, 2, 3), torch.randn(2, 3, 4)
    for sizes in ((1,), (4,), (2, 1), (2, 4)):
        given = torch.randn(sizes)
        actual = given.to(D)
        expected = torch.addbmm(given, a, b, beta=0.5, alpha=2)
        assert actual.addbmm_(a.to(D), b.to(D), beta=0.5, alpha=2) is actual
        torch.testing.assert_close(actual.cpu(), expected)
    one = torch.ones(1, device=D).addbmm_(torch.ones(2, 1, 3, device=D), torch.ones(2, 3, 1, device=D))
    assert one.cpu().tolist() == [[7]]


def test_remainder_of_a_number():
    for other in (torch.tensor([3, -3, 7]), torch.tensor([2.5, -0.75, 4])):
        for number in (5, -5, 2.25):
            torch.testing.assert_close(torch.remainder(number, other.to(D)).cpu(), torch.remainder(number, other))


# --- every operator: what its out= form refuses

DTYPES = (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool)
OTHER_DTYPES = (torch.float64, torch.float16, torch.int64, torch.bool)
# What is refused, or taken, unlike on the CPU, and why.
CASTS = "computed by PyTorch's own decomposition, which casts to out="
UNLIKE = {
    "cross": CASTS,
    "linalg.cross": CASTS,
    "nan_to_num": CASTS,
    "renorm": CASTS,
    "lu": "torch.lu copies its results to out= in Python, from whatever device",
    "normal": "an out= of integers is a RuntimeError, as elsewhere; the CPU says NotImplementedError",
    "normal.number_mean": "an out= of integers is a RuntimeError, as elsewhere; the CPU says NotImplementedError",
}


def name_of(op):
    return op.name + ("." + op.variant_test_name if op.variant_test_name else "")


def call_on(op, device, sample, out):
    def there(value):
        return tree_map_only(torch.Tensor, lambda t: t.detach().clone().to(device), value)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        result = op(there(sample.input), *there(sample.args), **there(sample.kwargs), out=out)
        torch.lineshaft.synchronize()
    return result


def error_of(op, device, sample, out):
    try:
        call_on(op, device, sample, out)
    except Exception as error:
        return error
    return None


def outputs_of(op):
    """Samples with the tensors that the operator gives on the CPU, where the device takes them."""
    for number, sample in enumerate(op.sample_inputs("cpu", torch.float32)):
        if number == 3:
            return
        try:
            given = op(sample.input, *sample.args, **sample.kwargs)
        except Exception:
            continue
        outputs = [given] if isinstance(given, torch.Tensor) else list(given) if isinstance(given, tuple) else [given]
        if not all(isinstance(t, torch.Tensor) and t.dtype in DTYPES for t in outputs):
            continue
        made = [torch.empty(t.shape, dtype=t.dtype, device=D) for t in outputs]
        if error_of(op, D, sample, made[0] if len(made) == 1 else tuple(made)) is None:
            yield sample, outputs
        else:
            lineshaft_torch.reset_fallback_counts()  # of an operator that has no kernel here


@pytest.mark.parametrize(
    "op", [op for op in op_db if op.supports_out and torch.float32 in op.supported_dtypes("cpu")], ids=name_of
)
def test_out_that_is_refused(op):
    """An out= of another dtype as on the CPU; one whose elements share memory, whatever the CPU does with it; another device."""
    if name_of(op) in UNLIKE:
        pytest.skip(UNLIKE[name_of(op)])

    def passed(outputs):
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    for sample, outputs in outputs_of(op):
        for number, output in enumerate(outputs):
            for dtype in OTHER_DTYPES:
                if dtype == output.dtype:
                    continue
                dtypes = [dtype if i == number else t.dtype for i, t in enumerate(outputs)]
                errors = [
                    error_of(
                        op,
                        d,
                        sample,
                        passed([torch.zeros(t.shape, dtype=k, device=d) for t, k in zip(outputs, dtypes)]),
                    )
                    for d in ("cpu", D)
                ]
                assert type(errors[1]) is type(errors[0]), (
                    f"output {number} of {dtype}: {errors[1]!r}, expected {errors[0]!r}"
                )
        if all(t.numel() > 1 for t in outputs):
            shared = [torch.zeros((), dtype=t.dtype, device=D).expand(t.shape) for t in outputs]
            error = error_of(op, D, sample, passed(shared))
            # Where the operator is one of several axes, PyTorch has resized it on the way, and so given it memory.
            apart = all(0 not in t.stride() for t in shared)
            assert apart if error is None else "single memory location" in str(error), error
        elsewhere = error_of(op, D, sample, passed([torch.empty_like(t) for t in outputs]))
        assert isinstance(elsewhere, (RuntimeError, NotImplementedError)), elsewhere
