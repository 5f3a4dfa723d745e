"""Changes to a program's tensors and arguments: other layouts, values, sizes, dtypes. Each takes (rng, program) and changes it
in place; what becomes illegal by it is refused by both devices alike."""

import math

from fuzz import tensors

LARGE = [65_535, 65_536, 65_537, 70_000, 131_075, 300_001]
ODD = [0, 1, 2, 3, 5, 7, 13, 16, 17, 31, 33, 64, 67, 127, 129, 257, 1031]
MOST = 1 << 20  # elements of a tensor, but for the rare huge ones
FLOATS = ["float32", "float64", "float16", "bfloat16"]
EDGES = [
    65_536,
    70_000,
    0,
    1,
    -1,
    2,
    -3,
    7,
    127,
    128,
    255,
    256,
    -128,
    -129,
    32_767,
    32_768,
    2**31 - 1,
    -(2**31),
    2**31,
    2**53,
    2**63 - 1,
    -(2**63),
]


def layouts(rng, shape):
    """Strides and an offset of a kind that views have: transposed, stepped, padded, channels-last, broadcast."""
    axes = list(range(len(shape)))
    kind = rng.choice(["permuted", "stepped", "padded", "channels_last", "expanded", "offset"])
    if kind == "permuted" or (kind == "channels_last" and len(shape) < 3):
        rng.shuffle(axes)
    elif kind == "channels_last":
        axes = [0, *range(2, len(shape)), 1]
    strides, step = [0] * len(shape), 1
    for axis in reversed(axes):
        if kind == "stepped" and rng.random() < 0.5:
            step *= rng.choice([2, 3])
        strides[axis] = step
        step *= max(1, shape[axis]) + (rng.choice([0, 1, 3]) if kind == "padded" else 0)
    if kind == "expanded":
        for axis in axes:
            if rng.random() < 0.5:
                strides[axis] = 0
    return strides, rng.choice([0, 0, 1, 3, 16]) if kind != "offset" else rng.choice([1, 2, 3, 5, 7])


def some_tensor(rng, program, among=lambda data: True):
    chosen = [data for data in program["tensors"] if among(data)]
    return rng.choice(chosen) if chosen else None


def is_float(data):
    return data["dtype"] in FLOATS


def layout(rng, program):
    data = some_tensor(rng, program, lambda d: math.prod(d["shape"]) > 1)
    if data is None:
        return
    strides, offset = layouts(rng, data["shape"])
    if sum((n - 1) * s for n, s in zip(data["shape"], strides)) > 4 * MOST:
        return
    data["strides"], data["offset"] = strides, offset


def special_values(rng, program):
    data = some_tensor(rng, program, is_float)
    if data is None:
        return
    seed = rng.randrange(1 << 30)
    if data["values"]["kind"] == "list" and data["values"]["list"]:
        from fuzz import values

        listed = list(data["values"]["list"])
        choices = [values._written(x) for x in values.specials_of(tensors.DTYPES[data["dtype"]])]
        for _ in range(rng.choice([1, 1, 3])):
            listed[rng.randrange(len(listed))] = rng.choice(choices)
        data["values"] = {"kind": "list", "list": listed}
    else:
        data["values"] = {"kind": rng.choice(["special", "special", "wide"]), "seed": seed}


def other_values(rng, program):
    """Floats drawn anew; integers only where they are no indices as far as one can see."""
    data = some_tensor(rng, program, is_float)
    if data is not None:
        data["values"] = {
            "kind": rng.choice(["normal", "wide", "small", "positive", "unit"]),
            "seed": rng.randrange(1 << 30),
        }


def constant(rng, program):
    """All elements alike: indices that all meet at one place, ties in every comparison."""
    data = some_tensor(rng, program, lambda d: d["values"]["kind"] == "list" and d["values"]["list"])
    if data is not None:
        data["values"] = {"kind": "full", "value": rng.choice(data["values"]["list"])}


def dtype(rng, program):
    """Another dtype for one tensor: promotion, or a refusal."""
    data = some_tensor(rng, program)
    if data is None:
        return
    kind = data["values"]["kind"]
    if kind == "bytes" or (kind in ("list", "full", "tile") and not is_float(data)):
        new = rng.choice(["int64", "int32", "int16", "int8", "uint8", "bool"])
        if kind == "bytes":
            return
        listed = data["values"].get("list", [data["values"].get("value")])
        if not fits(new, listed):
            return
    else:
        new = rng.choice(FLOATS)
    data["dtype"] = new


