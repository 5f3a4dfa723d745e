"""Parts of PyTorch and other libraries that keep a list of the devices that they know: they are told of this one when imported."""

import functools

import torch

from ._utils import _get_device_index
from .after_import import after_import


def _flex_attention(module):
    """Its eager form is made of operators that every device has."""
    stock = module._validate_device

    @functools.wraps(stock)
    def _validate_device(query, key, value):
        if query.device.type != "lineshaft":
            stock(query, key, value)

    module._validate_device = _validate_device


def _number(given):
    """A device as safetensors takes devices that it has no name for: by number, which torch reads as the accelerator's."""
    if isinstance(given, str | torch.device) and str(given).split(":")[0] == "lineshaft":
        return _get_device_index(given)
    return given


def _safetensors(module):
    stock = module.safe_open

    @functools.wraps(stock)
    def safe_open(filename, framework, device="cpu", **options):
        return stock(filename, framework, device=_number(device), **options)

    module.safe_open = safe_open


def register():
    after_import("torch.nn.attention.flex_attention", _flex_attention)
    after_import("safetensors", _safetensors)
