"""What autograd and random numbers do beyond an operator's own gradient: undefined gradients, use twice, checkpoints, masks."""

from fuzz import mutate, specials
from fuzz.families import opinfo

ATTENTION = [
    "nn.functional.scaled_dot_product_attention",
    "nn.functional.layer_norm",
    "nn.functional.linear",
    "nn.functional.conv2d",
]


def make(rng, number, seed, only=None):
    if only is not None:
        return None
    kind = rng.choice([attention, attention, undefined, undefined, twice, checkpointed, dropped, drawn, sampled, saved])
    return kind(rng)


def values(rng, kind="normal"):
    return {"kind": kind, "seed": rng.randrange(1 << 30)}


def small(rng, shape=None, dtype=None, **more):
    shape = shape if shape is not None else rng.choice([(7,), (4, 5), (2, 3, 4), (65_537,), (300, 33)])
    return {"shape": list(shape), "dtype": dtype or rng.choice(mutate.FLOATS), "values": values(rng), **more}


def gradients(results, inputs, rng, **more):
    return {"call": "special.gradients", "args": [results, inputs, rng.randrange(1 << 20)], "kwargs": more}


def attention(rng):
    """Scaled dot products with masks: rows that are masked everywhere, by -inf or by the dtype's minimum; undefined gradients."""
    batch, heads, rows, columns, width = (
        rng.choice(c) for c in ([1, 2], [1, 3], [1, 4, 7, 65], [1, 5, 33, 128], [4, 8, 16])
    )
    dtype = rng.choice(["float32", "float32", "float16", "bfloat16", "float64"])
    shapes = [(batch, heads, rows, width), (batch, heads, columns, width), (batch, heads, columns, width)]
    made = [small(rng, shape, dtype, grad=True) for shape in shapes]
    if rng.random() < 0.4:
        mutate.layout(rng, {"tensors": made, "steps": []})
    kwargs = {}
    kind = rng.choice(["none", "causal", "bool", "minimum", "infinite", "float"])
    if kind == "causal":
        kwargs["is_causal"] = True
    elif kind != "none":
        least = {
            "float32": -3.4028234663852886e38,
            "float64": -1.7976931348623157e308,
            "float16": -65504.0,
            "bfloat16": -3.3895313892515355e38,
        }[dtype]
        listed = {
            "bool": [True, False, True, True],
            "minimum": [least] * columns + [0.0] * columns,
            "infinite": [0.0, "-inf", 0.0],
            "float": [0.25, -1.0, 0.5],
        }[kind]
        mask_dtype = "bool" if kind == "bool" else dtype
        made.append({"shape": [rows, columns], "dtype": mask_dtype, "values": {"kind": "tile", "list": listed}})
        kwargs["attn_mask"] = {"tensor": 3}
    steps = [
        {
            "call": "torch.nn.functional.scaled_dot_product_attention",
            "args": [{"tensor": i} for i in range(3)],
            "kwargs": kwargs,
        }
    ]
    result = {"result": 0}
    if rng.random() < 0.3:
        steps.append({"call": "special.undefined", "args": [result], "kwargs": {}})
        result = {"result": 1}
    steps.append(
        gradients(
            [result], [{"tensor": i} for i in range(3)], rng, how=rng.choice(["grad", "backward", "twice", "expanded"])
        )
    )
    return {"tensors": made, "steps": steps}


def undefined(rng):
    """An operator of OpInfo's behind which a function gives no gradient."""
    program = None
    for _ in range(20):
        program = opinfo.make(rng, rng.randrange(len(opinfo.OPERATORS)), 0)
        if (
            program
            and not program.get("random")
            and any(t.get("grad") for t in program["tensors"])
            and "out" not in program["steps"][0]["kwargs"]
        ):
            break
    else:
        return None
    inputs = [{"tensor": i} for i, data in enumerate(program["tensors"]) if data.get("grad")]
    first = program["steps"][0]
    return {
        "tensors": program["tensors"],
        "steps": [
            first,
            {"call": "special.first_of", "args": [{"result": 0}], "kwargs": {}},
            {"call": "special.undefined", "args": [{"result": 1}], "kwargs": {}},
            gradients([{"result": 2}], inputs, rng, how=rng.choice(["grad", "backward", "accumulate"])),
        ],
    }