def fits(name, numbers):
    import torch

    if name == "bool":
        return all(x in (0, 1) for x in numbers)
    limits = torch.iinfo(tensors.DTYPES[name])
    return all(limits.min <= x <= limits.max for x in numbers)


def zero_dim(rng, program):
    """A tensor without axes, of another dtype: it does not promote within its category."""
    data = some_tensor(rng, program, lambda d: is_float(d) and not d.get("out"))
    if data is None:
        return
    data["shape"] = []
    data.pop("strides", None)
    data.pop("offset", None)
    data["dtype"] = rng.choice(FLOATS)
    data["values"] = {"kind": "list", "list": [rng.choice([0.5, -1.25, 2.0, 3.0])]}


def size(rng, program):
    """One size, wherever it stands in the tensors, becomes another: large, odd, 0 or 1."""
    sizes = sorted({n for data in program["tensors"] for n in data["shape"] if n > 1})
    if not sizes:
        return
    old = rng.choice(sizes)
    most = max(math.prod(d["shape"]) // old ** d["shape"].count(old) for d in program["tensors"] if old in d["shape"])
    new = rng.choice(LARGE if rng.random() < 0.6 else ODD)
    power = max(d["shape"].count(old) for d in program["tensors"])
    if max(1, most) * new**power > MOST:
        new = rng.choice([n for n in ODD if most * n**power <= MOST] or [1])
    resize(program, old, new, rng)


def resize(program, old, new, rng=None):
    for data in program["tensors"]:
        if old not in data["shape"]:
            continue
        data["shape"] = [new if n == old else n for n in data["shape"]]
        data.pop("strides", None)
        data.pop("offset", None)
        if data["values"]["kind"] in ("list", "bytes"):
            if is_float(data):
                data["values"] = {"kind": "normal", "seed": rng.randrange(1 << 30) if rng else 0}
            elif data["values"]["kind"] == "list" and data["values"]["list"]:
                data["values"] = {"kind": "tile", "list": data["values"]["list"]}
            else:
                data["values"] = {"kind": "index", "seed": 1, "bound": 2}


def number(rng, program):
    """Some number among the arguments becomes another, at the edge of a dtype or negative."""
    places = []
    for step in program["steps"]:
        collect(step["args"], places)
        collect(step.get("kwargs", {}), places)
    if not places:
        return
    holder, key = rng.choice(places)
    if isinstance(holder[key], bool):
        holder[key] = not holder[key]
    elif isinstance(holder[key], int):
        holder[key] = rng.choice([holder[key] + 1, holder[key] - 1, -holder[key], rng.choice(EDGES)])
    else:
        holder[key] = rng.choice(
            [0.0, -0.0, 1.0, -1.0, 0.5, 1e-12, 1e30, {"float": "nan"}, {"float": "inf"}, {"float": "-inf"}, 3, -2]
        )


def collect(data, places):
    """Every place in the arguments where a number stands."""
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for key, value in items:
        if tensors.is_reference(value) or (isinstance(data, dict) and key in ("device", "ellipsis", "item")):
            continue
        if isinstance(value, bool | int | float):
            places.append((data, key))
        elif not isinstance(value, str):
            collect(value, places)


def shared(rng, program):
    """Two arguments that are one tensor."""
    count = len(program["tensors"])
    if count < 2:
        return
    a, b = rng.sample(range(count), 2)
    for step in program["steps"]:
        for part in ("args", "kwargs"):
            if part in step:
                step[part] = tensors.replace(step[part], lambda r: {"tensor": a} if r.get("tensor") == b else r)


MUTATIONS = [
    (layout, 6),
    (special_values, 4),
    (other_values, 2),
    (size, 4),
    (dtype, 2),
    (zero_dim, 2),
    (number, 3),
    (constant, 2),
    (shared, 1),
]


def mutate(rng, program, count):
    functions, weights = zip(*MUTATIONS)
    for function in rng.choices(functions, weights, k=count):
        function(rng, program)
