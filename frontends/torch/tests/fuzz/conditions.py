"""What excuses of the ledger look at: lists of operators, and predicates over programs."""

import json

import torch

from fuzz import calls, mutate, program, tensors

VARIANCES = (
    "var",
    "std",
    "var_mean",
    "std_mean",
    "layer_norm",
    "rms_norm",
    "native_layer_norm",
    "group_norm",
    "batch_norm",
    "native_batch_norm",
    "instance_norm",
    "special.gradients",
)
POLYGAMMA = tuple(
    f"{name}_n_{n}" for name in ("polygamma.polygamma", "special.polygamma.special_polygamma") for n in range(5)
)
FACTORIZATIONS = (
    "qr",
    "linalg.qr",
    "lu",
    "linalg.lu",
    "linalg.lu_factor",
    "linalg.lu_factor_ex",
    "cholesky",
    "linalg.cholesky",
    "linalg.cholesky_ex",
    "geqrf",
    "linalg.inv",
    "inverse",
    "linalg.inv_ex",
    "linalg.solve",
    "linalg.solve_ex",
    "linalg.det",
    "linalg.slogdet",
    "logdet",
    "det",
)
SOLVERS = ("linalg.solve_triangular", "triangular_solve", "linalg.lu_solve", "lu_solve", "cholesky_solve")
AVERAGES = tuple(f"{kind}avg_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3))
BATCH_NORMS = ("native_batch_norm", "_native_batch_norm_legit", "_batch_norm_with_update")
CONVOLUTIONS = tuple(f"conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3))
SORTS = ("sort", "argsort", "msort", "topk", "kthvalue", "median", "nanmedian", "mode")


def tensors_of(prog):
    return [tensors.build(dict(data, grad=False), "cpu")[0] for data in prog["tensors"]]


def squares_overflow(program):
    """Whether some finite number's square is beyond its dtype."""
    for tensor in tensors_of(program):
        if tensor.dtype.is_floating_point and tensor.numel():
            finite = tensor[torch.isfinite(tensor)].double().abs()
            # Half precision is summed up in float32.
            most = torch.finfo(max(tensor.dtype, torch.float32, key=lambda d: torch.finfo(d).max)).max
            if finite.numel() and finite.max().item() > 0.01 * most**0.5:
                return True
    return False


def sums_overflow(program):
    """Whether the finite numbers of some tensor may add up to more than its dtype holds."""
    return any(
        tensor.double().abs()[torch.isfinite(tensor)].sum().item() > torch.finfo(tensor.dtype).max
        for tensor in tensors_of(program)
        if tensor.dtype.is_floating_point
    )


def lacks_values(program):
    """Whether some attention has fewer or more values than keys."""
    built = tensors_of(program)
    attentions = (step["args"] for step in program["steps"] if "scaled_dot_product_attention" in step["call"])
    pairs = ([built[given["tensor"]] for given in args[1:3] if "tensor" in given] for args in attentions)
    return any(len(pair) == 2 and pair[0].shape[-2] != pair[1].shape[-2] for pair in pairs)


def no_class(program):
    """Whether some label is none of the classes of the first tensor's last axis."""
    built = tensors_of(program)
    return any(
        not labels.dtype.is_floating_point
        and labels.numel() > 0
        and bool((labels.max() >= built[0].shape[-1]) | (labels.min() < 0))
        for labels in built[1:]
    )


def beyond_range(program):
    """Whether products or quotients of the numbers leave the range of their dtype."""
    for tensor in tensors_of(program):
        if tensor.dtype.is_floating_point and tensor.numel():
            small = tensor[torch.isfinite(tensor) & (tensor != 0)].double().abs()
            if small.numel() and small.min().item() < 100 * torch.finfo(torch.float32).tiny ** 0.5:
                return True
    return squares_overflow(program)


def deficient(program):
    """Whether some matrix is singular, or nearly."""
    for tensor in tensors_of(program):
        if tensor.dim() >= 2 and tensor.dtype.is_floating_point and tensor.numel():
            sizes = (
                tensor.double().nan_to_num().flatten(0, -3) if tensor.dim() > 2 else tensor.double().nan_to_num()[None]
            )
            if bool((torch.linalg.matrix_rank(sizes, rtol=1e-4) < min(sizes.shape[1:])).any()):
                return True
    return False


def order_beyond_int32(program):
    """Whether some step has an integer as its argument that takes more than 32 bits."""
    given = [given for step in program["steps"] for given in step["args"]]
    return any(isinstance(number, int) and abs(number) >= 2**31 for number in given)


def far_positions(program):
    """Whether some finite number is beyond a billion."""
    return any(
        bool((tensor.double().abs()[torch.isfinite(tensor)] > 1e9).any())
        for tensor in tensors_of(program)
        if tensor.dtype.is_floating_point
    )


def derived_twice_in_half(program):
    return any(data["dtype"] == "float16" for data in program["tensors"]) and any(
        step.get("kwargs", {}).get("how") in ("second", "twice") for step in program["steps"]
    )


def one_element(program):
    """Whether every tensor that goes in has one element."""
    return all(tensor.numel() == 1 for tensor in tensors_of(program))


def out_is_resized(program):
    """Whether no output has the sizes to which the other tensors broadcast."""
    outs = {
        r["tensor"]
        for step in program["steps"]
        for r in tensors.references([step.get("kwargs", {}).get("out")])
        if "tensor" in r
    }
    others = [data["shape"] for i, data in enumerate(program["tensors"]) if i not in outs]
    try:
        wanted = list(torch.broadcast_shapes(*others))
    except RuntimeError:
        return True
    return all(program["tensors"][i]["shape"] != wanted for i in outs)


def strided_out(program):
    """Whether a tensor is not dense and a step stores to out=."""
    return any("strides" in data for data in program["tensors"]) and any(
        "out" in step.get("kwargs", {}) for step in program["steps"]
    )


def over_one_element(program):
    """Whether a network normalizes over one element."""
    return any(step["call"] == "special.trained" and step["args"][0]["dict"]["width"] == 1 for step in program["steps"])


def descending(program):
    """Whether the offsets of bags, or the lengths of something, are in disorder."""
    given = [t for t in tensors_of(program) if t.dim() == 1 and t.dtype in (torch.int64, torch.int32)]
    return any(not bool((t.diff() >= 0).all()) for t in given)


def repeated(program):
    """Whether an index is given twice."""
    given = [t.reshape(-1) for t in tensors_of(program) if not t.dtype.is_floating_point]
    return any(t.unique().numel() < t.numel() for t in given)


def blank_targets(program):
    return any(not t.dtype.is_floating_point and bool((t == 0).any()) for t in tensors_of(program))


def crops_a_circle(program):
    """Whether a circular frame has a negative side."""
    steps = json.dumps(program["steps"])
    return '"circular"' in steps and "-" in steps


def no_epsilon(program):
    """Whether some number of the arguments is 0.0, such as an epsilon."""
    places = []
    mutate.collect([[s["args"], s.get("kwargs", {})] for s in program["steps"]], places)
    return any(isinstance(holder[key], float) and holder[key] == 0.0 for holder, key in places)


def large_epsilon(program):
    places = []
    mutate.collect([[s["args"], s.get("kwargs", {})] for s in program["steps"]], places)
    return any(isinstance(holder[key], float) and not holder[key] < 1.0 for holder, key in places)


def nan_argument(program):
    """Whether an argument is NaN or infinite."""
    return '{"float": "' in json.dumps(program["steps"])


def unsorted(program):
    """Whether the boundaries of a search are in disorder, or no numbers."""
    boundaries = [t for t in tensors_of(program) if t.dim() > 0 and t.shape[-1] > 1]
    return any(not bool((t.diff(dim=-1) >= 0).all()) for t in boundaries if t.dtype != torch.bool)


def has_call(*names):
    return lambda program: any(calls.operator_of(step["call"]) in names for step in program["steps"])


def differentiates(*names):
    """Whether a step runs one of the operators, itself or forward-mode differentiated."""
    return lambda program: any(runs(step) in names for step in program["steps"])


def runs(step):
    return calls.operator_of(step["args"][0] if step["call"] == "special.tangent" else step["call"])


def holds_infinity(program):
    return any(t.dtype.is_floating_point and bool(t.isinf().any()) for t in tensors_of(program))


def holds_overlap(prog):
    """Whether two elements of a tensor lie in one place."""
    return any(program.overlaps_itself(t) for t in tensors_of(prog))


def holds_nothing(program):
    """Whether a tensor has no elements."""
    return any(0 in data["shape"] for data in program["tensors"])


def meets_nothing(prog):
    """Whether a tensor or some result has no elements."""
    if holds_nothing(prog):
        return True
    kept = dict(prog, keep=list(range(len(prog["steps"]))))
    seen = [s.value for s in program.run(kept, "cpu").results.values() if isinstance(s, program.Seen)]
    return any(value.numel() == 0 for value in seen)


def holds_nan(program):
    return any(t.dtype.is_floating_point and bool(t.isnan().any()) for t in tensors_of(program))


def meets_nan(prog):
    """Whether some result is no number on the CPU."""
    kept = dict(prog, keep=list(range(len(prog["steps"]))))
    seen = [s.value for s in program.run(kept, "cpu").results.values() if isinstance(s, program.Seen)]
    return any(bool(value.isnan().any()) for value in seen)


def first_call(*names):
    return lambda program: calls.operator_of(program["steps"][0]["call"]) in names


def ties(prog):
    """Whether something that is ordered without a promise of stability may have two elements alike (or NaN)."""
    unstable = [s for s in prog["steps"] if runs(s) in SORTS and not s.get("kwargs", {}).get("stable")]
    if not unstable:
        return False
    plain = dict(
        prog, tensors=[dict(data, grad=False) for data in prog["tensors"]], keep=list(range(len(prog["steps"])))
    )
    plain["steps"] = [step for step in prog["steps"] if not step["call"].startswith("special.gradients")]
    results = program.run(dict(plain, keep=range(len(plain["steps"]))), "cpu").results.values()
    for seen in results:
        if isinstance(seen, program.Seen):
            flat = seen.value.reshape(-1)
            if flat.isnan().any() or flat.unique().numel() < flat.numel():
                return True
    return False
