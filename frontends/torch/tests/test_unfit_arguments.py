"""Arguments that do not fit each other: PyTorch checks them where an operator is called without out=, the device's own
kernels where it is called with it. A size that is let through there is an access beyond a tensor."""

import itertools

import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db

D = "lineshaft"

# The operators that PyTorch calls structured and whose out= form is a kernel of the device's.
CHANGED = """addmm addmv all amax amin aminmax any argmax argmin baddbmm bmm cat clamp cumprod cumsum gather index_add index_copy
    index_reduce index_select linalg.vector_norm max.reduction_with_dim mean min.reduction_with_dim mm pow prod scatter
    scatter_add scatter_reduce sort sum take take_along_dim topk tril triu""".split()
DTYPES = (torch.int16, torch.int64, torch.float64, torch.bool, torch.uint8)


def mapped(value, change, path=()):
    """The nested value with each tensor in it replaced by change(path, tensor)."""
    if isinstance(value, torch.Tensor):
        return change(path, value)
    if isinstance(value, list | tuple):
        return type(value)([mapped(x, change, (*path, i)) for i, x in enumerate(value)])
    if isinstance(value, dict):
        return {key: mapped(x, change, (*path, key)) for key, x in value.items()}
    return value


def tensors_in(value):
    found = []
    mapped(value, lambda path, x: found.append((path, x)))
    return found


def changes(tensor):
    """The tensor with one element more, one less and none along each axis, an axis more and less, and other dtypes."""
    for axis, size in enumerate(tensor.shape):
        if size:
            yield torch.cat([tensor, tensor.narrow(axis, 0, 1)], axis)
            yield tensor.narrow(axis, 0, size - 1)
            yield tensor.narrow(axis, 0, 0)
    yield tensor.unsqueeze(0)
    if tensor.dim() and tensor.shape[0]:
        yield tensor.select(0, 0)
    for dtype in DTYPES:
        yield tensor.to(dtype)


def refusal(op, arguments, device, out):
    """What the operator raises, or None. `out` is whether its results are given."""
    given, *rest = mapped(arguments, lambda path, x: x.detach().clone().to(device))
    args, kwargs = rest
    try:
        if out:
            first = tensors_in(given)[0][1]
            kwargs = {**kwargs, "out": torch.empty(0, dtype=first.dtype, device=device)}
        for _, result in tensors_in(op(given, *args, **kwargs)):
            result.cpu()
    except Exception as error:  # noqa: BLE001
        return error
    return None


def accepted(op, arguments):
    """Whether the device takes, with out=, what PyTorch's CPU refuses without and with it."""
    if refusal(op, arguments, "cpu", False) is None or refusal(op, arguments, "cpu", True) is None:
        return False
    return refusal(op, arguments, D, True) is None


def described(arguments):
    return [(path, tuple(x.shape), x.dtype) for path, x in tensors_in(arguments)]


@pytest.mark.parametrize(
    "op", [op for op in op_db if op.supports_out and op.error_inputs_func], ids=lambda op: op.full_name
)
def test_what_opinfo_calls_errors(op):
    taken = []
    for error in op.error_inputs("cpu"):
        sample = error.sample_input
        arguments = [sample.input, list(sample.args), dict(sample.kwargs)]
        if "out" in sample.kwargs or not tensors_in(sample.input):
            continue
        if accepted(op, arguments):
            taken.append(described(arguments))
    assert not taken


@pytest.mark.parametrize("op", [op for op in op_db if op.full_name in CHANGED], ids=lambda op: op.full_name)
def test_one_tensor_of_other_sizes_or_dtype(op):
    taken = []
    for sample in itertools.islice(op.sample_inputs("cpu", torch.float32), 4):
        arguments = [sample.input, list(sample.args), dict(sample.kwargs)]
        if sum(x.numel() for _, x in tensors_in(arguments)) > 2000 or not tensors_in(sample.input):
            continue
        for path, tensor in tensors_in(arguments):
            for changed in changes(tensor.detach()):
                tried = mapped(arguments, lambda p, x, path=path, changed=changed: changed if p == path else x)
                if accepted(op, tried):
                    taken.append(described(tried))
    assert not taken
