"""The devices' random number generators."""

import torch

from . import _C
from ._utils import _get_device_index


def _generator(device="lineshaft") -> torch.Generator:
    return _C.default_generator(_get_device_index(device))


_get_generator = _generator  # PyTorch's name for it


def default_generators() -> tuple[torch.Generator, ...]:
    return tuple(_C.default_generator(i) for i in range(_C.device_count()))


def get_rng_state(device="lineshaft") -> torch.Tensor:
    return _generator(device).get_state()


def set_rng_state(new_state: torch.Tensor, device="lineshaft"):
    _generator(device).set_state(new_state)


def get_rng_state_all() -> list[torch.Tensor]:
    return [get_rng_state(i) for i in range(_C.device_count())]


def set_rng_state_all(new_states):
    for index, state in enumerate(new_states):
        set_rng_state(state, index)


def manual_seed(seed: int):
    _generator().manual_seed(int(seed))


def manual_seed_all(seed: int):
    """Seeds the generators of all devices. Does not look for devices: torch.manual_seed() calls it."""
    _C.seed_all(int(seed) & 0xFFFF_FFFF_FFFF_FFFF)


def seed():
    _generator().seed()


def seed_all():
    value = _generator(0).seed()
    for index in range(1, _C.device_count()):
        _generator(index).manual_seed(value)


def initial_seed() -> int:
    return _generator().initial_seed()
