"""What a step of a program calls, by name: "torch.softmax", "Tensor.add_", "opinfo:linalg.norm" or "special.checkpointed"."""

import functools

import torch
from torch.testing._internal.common_methods_invocations import op_db

from fuzz import specials


def opinfo_name(op):
    return op.name + ("." + op.variant_test_name if op.variant_test_name else "")


@functools.cache
def opinfos():
    return {opinfo_name(op): op for op in op_db}


def resolve(name):
    """The function of this name."""
    if name in replaced:
        return replaced[name]
    kind, _, rest = name.partition(".")
    if name.startswith("opinfo:"):
        return opinfos()[name.removeprefix("opinfo:")].op
    if kind == "special":
        return specials.REGISTRY[rest]
    found = torch.Tensor if kind == "Tensor" else torch
    for part in rest.split("."):
        found = getattr(found, part)
    return found


# Functions that stand in for others, for the tests of the fuzzer itself: name to function.
replaced = {}


@functools.cache
def _names():
    """Functions and methods of PyTorch's public modules by identity."""
    names = {}
    modules = {
        "torch.nn.functional": torch.nn.functional,
        "torch.special": torch.special,
        "torch.linalg": torch.linalg,
        "torch": torch,
    }
    for prefix, module in modules.items():
        for attribute in dir(module):
            found = getattr(module, attribute, None)
            if callable(found) and not attribute.startswith("__"):
                names[id(found)] = f"{prefix}.{attribute}"
    return names


def _method(function, op, suffix=""):
    name = getattr(function, "__name__", None)
    found = name and getattr(torch.Tensor, name, None) is function
    return f"Tensor.{name}" if found else f"opinfo:{opinfo_name(op)}{suffix}"


def name_of(op, variant="function"):
    """The name for a variant (function, method, inplace) of an OpInfo, or None if there is no such variant."""
    if variant == "function":
        return _names().get(id(op.op), f"opinfo:{opinfo_name(op)}")
    function = op.method_variant if variant == "method" else op.inplace_variant
    name = getattr(function, "__name__", "")
    return f"Tensor.{name}" if function is not None and hasattr(torch.Tensor, name) else None


def operator_of(name):
    """The name under which a call counts for coverage: of all its variants alike."""
    plain = name.removeprefix("opinfo:").removeprefix("torch.").removeprefix("Tensor.").removeprefix("nn.functional.")
    return plain[:-1] if plain.endswith("_") and not plain.endswith("__") else plain
