"""Numbers for tensors, as data: a kind and a seed, or the numbers themselves. The same data gives the same bits everywhere."""

import base64
import math
import zlib

import torch

# Written out one by one up to this many, so that a find can be read.
LISTED = 64

SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5]


def specials_of(dtype):
    """What arithmetic treats in its own way: NaN, infinities, zeros, the ends of the range, subnormals, near halves."""
    limits = torch.finfo(dtype)
    return [
        *SPECIAL,
        limits.max,
        limits.min,
        limits.tiny,
        -limits.tiny,
        limits.tiny * limits.eps,
        limits.tiny / 2,
        1 + limits.eps,
    ]


def generate(kind, shape, dtype, seed):
    """A tensor on the CPU. Kinds: normal, special, wide, small, positive, unit."""
    generator = torch.Generator().manual_seed(seed)
    if dtype == torch.bool:
        return torch.rand(shape, generator=generator) < 0.5
    if not dtype.is_floating_point:
        limits = torch.iinfo(dtype)
        if kind in ("wide", "special"):
            drawn = torch.randint(max(limits.min, -(2**62)), min(limits.max, 2**62), shape, generator=generator)
            ends = torch.tensor([limits.min, limits.max, 0, 1, max(limits.min, -1)])
            chosen = ends[torch.randint(0, len(ends), shape, generator=generator)]
            return torch.where(torch.rand(shape, generator=generator) < 0.2, chosen, drawn).to(dtype)
        low = 1 if kind in ("positive", "unit") else max(-9, limits.min)
        return torch.randint(low, 10, shape, generator=generator).to(dtype)
    if kind == "unit":
        return torch.rand(shape, generator=generator, dtype=torch.float64).to(dtype)
    drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
    if kind == "positive":
        drawn = drawn.abs() + 0.05
    elif kind == "small":
        # Where an epsilon that is added somewhere counts.
        drawn = drawn * 10.0 ** -(1 + seed % 5)
    elif kind == "wide":
        limits = torch.finfo(dtype)
        low, high = math.log(limits.tiny), math.log(limits.max) * 0.99
        power = torch.rand(shape, generator=generator, dtype=torch.float64) * (high - low) + low
        drawn = drawn.sign() * power.exp()
    elif kind == "special":
        choices = torch.tensor(specials_of(dtype), dtype=torch.float64)
        chosen = choices[torch.randint(0, len(choices), shape, generator=generator)]
        drawn = torch.where(torch.rand(shape, generator=generator) < 0.25, chosen, drawn)
    return drawn.to(dtype)


def make(data, shape, dtype):
    """The tensor that `data` describes, contiguous, on the CPU."""
    kind = data["kind"]
    if kind == "list":
        return torch.tensor([_number(x) for x in data["list"]], dtype=dtype).reshape(shape)
    if kind == "bytes":
        raw = bytearray(zlib.decompress(base64.b64decode(data["zlib"])))
        return torch.frombuffer(raw, dtype=dtype).reshape(shape) if raw else torch.empty(shape, dtype=dtype)
    if kind == "full":
        return torch.full(shape, _number(data["value"]), dtype=dtype)
    if kind == "tile":
        listed, count = torch.tensor([_number(x) for x in data["list"]], dtype=dtype), math.prod(shape)
        return listed.repeat(-(-count // len(listed)))[:count].reshape(shape)
    if kind == "index":
        generator = torch.Generator().manual_seed(data["seed"])
        return torch.randint(0, max(1, data["bound"]), shape, generator=generator).to(dtype)
    return generate(kind, shape, dtype, data["seed"])


def describe(tensor):
    """The data that gives this tensor back."""
    flat = tensor.detach().contiguous().reshape(-1)
    if flat.numel() <= LISTED:
        return {"kind": "list", "list": [_written(x) for x in flat.tolist()]}
    first = flat[0]
    if first == first and bool((flat == first).all()) and not bool((first == 0) & torch.signbit(flat).any()):
        return {"kind": "full", "value": _written(first.item())}
    raw = flat.view(torch.uint8).numpy().tobytes()
    return {"kind": "bytes", "zlib": base64.b64encode(zlib.compress(raw, 6)).decode()}


def _number(written):
    return float(written) if isinstance(written, str) else written


def _written(number):
    """JSON has no NaN and no infinities."""
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number
