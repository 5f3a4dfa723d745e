"""One operator with a sample of PyTorch's own (OpInfo), changed: as function, method, in place or into `out=`, with gradients."""

import itertools
import math
import random
import warnings

import numpy
import torch
from opinfo.cases import is_random, uninitialized
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils import _pytree as pytree

from fuzz import calls, mutate, tensors

# What the device has no way to: complex and sparse tensors, code for CUDA. And what gives
# no tensors of a device or wants some on the CPU.
LEFT_OUT = (
    "jiterator",
    "sparse",
    "to_sparse",
    "fft.",
    "broadcast_shapes",
    "stft",
    "istft",
    "cfloat",
    "cdouble",
    "chalf",
    "complex",
    "polar",
    "view_as_complex",
    "hash_tensor",
    "tensor_split",
    "_batch_norm_with_update",
)
OPERATORS = [op for op in op_db if not op.name.startswith(LEFT_OUT)]
SAMPLES = 60
# These draw too, by operators in place.
DRAWS = {"cauchy", "exponential", "geometric", "log_normal", "uniform", "bernoulli", "randint", "randint_like"}


def order(seed):
    """Every operator once, in an order of the seed's."""
    numbers = list(range(len(OPERATORS)))
    random.Random(f"order {seed}").shuffle(numbers)
    return numbers


def make(rng, number, seed, only=None):
    operators = [op for op in OPERATORS if only is None or calls.opinfo_name(op) in only or op.name in only]
    if not operators:
        return None
    op = operators[order(seed)[number % len(OPERATORS)]] if only is None else operators[number % len(operators)]
    dtype = pick_dtype(rng, op)
    if dtype is None:
        return None
    backward = (
        dtype.is_floating_point
        and op.supports_autograd
        and dtype in op.supported_backward_dtypes("cpu")
        and rng.random() < 0.35
    )
    try:
        sample = pick_sample(rng, op, dtype, backward)
        program = program_of(rng, op, sample, backward)
    except (tensors.Inexpressible, RuntimeError, TypeError, ValueError, NotImplementedError, IndexError):
        return None
    if program is None:
        return None
    mutate.mutate(rng, program, rng.choice([0, 1, 1, 2, 2, 3]))
    if backward:
        differentiate(rng, program)
    if program.get("random"):
        return program
    step = program["steps"][0]
    if (
        not backward
        and dtype.is_floating_point
        and op.supports_forward_ad
        and "out" not in step["kwargs"]
        and rng.random() < 0.06
    ):
        args = [step["call"], step["args"], {"dict": step["kwargs"]}, rng.randrange(1 << 20)]
        program["steps"] = [{"call": "special.tangent", "args": args, "kwargs": {}}]
        return program
    if rng.random() < 0.04:
        program["threads"] = rng.choice([2, 4])
    elif rng.random() < 0.06 and not backward:
        program["graph"] = True
    if rng.random() < 0.03 and dtype == torch.float32:
        program["autocast"] = rng.choice(["bfloat16", "float16"])
    return program


def pick_dtype(rng, op):
    supported = [d for d in tensors.DTYPES.values() if op.supports_dtype(d, "cpu")]
    if not supported:
        return None
    if torch.float32 in supported and rng.random() < 0.4:
        return torch.float32
    return rng.choice(supported)


def pick_sample(rng, op, dtype, backward):
    seed = rng.randrange(1 << 30)
    torch.manual_seed(seed)
    numpy.random.seed(seed)
    random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = rng.random()
        if kind < 0.04 and op.error_inputs_func is not None:
            samples = (error.sample_input for error in op.error_inputs("cpu"))
        elif kind < 0.25 and op.reference_inputs_func is not None:
            samples = op.reference_inputs("cpu", dtype, requires_grad=backward)
        else:
            samples = op.sample_inputs("cpu", dtype, requires_grad=backward)
        # One of the first ones, each as likely as the others, without making the rest.
        chosen = None
        for i, sample in enumerate(itertools.islice(samples, rng.randrange(SAMPLES) + 1)):
            chosen = sample if rng.randrange(i + 1) == 0 else chosen
    if chosen is None:
        raise ValueError("there is no sample")
    return chosen


