"""Tensors and arguments as data.

A tensor: {"shape", "dtype", "values"} and, where it differs from a plain one, "strides" and "offset" in a storage of its own
whose other elements are FILLER, "grad", "parameter". An argument: what JSON has, or an object with one key that names its kind,
such as {"float": "nan"}, {"tuple": [...]}, {"dtype": "float16"}, {"tensor": 2} (the third tensor), {"result": 0, "item": 1}
(the second result of the first step), {"device": true}.
"""

import math
import numbers

import torch

from fuzz import values

DTYPES = {
    str(d).removeprefix("torch."): d
    for d in (
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    )
}
# What lies between the elements of a view: to read it gives a wrong result, to write it shows in the base.
FILLER = 77


class Inexpressible(Exception):
    """An argument that is no data: a function, a generator, a complex tensor."""


def name_of(dtype):
    return str(dtype).removeprefix("torch.")


def describe(tensor):
    if tensor.layout != torch.strided or tensor.dtype not in DTYPES.values() or tensor.device.type != "cpu":
        raise Inexpressible(f"a tensor of {tensor.dtype}, {tensor.layout}, on {tensor.device}")
    data = {"shape": list(tensor.shape), "dtype": name_of(tensor.dtype), "values": values.describe(tensor)}
    if not tensor.is_contiguous():
        data["strides"] = list(tensor.stride())
    if tensor.requires_grad:
        data["grad"] = True
    return data


def extent(data):
    """Elements of the storage that a tensor of these sizes and strides needs."""
    if 0 in data["shape"]:
        return data.get("offset", 0)
    return data.get("offset", 0) + sum((n - 1) * s for n, s in zip(data["shape"], data["strides"])) + 1


def build(data, device, dtype=None, noise=None):
    """The tensor and its base (the whole storage). `dtype` replaces a floating dtype; `noise(tensor)` gives other values."""
    own = DTYPES[data["dtype"]]
    made = values.make(data["values"], tuple(data["shape"]), own)
    if dtype is not None and own.is_floating_point:
        made = made.to(dtype)
    if noise is not None and own.is_floating_point:
        made = noise(made, own)
    if "strides" in data:
        strides = data["strides"]
        base = torch.full((extent(data),), FILLER if made.dtype != torch.bool else True, dtype=made.dtype)
        # Where a stride is 0 all indices share the first one's value.
        repeats = [n > 1 and s == 0 for n, s in zip(data["shape"], strides)]
        for axis, repeated in enumerate(repeats):
            made = made.narrow(axis, 0, 1) if repeated else made
        sizes = [1 if repeated else n for n, repeated in zip(data["shape"], repeats)]
        base.as_strided(sizes, strides, data.get("offset", 0)).copy_(made)
        base = base.to(device)
        tensor = base.as_strided(data["shape"], strides, data.get("offset", 0))
    else:
        tensor = base = made.clone().to(device)
    if data.get("grad"):
        tensor = tensor.detach().requires_grad_()
    return tensor, base


def encode(value, tensors):
    """An argument as data; tensors in it are appended to `tensors`."""
    if isinstance(value, torch.Tensor):
        tensors.append(describe(value))
        return {"tensor": len(tensors) - 1}
    if value is None or isinstance(value, bool | str):
        return {"device": True} if value == "cpu" else value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, list):
        return [encode(x, tensors) for x in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(x, tensors) for x in value]}
    if isinstance(value, dict):
        return {"dict": {k: encode(x, tensors) for k, x in value.items()}}
    if isinstance(value, slice):
        return {"slice": [encode(x, tensors) for x in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, torch.dtype):
        return {"dtype": name_of(value)}
    if isinstance(value, torch.device):
        return {"device": True}
    if isinstance(value, torch.memory_format | torch.layout):
        return {"torch": name_of(value)}
    raise Inexpressible(f"an argument {value!r}")


def is_reference(data):
    return isinstance(data, dict) and ("tensor" in data or "result" in data)


def decode(data, look_up, device, dtype=None):
    """The argument that `data` describes; `look_up` gives what a reference stands for."""
    if isinstance(data, list):
        return [decode(x, look_up, device, dtype) for x in data]
    if not isinstance(data, dict):
        return data
    if is_reference(data):
        return look_up(data)
    (kind, inner) = next(iter(data.items()))
    if kind == "tuple":
        return tuple(decode(x, look_up, device, dtype) for x in inner)
    if kind == "dict":
        return {k: decode(x, look_up, device, dtype) for k, x in inner.items()}
    if kind == "slice":
        return slice(*(decode(x, look_up, device, dtype) for x in inner))
    if kind == "float":
        return float(inner)
    if kind == "ellipsis":
        return ...
    if kind == "device":
        return torch.device(device)
    if kind == "torch":
        return getattr(torch, inner)
    if kind == "dtype":
        named = getattr(torch, inner)
        return dtype if dtype is not None and named.is_floating_point else named
    raise ValueError(f"no argument is of the kind {kind!r}")


def references(data):
    """All references in an argument, in order."""
    if is_reference(data):
        yield data
    elif isinstance(data, dict):
        for inner in _inside(data).values():
            yield from references(inner)
    elif isinstance(data, list):
        for inner in data:
            yield from references(inner)


def replace(data, change):
    """The argument with each reference replaced by what change(reference) gives."""
    if is_reference(data):
        return change(data)
    if isinstance(data, dict):
        changed = {k: replace(x, change) for k, x in _inside(data).items()}
        return {"dict": changed} if "dict" in data else changed
    if isinstance(data, list):
        return [replace(x, change) for x in data]
    return data


def _inside(data):
    """The names of a dictionary among the arguments are the program's own."""
    return data["dict"] if "dict" in data else data
