"""PyTorch's own list of inputs that its operators refuse: the device refuses them with the same kind of error and words."""

import re
import warnings

import lineshaft_torch
import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db

D = "lineshaft:0"

# What is not refused in the same way, and why.
NO_COMPLEX = "the device has no complex numbers"
MANY_AXES = "the inputs have over 60 axes"
MISSING = "the device lacks the operator"
DIFFERENT = {
    "complex": NO_COMPLEX,
    "gradient": NO_COMPLEX,
    "masked_fill": NO_COMPLEX,
    "nn.functional.conv1d": NO_COMPLEX,
    "nn.functional.conv2d": NO_COMPLEX,
    "nn.functional.conv3d": NO_COMPLEX,
    "fft.hfft": NO_COMPLEX,
    "fft.irfft": NO_COMPLEX,
    "aminmax": MANY_AXES,
    "amax": MANY_AXES,
    "amin": MANY_AXES,
    "ormqr": MISSING,
    "histogramdd": MISSING,
    "linalg.lstsq": MISSING,
    "linalg.lstsq.grad_oriented": MISSING,
}


def name_of(op):
    return op.name + ("." + op.variant_test_name if op.variant_test_name else "")


OPERATORS = [op for op in op_db if op.error_inputs_func is not None]


@pytest.fixture(autouse=True)
def fallback_is_an_error():
    lineshaft_torch.set_fallback("error")
    yield


def error_of(op, sample):
    try:
        op(sample.input, *sample.args, **sample.kwargs)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("op", OPERATORS, ids=name_of)
def test_error_inputs(op):
    name = name_of(op)
    if name in DIFFERENT:
        pytest.skip(DIFFERENT[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Some lists hold what only another device refuses.
        refused = {given.error_regex for given in op.error_inputs("cpu") if error_of(op, given.sample_input)}
        for number, given in enumerate(op.error_inputs(D)):
            if not given.error_regex or given.error_regex not in refused:
                continue
            error = error_of(op, given.sample_input)
            assert isinstance(error, given.error_type), (
                f"input {number}: {error!r}, not {given.error_type.__name__}: {given.error_regex}"
            )
            assert re.search(given.error_regex, str(error)), f"input {number}: {error}, not {given.error_regex}"
    torch.lineshaft.synchronize()