def twice(rng):
    """A tensor that is used twice, once in place behind the other use."""
    x = small(rng, grad=True)
    steps = [
        {"call": "torch.mul", "args": [{"tensor": 0}, {"tensor": 0}], "kwargs": {}},
        {
            "call": rng.choice(
                [
                    "torch.exp",
                    "torch.tanh",
                    "torch.sigmoid",
                    "torch.relu",
                    "torch.square",
                    "torch.nn.functional.hardtanh",
                    "torch.abs",
                ]
            ),
            "args": [{"result": 0}],
            "kwargs": {},
        },
        {
            "call": rng.choice(["Tensor.mul_", "torch.mul", "Tensor.add_", "torch.add"]),
            "args": [{"result": 1}, rng.choice([2, {"tensor": 0}, {"result": 0}])],
            "kwargs": {},
        },
    ]
    steps.append(
        gradients(
            [{"result": 2}, {"result": 1}],
            [{"tensor": 0}],
            rng,
            how=rng.choice(["grad", "twice", "second", "accumulate"]),
        )
    )
    if rng.random() < 0.3:
        x["values"] = values(rng, "special")
    return {"tensors": [x], "steps": steps}


def one(rng, call, args, kwargs=None, **tensor):
    return {
        "tensors": [small(rng, **tensor)],
        "steps": [{"call": call, "args": [{"tensor": 0}, *args], "kwargs": kwargs or {}}],
    }


def checkpointed(rng):
    return one(
        rng,
        "special.checkpointed",
        [0.5, rng.random() < 0.5, rng.choice([1, 2, 3])],
        dtype=rng.choice(["float32", "float64"]),
    )


def dropped(rng):
    kind = rng.choice(["dropout", "dropout", "dropout1d", "dropout2d", "dropout3d"])
    shape = {"dropout": None, "dropout1d": (30, 20, 3), "dropout2d": (8, 20, 3, 3), "dropout3d": (4, 20, 2, 3, 3)}[kind]
    return one(rng, "special.dropped", [rng.choice([0.0, 0.25, 0.5, 0.9, 1.0]), kind], shape=shape)


def drawn(rng):
    """torch.multinomial, also from weights that it must refuse."""
    shape = rng.choice([(5,), (3, 7), (128_256,), (70_000,), (2, 65_537), (1,)])
    weights = small(rng, shape, rng.choice(["float32", "float64", "float16", "bfloat16"]))
    kind = rng.choice(["unit", "sparse", "one", "nan", "negative", "zero", "inf"])
    weights["values"] = {
        "unit": values(rng, "unit"),
        "sparse": {"kind": "tile", "list": [0.0, 1.0, 0.0, 0.0, 2.0, 0.0, 0.5]},
        "one": {"kind": "tile", "list": [0.0] * (shape[-1] - 1) + [1.0]}
        if shape[-1] < 100
        else {"kind": "tile", "list": [0.0, 0.0, 1.0]},
        "nan": {"kind": "tile", "list": [1.0, 2.0, "nan"]},
        "negative": {"kind": "tile", "list": [1.0, -1.0, 3.0]},
        "zero": {"kind": "full", "value": 0.0},
        "inf": {"kind": "tile", "list": [1.0, "inf", 3.0]},
    }[kind]
    return {
        "tensors": [weights],
        "steps": [
            {
                "call": "special.drawn",
                "args": [{"tensor": 0}, rng.choice([1, 1, 3, 100]), rng.random() < 0.6],
                "kwargs": {},
            }
        ],
    }


def sampled(rng):
    return one(
        rng,
        "special.sampled",
        [rng.choice(list(specials.RANGES))],
        shape=rng.choice([(20_000,), (5, 7), (1,), (0,), (70_000,)]),
    )


def saved(rng):
    program = one(rng, rng.choice(["special.saved", "special.moved"]), [], shape=rng.choice([(7,), (4, 5), (2, 3, 4)]))
    if program["steps"][0]["call"] == "special.moved":
        program["steps"][0]["args"].append({"dtype": rng.choice(mutate.FLOATS)})
    else:
        mutate.layout(rng, program)
    return program
