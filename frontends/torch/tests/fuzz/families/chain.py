"""Several operators one after another on a few tensors: elementwise chains that fuse, views and writes through them, scans and
reductions between. The program runs on the CPU while it is made, so that each step fits the sizes that are there."""

import contextlib
import math
import warnings

import torch

from fuzz import calls, mutate, tensors

UNARY = """abs neg exp expm1 log log1p log2 sqrt rsqrt square sin cos tan tanh sinh asinh atan sigmoid erf erfc floor ceil trunc
round sign reciprocal relu nn.functional.relu6 nn.functional.hardtanh nn.functional.gelu nn.functional.silu nn.functional.softplus
nn.functional.softshrink nn.functional.hardswish nn.functional.hardsigmoid nn.functional.elu nn.functional.leaky_relu
nn.functional.logsigmoid nn.functional.mish isnan isinf isfinite signbit logical_not bitwise_not clone frac nan_to_num deg2rad
special.expit lgamma digamma erfinv i0 sinc positive sgn""".split()
BINARY = """add sub mul div maximum minimum fmax fmin atan2 pow remainder fmod floor_divide eq ne lt le gt ge logical_and logical_or
logical_xor hypot copysign nextafter bitwise_and bitwise_or bitwise_xor heaviside xlogy logaddexp ldexp where_self gcd lcm
bitwise_left_shift bitwise_right_shift true_divide rsub isclose""".split()
TERNARY = "addcmul addcdiv lerp where clamp".split()
REDUCTIONS = """sum mean amax amin prod std var all any argmax argmin logsumexp nansum median count_nonzero std_mean var_mean
aminmax norm nanmean nanmedian mode""".split()
ALONG = "softmax log_softmax cumsum cumprod cummax cummin logcumsumexp sort argsort flip nn.functional.normalize nn.functional.softmin".split()
INPLACE = "add_ sub_ mul_ div_ copy_ fill_ zero_ neg_ clamp_ relu_ exp_ masked_fill_ abs_ sigmoid_ addcmul_ lerp_ remainder_ pow_ floor_divide_".split()
SHAPES = [
    (),
    (1,),
    (0,),
    (7,),
    (5, 3),
    (2, 3, 4),
    (2, 3, 5, 4),
    (1, 17),
    (13, 1),
    (0, 3),
    (64, 33),
    (3, 1, 5),
    (257,),
    (1031,),
]


