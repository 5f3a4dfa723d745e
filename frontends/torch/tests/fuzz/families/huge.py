"""Tensors beyond what a device may bind at once (2^27 bytes): rare, as each takes seconds."""

BYTES = 1 << 27
SIZES = {"float32": 4, "float16": 2, "bfloat16": 2, "uint8": 1, "int8": 1, "int32": 4, "bool": 1}


def make(rng, number, seed, only=None):
    if only is not None:
        return None
    dtype = rng.choice(["float32", "float32", "float16", "bfloat16", "uint8", "bool", "int32"])
    width = rng.choice([3, 257, 768, 65_537])
    rows = BYTES // SIZES[dtype] // width + rng.choice([1, 2, 17])
    shape = rng.choice([[rows, width], [width, rows]])
    made = [
        {
            "shape": shape,
            "dtype": dtype,
            "values": {"kind": "tile", "list": [True, False, True] if dtype == "bool" else [1, 0, 3, 2, 5, 1, 0]},
        }
    ]
    x, whole = {"tensor": 0}, dtype in ("float32", "float16", "bfloat16")
    axis = rng.choice([0, 1])
    index = {
        "shape": [5],
        "dtype": "int64",
        "values": {"kind": "list", "list": [0, shape[axis] - 1, 1, shape[axis] // 2, shape[axis] - 1]},
    }
    choices = [
        ("torch.sum", [x, axis]),
        ("torch.amax", [x, axis]),
        ("torch.argmax", [x, axis]),
        ("torch.cumsum", [x, axis]),
        ("torch.index_select", [x, axis, {"tensor": 1}]),
        ("Tensor.index_fill_", [x, axis, {"tensor": 1}, 1]),
        ("torch.flip", [x, [axis]]),
        ("torch.any", [x]),
    ]
    if whole:
        choices += [
            ("torch.softmax", [x, axis]),
            ("torch.nn.functional.layer_norm", [x, [shape[1]]]),
            ("torch.mean", [x, axis]),
        ]
        if dtype == "float32":
            choices += [("torch.matmul", [x, {"tensor": 2}]), ("torch.nn.functional.embedding", [{"tensor": 1}, x])] * 2
    call, args = rng.choice(choices)
    if call.endswith("embedding"):
        index["values"]["list"] = [0, shape[0] - 1, 1, shape[0] // 2, 2]
    used = str(args)
    made.append(index)
    made.append({"shape": [shape[1], 2], "dtype": "float32", "values": {"kind": "tile", "list": [0.5, -1.0, 2.0]}})
    program = {"tensors": made, "steps": [{"call": call, "args": args, "kwargs": {}}], "huge": True}
    if "'tensor': 2" not in used and "'tensor': 1" not in used:
        program["tensors"] = made[:1]
    elif "'tensor': 2" not in used:
        program["tensors"] = made[:2]
    if call == "torch.cumsum" and dtype != "float32":
        program["steps"][0]["kwargs"] = {"dtype": {"dtype": "int32" if not whole else "float32"}}
    return program
