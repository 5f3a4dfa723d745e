"""PyTorch's own operator samples (OpInfo) as tests of the device.

A case is (direction, operator). Samples are made on the CPU, the operator runs there and on the device, and the results
are compared. Any fallback to the CPU raises, as the tests run under LINESHAFT_FALLBACK=error.
"""

import random

import numpy
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils import _pytree as pytree

DEVICE = "lineshaft"
DTYPE = torch.float32
TOLERANCE = {"atol": 1e-4, "rtol": 1e-4, "equal_nan": True}


def name_of(op):
    return op.name + ("." + op.variant_test_name if op.variant_test_name else "")


def all_cases():
    """Every (direction, operator) for float32: 677 forward and 540 backward in PyTorch 2.13."""
    cases = []
    for op in op_db:
        if op.supports_dtype(DTYPE, "cpu"):
            cases.append(("forward", op))
    for op in op_db:
        if op.supports_autograd and DTYPE in op.supported_backward_dtypes("cpu"):
            cases.append(("backward", op))
    return cases


def to_device(tree):
    def move(leaf):
        if isinstance(leaf, torch.Tensor):
            return leaf.detach().to(DEVICE).requires_grad_(leaf.requires_grad)
        if isinstance(leaf, torch.device) or leaf == "cpu":
            return torch.device(DEVICE)
        return leaf

    return pytree.tree_map(move, tree)


def tensors_of(tree):
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


# Operators that draw numbers by way of others: PyTorch's tag is on those only.
DRAWS = {
    "nn.functional.alpha_dropout",
    "nn.functional.dropout",
    "nn.functional.dropout2d",
    "nn.functional.dropout3d",
    "nn.functional.feature_alpha_dropout",
    "nn.functional.fractional_max_pool2d",
    "nn.functional.fractional_max_pool3d",
    "nn.functional.rrelu",
    "normal",
}


def is_random(op, sample):
    """Whether this sample's result depends on numbers that each device draws for itself."""
    overload = getattr(getattr(torch.ops.aten, op.aten_name, None), "default", None)
    tagged = torch.Tag.nondeterministic_seeded in getattr(overload, "tags", ())
    dropout = sample.kwargs.get("dropout_p", 0)
    if op.name == "nn.functional.multi_head_attention_forward":
        dropout = sample.args[9]
    return tagged or op.name in DRAWS or dropout > 0


def uninitialized(op):
    return op.name.startswith(("empty", "new_empty")) or op.name in ("empty_like", "empty_strided", "empty_permuted")


def to_double(tree):
    def widen(leaf):
        if isinstance(leaf, torch.Tensor):
            wide = leaf.detach().double() if leaf.is_floating_point() else leaf.detach()
            return wide.requires_grad_(leaf.requires_grad)
        return torch.float64 if leaf == torch.float32 else leaf

    return pytree.tree_map(widen, tree)


def compare(actual, expected, what, exact):
    """Whether the device is as close to the CPU as TOLERANCE says; where it is not, as close to `exact()`, the result in
    float64, as the CPU itself within a factor of two: samples that are ill-conditioned come out otherwise on each processor.
    """
    assert actual.shape == expected.shape, f"{what}: shape {tuple(actual.shape)}, expected {tuple(expected.shape)}"
    assert actual.dtype == expected.dtype, f"{what}: dtype {actual.dtype}, expected {expected.dtype}"
    try:
        torch.testing.assert_close(actual.cpu(), expected, **TOLERANCE, msg=lambda text: f"{what}: {text}")
    except AssertionError:
        if not (expected.is_floating_point() and as_close(actual.cpu(), expected, exact())):
            raise


def as_close(actual, expected, exact):
    finite = exact.isfinite()
    if not (torch.equal(actual.isfinite(), finite) and torch.equal(expected.isfinite(), finite)):
        return False
    mine, theirs = ((value[finite].double() - exact[finite]).abs().max() for value in (actual, expected))
    return bool(mine <= 2 * theirs)


def arguments_of(op, sample):
    """The sample on the device; operators without a tensor argument are told the device by keyword."""
    given, args, kwargs = to_device((sample.input, sample.args, sample.kwargs))
    if not tensors_of((given, args, kwargs)) and op.name != "broadcast_shapes":
        kwargs = dict(kwargs, device=DEVICE)
    return given, args, kwargs


def run_forward(op):
    for number, sample in enumerate(op.sample_inputs("cpu", DTYPE)):
        torch.manual_seed(0)
        expected = op(sample.input, *sample.args, **sample.kwargs)
        given, args, kwargs = arguments_of(op, sample)
        actual = op(given, *args, **kwargs)
        want, have = tensors_of(expected), tensors_of(actual)

        def exactly(sample=sample):
            torch.manual_seed(0)
            given, args, kwargs = to_double((sample.input, sample.args, sample.kwargs))
            return tensors_of(op(given, *args, **kwargs))

        assert len(want) == len(have), f"sample {number}: {len(have)} results, expected {len(want)}"
        for i, (e, a) in enumerate(zip(want, have)):
            assert a.device.type == DEVICE or op.name == "tensor_split", f"sample {number}: the result is on {a.device}"
            if is_random(op, sample) or uninitialized(op):
                assert a.shape == e.shape and a.dtype == e.dtype
            else:
                compare(a, e, f"sample {number}", lambda i=i, exactly=exactly: exactly()[i])
        if not want:
            assert actual == expected, f"sample {number}: {actual}, expected {expected}"


def run_backward(op):
    for number, sample in enumerate(op.sample_inputs("cpu", DTYPE, requires_grad=True)):
        torch.manual_seed(0)
        expected = sample.output_process_fn_grad(op(sample.input, *sample.args, **sample.kwargs))
        given, args, kwargs = to_device((sample.input, sample.args, sample.kwargs))
        actual = sample.output_process_fn_grad(op(given, *args, **kwargs))
        inputs = [t for t in tensors_of((sample.input, sample.args, sample.kwargs)) if t.requires_grad]
        device_inputs = [t for t in tensors_of((given, args, kwargs)) if t.requires_grad]
        outputs = [t for t in tensors_of(expected) if t.requires_grad]
        device_outputs = [t for t in tensors_of(actual) if t.requires_grad]
        assert len(outputs) == len(device_outputs), f"sample {number}: {len(device_outputs)} differentiable results"
        if not outputs:
            continue
        seeds = [torch.randn_like(t) for t in outputs]
        want = torch.autograd.grad(outputs, inputs, seeds, allow_unused=True)
        have = torch.autograd.grad(device_outputs, device_inputs, to_device(seeds), allow_unused=True)

        def exactly(sample=sample, seeds=seeds):
            torch.manual_seed(0)
            given, args, kwargs = to_double((sample.input, sample.args, sample.kwargs))
            result = sample.output_process_fn_grad(op(given, *args, **kwargs))
            inputs = [t for t in tensors_of((given, args, kwargs)) if t.requires_grad]
            outputs = [t for t in tensors_of(result) if t.requires_grad]
            return torch.autograd.grad(outputs, inputs, [s.double() for s in seeds], allow_unused=True)

        for i, (e, a) in enumerate(zip(want, have)):
            assert (a is None) == (e is None), f"sample {number}: gradient {i} is {'missing' if a is None else 'there'}"
            if e is not None and not is_random(op, sample):
                compare(a, e, f"sample {number}, gradient {i}", lambda i=i, exactly=exactly: exactly()[i])


def run_case(case):
    direction, op = case
    # The same samples whatever ran before in this process.
    random.seed(0)
    torch.manual_seed(0)
    numpy.random.seed(0)
    (run_forward if direction == "forward" else run_backward)(op)