class Maker:
    """A program in the making, with the CPU's values of what it has so far."""

    def __init__(self, rng):
        self.rng, self.program, self.live, self.large = rng, {"tensors": [], "steps": []}, [], False

    def tensor(self, shape, dtype=None, kind=None):
        rng = self.rng
        dtype = dtype or rng.choice(["float32"] * 5 + list(tensors.DTYPES))
        kind = kind or rng.choices(["normal", "special", "wide", "positive"], [5, 2, 1, 2])[0]
        data = {"shape": list(shape), "dtype": dtype, "values": {"kind": kind, "seed": rng.randrange(1 << 30)}}
        if math.prod(shape) > 1 and rng.random() < 0.35:
            strides, offset = mutate.layouts(rng, shape)
            if 0 not in strides:
                data["strides"], data["offset"] = strides, offset
        self.program["tensors"].append(data)
        self.live.append(({"tensor": len(self.program["tensors"]) - 1}, tensors.build(data, "cpu")[0]))

    def pick(self, among=lambda t: True):
        chosen = [entry for entry in self.live if among(entry[1])]
        # The later ones more often: chains, not bushes.
        return chosen[max(self.rng.randrange(len(chosen)), self.rng.randrange(len(chosen)))] if chosen else None

    def fitting(self, tensor):
        """Something to combine with a tensor: of its size or broadcast to it, or a number."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.25:
            return number(rng, tensor.dtype), None
        if kind < 0.65:
            same = [entry for entry in self.live if fits(entry[1].shape, tensor.shape)]
            if same:
                return rng.choice(same)
        shape = [n if rng.random() < 0.7 else 1 for n in tensor.shape][rng.choice([0, 0, 0, 1]) :]
        self.tensor(shape, tensors.name_of(tensor.dtype) if rng.random() < 0.5 else None)
        return self.live.pop()

    def mask(self, like):
        self.tensor(like.shape, "bool")
        return self.live.pop()

    def step(self, call, *args, **kwargs):
        """Adds the step and runs it; a step that the CPU refuses is kept now and then, as the last one."""
        place = {}

        def encode(x):
            if isinstance(x, tuple) and len(x) == 2 and isinstance(x[1], torch.Tensor):
                place[str(x[0])] = x[1]
                return x[0]
            return x

        data = {"call": call, "args": [encode(a) for a in args], "kwargs": {k: encode(v) for k, v in kwargs.items()}}
        decoded = [tensors.decode(a, lambda r: place[str(r)], "cpu") for a in data["args"]]
        named = {k: tensors.decode(v, lambda r: place[str(r)], "cpu") for k, v in data["kwargs"].items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = calls.resolve(call)(*decoded, **named)
        except Exception as error:
            if self.rng.random() < 0.1 and "not implemented" not in str(error):
                self.program["steps"].append(data)
                return True
            return False
        if isinstance(result, torch.Tensor) and result.numel() > 2 * mutate.MOST:
            return False
        self.program["steps"].append(data)
        number = len(self.program["steps"]) - 1
        if isinstance(result, torch.Tensor):
            if not result.is_complex():
                self.live.append(({"result": number}, result))
        elif isinstance(result, tuple | list):
            for i, part in enumerate(result):
                if isinstance(part, torch.Tensor) and not part.is_complex():
                    self.live.append(({"result": number, "item": i}, part))
        return False


def fits(shape, target):
    return len(shape) <= len(target) and all(a in (1, b) for a, b in zip(shape[::-1], target[::-1]))


def number(rng, dtype):
    if dtype.is_floating_point:
        return rng.choice([0.5, 2.0, -1.5, 3, 1, 0, -1, 1e-3, {"float": "nan"}, {"float": "inf"}, 100.0])
    return rng.choice([0, 1, 2, 3, -1, -3, 7, True, 0.5, 127, 255, -128])


def axis(rng, tensor):
    return rng.randrange(-tensor.dim(), tensor.dim()) if tensor.dim() else 0


def unary(maker, x):
    return maker.step("torch." + maker.rng.choice(UNARY), x)


def binary(maker, x):
    name = maker.rng.choice(BINARY)
    other = maker.fitting(x[1])
    other = other[0] if other[1] is None else other
    if name == "where_self":
        if isinstance(other, int | float | dict):
            return False
        return maker.step("torch.where", maker.mask(x[1]), x, other)
    kwargs = (
        {"rounding_mode": maker.rng.choice(["floor", "trunc"])} if name == "div" and maker.rng.random() < 0.4 else {}
    )
    if name in ("add", "sub") and maker.rng.random() < 0.3:
        kwargs["alpha"] = maker.rng.choice([2, -1, 0.5])
    pair = (other, x) if isinstance(other, tuple) and maker.rng.random() < 0.3 else (x, other)
    return maker.step("torch." + name, *pair, **kwargs)


def ternary(maker, x):
    name = maker.rng.choice(TERNARY)
    a, b = maker.fitting(x[1]), maker.fitting(x[1])
    a, b = (p[0] if p[1] is None else p for p in (a, b))
    if name == "where":
        return maker.step("torch.where", maker.mask(x[1]), x, a)
    kwargs = {"value": maker.rng.choice([2, 0.5, -1])} if name.startswith("addc") and maker.rng.random() < 0.5 else {}
    return maker.step("torch." + name, x, a, b, **kwargs)


def reduction(maker, x):
    rng, name = maker.rng, maker.rng.choice(REDUCTIONS)
    if name == "norm":
        return maker.step("torch.linalg.vector_norm", x, rng.choice([1, 2, 0, 3.0, {"float": "inf"}]), axis(rng, x[1]))
    if rng.random() < 0.3 or name == "aminmax":
        return maker.step("torch." + name, x) if name != "logsumexp" else maker.step("torch." + name, x, 0)
    kwargs = {"keepdim": rng.random() < 0.5} if name != "count_nonzero" else {}
    if name in ("sum", "mean") and x[1].dim() > 1 and rng.random() < 0.5:
        return maker.step("torch." + name, x, {"tuple": rng.sample(range(x[1].dim()), 2)}, **kwargs)
    return maker.step("torch." + name, x, axis(rng, x[1]), **kwargs)


def along(maker, x):
    name = maker.rng.choice(ALONG)
    where = axis(maker.rng, x[1])
    if name == "flip":
        return maker.step("torch.flip", x, [where])
    return (
        maker.step("torch." + name, x, dim=where)
        if "nn" in name or "sort" not in name
        else maker.step("torch." + name, x, dim=where, stable=True)
    )


def view(maker, x):
    """Views, whose later writes show in what they view."""
    rng, t = maker.rng, x[1]
    n = t.dim()
    if n == 0:
        return maker.step("Tensor.expand", x, [rng.choice([1, 3, 7])])
    d = axis(rng, t)
    size = t.shape[d]
    kind = rng.randrange(10)
    if kind == 0 and n > 1:
        return maker.step("Tensor.transpose", x, d, axis(rng, t))
    if kind == 1:
        return maker.step(
            "special.getitem",
            x,
            {
                "tuple": [
                    {"ellipsis": True},
                    {"slice": [rng.randrange(max(1, t.shape[-1])), None, rng.choice([1, 2, 3])]},
                ]
            },
        )
    if kind == 2 and size:
        start = rng.randrange(size)
        return maker.step("Tensor.narrow", x, d, start, rng.randrange(size - start + 1))
    if kind == 3 and size:
        return maker.step("Tensor.select", x, d, rng.randrange(-size, size))
    if kind == 4:
        return maker.step("Tensor.unsqueeze", x, rng.randrange(n + 1))
    if kind == 5 and n < 5:
        return maker.step("Tensor.expand", x, [rng.choice([2, 3]), *t.shape])
    if kind == 6:
        return maker.step("Tensor.flatten", x, *sorted(i % n for i in (d, axis(rng, t))))
    if kind == 7:
        axes = list(range(n))
        rng.shuffle(axes)
        return maker.step("Tensor.permute", x, axes)
    if kind == 8 and size > 1:
        return maker.step("Tensor.unfold", x, d, rng.randrange(1, size), rng.choice([1, 2]))
    return maker.step("Tensor.diagonal", x) if n > 1 else maker.step("Tensor.view", x, [-1])


def overlaps(tensor):
    """Whether several elements are one place in memory: to write there is undefined, or refused."""
    return tensor.numel() > 1 + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride()))


def inplace(maker, x):
    if overlaps(x[1]) and (0 not in x[1].stride() or maker.rng.random() < 0.8):
        return False
    rng, name = maker.rng, maker.rng.choice(INPLACE)
    if name in ("zero_", "neg_", "relu_", "exp_", "abs_", "sigmoid_"):
        return maker.step("Tensor." + name, x)
    if name == "fill_":
        return maker.step("Tensor.fill_", x, number(rng, x[1].dtype))
    if name == "masked_fill_":
        return maker.step("Tensor.masked_fill_", x, maker.mask(x[1]), number(rng, x[1].dtype))
    if name == "clamp_":
        return maker.step("Tensor.clamp_", x, number(rng, x[1].dtype), None)
    a = maker.fitting(x[1])
    a = a[0] if a[1] is None else a
    if name in ("addcmul_", "lerp_"):
        b = maker.fitting(x[1])
        return maker.step("Tensor." + name, x, a, b[0] if b[1] is None else b)
    return maker.step("Tensor." + name, x, a)


def indexing(maker, x):
    rng, t = maker.rng, x[1]
    if not t.dim() or not t.shape[0]:
        return False
    bound = t.shape[0]
    count = rng.choice([1, 3, 7, 65_537 if t.numel() // bound < 16 else 5])
    index = {
        "shape": [count],
        "dtype": "int64",
        "values": rng.choice(
            [{"kind": "index", "seed": rng.randrange(1 << 30), "bound": bound}, {"kind": "full", "value": bound - 1}]
        ),
    }
    maker.program["tensors"].append(index)
    entry = ({"tensor": len(maker.program["tensors"]) - 1}, tensors.build(index, "cpu")[0])
    kind = rng.randrange(6)
    if kind == 0:
        return maker.step("torch.index_select", x, 0, entry)
    if kind == 1:
        return maker.step("special.getitem", x, entry)
    source_shape = [count, *t.shape[1:]]
    maker.tensor(source_shape, tensors.name_of(t.dtype), "normal")
    source = maker.live.pop()
    if kind == 2:
        return maker.step(
            "Tensor.index_add_" if not overlaps(t) and rng.random() < 0.5 else "Tensor.index_add", x, 0, entry, source
        )
    if kind == 3:
        return (
            maker.step("special.setitem", x, entry, source)
            if index["values"]["kind"] == "full" or count == 1
            else False
        )
    if kind == 4 and t.dim() == 1:
        return maker.step("Tensor.scatter_add", x, 0, entry, source)
    return False


def product(maker, x):
    rng, t = maker.rng, x[1]
    if t.dim() == 0 or not t.dtype.is_floating_point or t.numel() > 100_000:
        return False
    k = t.shape[-1]
    maker.tensor([k, rng.choice([1, 2, 5, 16, 33])] if rng.random() < 0.8 else [k], tensors.name_of(t.dtype), "normal")
    return maker.step("torch.matmul", x, maker.live.pop())


STEPS = {
    "elementwise": [(unary, 5), (binary, 5), (ternary, 2), (inplace, 1), (reduction, 1)],
    "views": [(view, 6), (inplace, 5), (binary, 1), (indexing, 1), (reduction, 1)],
    "mixed": [
        (unary, 2),
        (binary, 2),
        (ternary, 1),
        (reduction, 2),
        (along, 2),
        (view, 2),
        (inplace, 1),
        (indexing, 2),
        (product, 1),
    ],
    "long": [(along, 3), (reduction, 3), (indexing, 3), (unary, 1), (binary, 1)],
}


def make(rng, number, seed, only=None):
    if only is not None:
        return None
    maker = Maker(rng)
    style = rng.choice(list(STEPS))
    for _ in range(rng.choice([1, 1, 2])):
        shape = rng.choice(SHAPES)
        if style == "long" or rng.random() < 0.1:
            shape = rng.choice([(n,) for n in mutate.LARGE] + [(2, 65_537), (65_536, 3), (70_000, 2), (3, 70_000)])
        maker.tensor(shape, kind=rng.choice(["normal", "normal", "special", "positive"]))
    functions, weights = zip(*STEPS[style])
    for _ in range(rng.choice([1, 2, 3, 5, 8])):
        x = maker.pick()
        with contextlib.suppress(KeyError):
            if rng.choices(functions, weights)[0](maker, x):
                break
    program = maker.program
    if not program["steps"]:
        return None
    if rng.random() < 0.5 and len(program["steps"]) > 1:
        program["keep"] = sorted({len(program["steps"]) - 1, rng.randrange(len(program["steps"]))})
    if rng.random() < 0.06:
        program["threads"] = rng.choice([2, 4])
    elif rng.random() < 0.15:
        program["graph"] = True
    return prune(program)


def prune(program):
    """Without the tensors that no step uses."""
    used = sorted(
        {
            r["tensor"]
            for step in program["steps"]
            for r in tensors.references([step["args"], list(step.get("kwargs", {}).values())])
            if "tensor" in r
        }
    )
    number = {old: new for new, old in enumerate(used)}

    def renumber(r):
        return {"tensor": number[r["tensor"]]} if "tensor" in r else r

    program["tensors"] = [program["tensors"][i] for i in used]
    for step in program["steps"]:
        step["args"] = tensors.replace(step["args"], renumber)
        step["kwargs"] = tensors.replace(step.get("kwargs", {}), renumber)
    return program
