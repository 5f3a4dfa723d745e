"""What networks are made of, with sizes and options drawn at random: convolutions, poolings, normalizations, embeddings, losses,
products; and operators over lists of tensors (foreach). Half of them with gradients."""

from fuzz import mutate

FLOATS = ["float32", "float32", "float32", "float64", "float16", "bfloat16"]


def make(rng, number, seed, only=None):
    if only is not None:
        return None
    kind = rng.choice(
        [
            convolution,
            convolution,
            convolution,
            pooling,
            pooling,
            normalization,
            normalization,
            embedding,
            embedding,
            products,
            losses,
            foreach,
            foreach,
        ]
    )
    program = kind(rng)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        mutate.layout(rng, program)
    if rng.random() < 0.2:
        mutate.special_values(rng, program)
    if rng.random() < 0.15:
        mutate.size(rng, program)
    inputs = [
        {"tensor": i}
        for i, data in enumerate(program["tensors"])
        if data.get("grad") and data["dtype"] in mutate.FLOATS
    ]
    if inputs and rng.random() < 0.6:
        how = rng.choice(["grad", "grad", "twice", "second", "accumulate", "expanded"])
        program["steps"].append(
            {
                "call": "special.gradients",
                "args": [[{"result": 0}], inputs, rng.randrange(1 << 20)],
                "kwargs": {"how": how},
            }
        )
    else:
        for data in program["tensors"]:
            data.pop("grad", None)
        if rng.random() < 0.1:
            program["graph"] = True
    return program


def tensor(rng, shape, dtype, kind="normal", grad=True):
    data = {"shape": list(shape), "dtype": dtype, "values": {"kind": kind, "seed": rng.randrange(1 << 30)}}
    if grad and dtype in mutate.FLOATS:
        data["grad"] = True
    return data


def program(tensors, call, args, **kwargs):
    return {"tensors": tensors, "steps": [{"call": "torch." + call, "args": args, "kwargs": kwargs}]}