def program_of(rng, op, sample, backward):
    leaves = [x for x in pytree.tree_leaves((sample.input, sample.args, sample.kwargs)) if isinstance(x, torch.Tensor)]
    if sum(x.numel() for x in leaves) > mutate.MOST:
        return None
    made = []
    args = [tensors.encode(sample.input, made), *(tensors.encode(x, made) for x in sample.args)]
    kwargs = {k: tensors.encode(v, made) for k, v in sample.kwargs.items()}
    if not made:
        kwargs["device"] = {"device": True}
    variant = rng.choices(
        ["function", "method", "inplace", "out"], [6, 2, 2 if not backward else 0, 2 if not backward else 0]
    )[0]
    if variant == "out" and not op.supports_out:
        variant = "function"
    call = calls.name_of(op, "function" if variant == "out" else variant) or calls.name_of(op)
    program = {"tensors": made, "steps": [{"call": call, "args": args, "kwargs": kwargs}]}
    if is_random(op, sample) or uninitialized(op) or op.name in DRAWS:
        program["random"] = True
        for data in made:
            data.pop("grad", None)
    if variant == "out" and made:
        program = into_out(rng, op, sample, program)
    return program


def into_out(rng, op, sample, program):
    """Gives `out=`: as it should be, with other strides, to be resized, of another dtype, or one of the inputs."""
    with torch.no_grad():
        result = op(sample.input, *sample.args, **sample.kwargs)
    plural = not isinstance(result, torch.Tensor)
    results = list(result) if plural else [result]
    if not all(isinstance(x, torch.Tensor) and x.dtype in tensors.DTYPES.values() for x in results):
        return program
    outs = []
    for tensor in results:
        data = {
            "shape": list(tensor.shape),
            "dtype": tensors.name_of(tensor.dtype),
            "values": {"kind": "full", "value": 3 if tensor.dtype != torch.bool else True},
            "out": True,
        }
        kind = rng.choice(["plain", "strided", "strided", "empty", "wrong size", "dtype", "alias"])
        if kind == "strided" and math.prod(data["shape"]) > 1:
            data["strides"], data["offset"] = mutate.layouts(rng, data["shape"])
            if 0 in data["strides"]:
                del data["strides"], data["offset"]
        elif kind == "empty":
            data["shape"] = [0]
        elif kind == "wrong size":
            data["shape"] = [*data["shape"], 2]
        elif kind == "dtype":
            data["dtype"] = rng.choice(list(tensors.DTYPES))
            if data["dtype"] == "bool":
                data["values"] = {"kind": "full", "value": True}
        fitting = [
            i for i, t in enumerate(program["tensors"]) if t["shape"] == data["shape"] and t["dtype"] == data["dtype"]
        ]
        if kind == "alias" and fitting:
            outs.append({"tensor": rng.choice(fitting)})
        else:
            program["tensors"].append(data)
            outs.append({"tensor": len(program["tensors"]) - 1})
    program["steps"][0]["kwargs"]["out"] = {"tuple": outs} if plural else outs[0]
    return program


def differentiate(rng, program):
    inputs = [
        {"tensor": i}
        for i, data in enumerate(program["tensors"])
        if data.get("grad") and data["dtype"] in mutate.FLOATS
    ]
    for data in program["tensors"]:
        if data["dtype"] not in mutate.FLOATS:
            data.pop("grad", None)
    if not inputs:
        return
    how = rng.choices(["grad", "backward", "twice", "accumulate", "second", "expanded"], [5, 2, 1, 1, 1, 2])[0]
    program["steps"].append(
        {
            "call": "special.gradients",
            "args": [[{"result": 0}], inputs, rng.randrange(1 << 20)],
            "kwargs": {"how": how, "skip": rng.choice([0, 0, 1])},
        }
    )