def convolution(rng):
    axes = rng.choice([1, 2, 2, 2, 3])
    groups = rng.choice([1, 1, 1, 2, 4])
    inputs, outputs = (groups * rng.choice([1, 1, 2, 3, 8]) for _ in range(2))
    dtype = rng.choice([*FLOATS, "int64", "int32"]) if rng.random() < 0.15 else rng.choice(FLOATS)
    space = [rng.choice([1, 2, 5, 7, 8, 16, 17]) for _ in range(axes)]
    kernel = [rng.choice([1, 1, 2, 3, 5]) for _ in range(axes)]
    transposed = rng.random() < 0.3
    weight = [inputs, outputs // groups, *kernel] if transposed else [outputs, inputs // groups, *kernel]
    made = [tensor(rng, [rng.choice([1, 2, 3, 8]), inputs, *space], dtype), tensor(rng, weight, dtype)]
    args = [{"tensor": 0}, {"tensor": 1}, None]
    if rng.random() < 0.6:
        made.append(tensor(rng, [outputs], dtype))
        args[2] = {"tensor": 2}
    if axes == 2 and rng.random() < 0.4:
        for data in made[:2]:
            channels_last(data)
    kwargs = {
        "stride": rng.choice([1, 1, 2, 3]),
        "padding": rng.choice([0, 0, 1, 2]),
        "dilation": rng.choice([1, 1, 2]),
        "groups": groups,
    }
    if not transposed and rng.random() < 0.15:
        kwargs["padding"], kwargs["stride"] = "same", 1
    return program(made, f"nn.functional.conv{'_transpose' if transposed else ''}{axes}d", args, **kwargs)


def channels_last(data):
    n, c, h, w = data["shape"]
    data["strides"], data["offset"] = [h * w * c, 1, w * c, c], 0


def pooling(rng):
    axes = rng.choice([1, 2, 2, 3])
    kind = rng.choice(["avg", "max", "adaptive_avg", "adaptive_max", "lp"])
    dtype = rng.choice([*FLOATS, "int64", "uint8"]) if kind in ("avg", "max") else rng.choice(FLOATS)
    made = [
        tensor(
            rng, [rng.choice([1, 3]), rng.choice([1, 2, 5]), *(rng.choice([4, 7, 8, 17]) for _ in range(axes))], dtype
        )
    ]
    name = f"nn.functional.{kind}_pool{axes}d"
    if kind.startswith("adaptive"):
        return program(made, name, [{"tensor": 0}, rng.choice([1, 2, 3, 5])])
    if kind == "lp":
        return program(made, name, [{"tensor": 0}, rng.choice([1, 2, 3]), rng.choice([2, 3])])
    kwargs = {"stride": rng.choice([1, 2, 3]), "padding": rng.choice([0, 0, 1]), "ceil_mode": rng.random() < 0.3}
    if kind == "avg":
        kwargs["count_include_pad"] = rng.random() < 0.5
    else:
        kwargs["return_indices"] = rng.random() < 0.4
    return program(made, name, [{"tensor": 0}, rng.choice([2, 3])], **kwargs)


def normalization(rng):
    dtype, width = rng.choice(FLOATS), rng.choice([1, 2, 8, 33, 256])
    kind = rng.choice(["layer", "rms", "rms", "group", "batch", "instance", "normalize", "std", "var"])
    values = rng.choice(["normal", "small", "small", "positive", "wide"])
    x = {"tensor": 0}
    if kind in ("layer", "rms"):
        made = [tensor(rng, [rng.choice([1, 3, 17]), width], dtype, values), tensor(rng, [width], dtype)]
        if kind == "rms":
            return program(
                made, "nn.functional.rms_norm", [x, [width]], weight={"tensor": 1}, eps=rng.choice([None, None, 1e-5])
            )
        return program(
            made, "nn.functional.layer_norm", [x, [width]], weight={"tensor": 1}, eps=rng.choice([1e-5, 1e-12])
        )
    if kind in ("std", "var"):
        return program(
            [tensor(rng, [rng.choice([2, 5]), width], dtype, values)],
            kind,
            [x, rng.choice([0, 1])],
            correction=rng.choice([0, 1, 2]),
        )
    if kind == "normalize":
        return program(
            [tensor(rng, [3, width], dtype, values)],
            "nn.functional.normalize",
            [x],
            p=rng.choice([1.0, 2.0, 3.0]),
            dim=rng.choice([0, 1]),
        )
    channels = rng.choice([2, 4, 6])
    made = [tensor(rng, [rng.choice([1, 2, 5]), channels, rng.choice([1, 3, 8]), rng.choice([2, 5])], dtype, values)]
    if rng.random() < 0.3:
        channels_last(made[0])
    if kind == "group":
        return program(made, "nn.functional.group_norm", [x, rng.choice([1, 2])])
    if kind == "instance":
        return program(made, "nn.functional.instance_norm", [x])
    made += [tensor(rng, [channels], dtype, "positive", grad=False) for _ in range(2)]
    return program(made, "nn.functional.batch_norm", [x, {"tensor": 1}, {"tensor": 2}], training=rng.random() < 0.7)


def embedding(rng):
    rows, width = rng.choice([1, 5, 1031, 70_000]), rng.choice([1, 3, 16])
    count = rng.choice([1, 7, 257, 65_537, 70_000]) if width < 16 else rng.choice([1, 7, 257])
    chosen = rng.choice(
        [
            {"kind": "index", "seed": rng.randrange(1 << 30), "bound": rows},
            {"kind": "full", "value": rng.choice([0, rows - 1])},
        ]
    )
    index = {"shape": [count], "dtype": rng.choice(["int64", "int32"]), "values": chosen}
    table = tensor(rng, [rows, width], rng.choice(["float32", "float32", "float64"]))
    if rng.random() < 0.5:
        return program(
            [index, table],
            "nn.functional.embedding",
            [{"tensor": 0}, {"tensor": 1}],
            padding_idx=rng.choice([None, 0, -1]),
        )
    bags = rng.choice([1, 2, 5])
    offsets = {
        "shape": [bags],
        "dtype": index["dtype"],
        "values": {"kind": "list", "list": sorted([0] + [rng.randrange(count) for _ in range(bags - 1)])},
    }
    return program(
        [index, table, offsets],
        "nn.functional.embedding_bag",
        [{"tensor": 0}, {"tensor": 1}, {"tensor": 2}],
        mode=rng.choice(["sum", "mean", "max"]),
    )


def products(rng):
    dtype = rng.choice([*FLOATS, *FLOATS, "int64", "int32"])
    b, m, n, k = (rng.choice(c) for c in ([1, 2, 7], [1, 2, 17, 64, 70_000], [1, 3, 33], [0, 1, 8, 129]))
    k = k if m < 1000 else min(k, 8)
    kind = rng.choice(["matmul", "bmm", "addmm", "linear", "baddbmm", "mv", "einsum", "addbmm"])
    a3, b3 = tensor(rng, [b, m if m < 100 else 3, k], dtype), tensor(rng, [b, k, n], dtype)
    if kind == "bmm":
        return program([a3, b3], "bmm", [{"tensor": 0}, {"tensor": 1}])
    if kind in ("baddbmm", "addbmm"):
        c = tensor(rng, [rng.choice([1, n])] if kind == "addbmm" else [b, 1, n], dtype)
        return program(
            [c, a3, b3],
            kind,
            [{"tensor": 0}, {"tensor": 1}, {"tensor": 2}],
            beta=rng.choice([0, 1, 2]),
            alpha=rng.choice([1, 2]),
        )
    if kind == "einsum":
        return program([a3, b3], "einsum", ["bik,bkj->bij", {"tensor": 0}, {"tensor": 1}])
    a2 = tensor(rng, [m, k], dtype)
    if kind == "mv":
        return program([a2, tensor(rng, [k], dtype)], "mv", [{"tensor": 0}, {"tensor": 1}])
    if kind == "linear":
        return program(
            [a2, tensor(rng, [n, k], dtype), tensor(rng, [n], dtype)],
            "nn.functional.linear",
            [{"tensor": 0}, {"tensor": 1}, {"tensor": 2}],
        )
    b2 = tensor(rng, [k, n], dtype)
    if kind == "addmm":
        return program(
            [tensor(rng, [n], dtype), a2, b2],
            "addmm",
            [{"tensor": 0}, {"tensor": 1}, {"tensor": 2}],
            beta=rng.choice([0, 1, 0.5]),
            alpha=rng.choice([1, 2]),
        )
    return program([a2, b2], "matmul", [{"tensor": 0}, {"tensor": 1}])


def losses(rng):
    classes, count = rng.choice([2, 10, 1031]), rng.choice([1, 5, 64])
    x = tensor(rng, [count, classes], rng.choice(FLOATS))
    target = {
        "shape": [count],
        "dtype": "int64",
        "values": {"kind": "index", "seed": rng.randrange(1 << 30), "bound": classes},
    }
    reduction = rng.choice(["none", "mean", "sum"])
    if rng.random() < 0.5:
        smoothing = rng.choice([0.0, 0.1])
        return program(
            [x, target],
            "nn.functional.cross_entropy",
            [{"tensor": 0}, {"tensor": 1}],
            reduction=reduction,
            label_smoothing=smoothing,
            ignore_index=rng.choice([-100, 0]),
        )
    name = rng.choice(
        [
            "mse_loss",
            "l1_loss",
            "smooth_l1_loss",
            "huber_loss",
            "kl_div",
            "binary_cross_entropy_with_logits",
            "soft_margin_loss",
            "gaussian_nll_loss",
            "poisson_nll_loss",
        ]
    )
    other = tensor(rng, x["shape"], x["dtype"], "unit" if name.startswith("binary") else "positive", grad=False)
    args = [{"tensor": 0}, {"tensor": 1}] + ([{"tensor": 1}] if name.startswith("gaussian") else [])
    return program([x, other], f"nn.functional.{name}", args, reduction=reduction)


FOREACH = {
    "unary": "abs neg exp sqrt sin tanh sigmoid floor round reciprocal log1p erf sign trunc ceil".split(),
    "binary": "add sub mul div maximum minimum pow clamp_max clamp_min".split(),
    "ternary": "addcmul addcdiv lerp".split(),
}


def foreach(rng):
    arity = rng.choice(list(FOREACH))
    name, count = rng.choice(FOREACH[arity]), rng.choice([1, 2, 3])
    lists = {"unary": 1, "binary": 2, "ternary": 3}[arity]
    made, args = [], []
    for number in range(lists):
        if number == 1 and arity == "binary" and rng.random() < 0.4:
            args.append(rng.choice([2, 0.5, [0.5] * count, [2] * count]))
            continue
        places = []
        for i in range(count):
            shape = [] if rng.random() < 0.15 else [[7], [2, 3], [65_537]][i % 3]
            dtype = rng.choice(["float32"] * 6 + ["float64", "float16", "bfloat16", "int64", "int32"])
            made.append(tensor(rng, shape, dtype, "positive", grad=False))
            places.append({"tensor": len(made) - 1})
        args.append(places)
    if rng.random() < 0.3:
        # In place, and then what was written.
        return program(made, f"_foreach_{name}_", args)
    return program(made, f"_foreach_{name}", args)
