"""Whether two results of one program differ by more than rounding explains.

Integers, booleans and moved data are equal bit by bit. Floats that differ by more than a few units in the last place are held
against the same program in float64: the device may be as far from it as a few roundings, the CPU's own error and what
disturbing each input by its last place does (SPREADS runs) allow.
"""

import dataclasses
import itertools
import math

import torch

from fuzz import classes, mutate, program, tensors

SPREADS = 6
UP, DOWN = -1, -2  # moves of everything one way, which is what tips a number that is rounded up or down next
# Of the largest value, for training.
COARSE = 2e-2
INTEGER_VIEWS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


@dataclasses.dataclass
class Find:
    kind: str  # values, nan, dtype, shape, strides, device, error missing, error unexpected, error class, fusion, graph, threads, crash, hang
    label: str  # which result
    text: str

    def step(self):
        return int(self.label.split()[1].rstrip(",")) if self.label.startswith("step ") else None


def compare(prog, device, cpu):
    """The first Find between the two outcomes, which both came without an error, or None."""
    references = References(prog)
    for label, expected in cpu.results.items():
        if label not in device.results:
            return Find("shape", label, "the device gives fewer results")
        found = compare_leaf(prog, label, device.results[label], expected, references)
        if found:
            return found
    extra = device.results.keys() - cpu.results.keys()
    return Find("shape", sorted(extra)[0], "the device gives more results") if extra else None


class References:
    """The program in float64 on the CPU, and disturbed; only made when it is needed."""

    def __init__(self, prog):
        self.prog, self.made, self.spreads = prog, None, None

    def of(self, label, like):
        """(reference, [disturbed ones]) for a result, each None or [] where float64 has no such result."""
        if self.made is None:
            self.made = program.run(self.prog, "cpu", reference=True)
            # In the dtypes of the program too: what is apart in float64 may be alike there, and be ordered otherwise.
            few = 0 if self.prog.get("huge") else 4
            self.own = [program.run(self.prog, "cpu", noise=noise(i)) for i in range(few)]
            self.spreads = [
                program.run(self.prog, "cpu", reference=True, noise=noise(i))
                for i in ([] if self.prog.get("huge") else [*range(SPREADS), UP, DOWN])
            ]
        pick = [leaf_of(o.results.get(label), like) for o in [self.made, *self.spreads]]
        return pick[0], [p for p in pick[1:] if p is not None]

    def own_error(self, label, like):
        """How far from float64 the CPU is in the program's dtypes, over the disturbed programs: once alone, it may be lucky."""
        most = torch.zeros_like(like)
        for own, exact in zip(self.own, self.spreads):
            own, exact = leaf_of(own.results.get(label), like), leaf_of(exact.results.get(label), like)
            if own is not None and exact is not None:
                most = torch.maximum(most, (own - exact).abs().nan_to_num(0.0, 0.0, 0.0))
        return most

    def all(self, label, like):
        """Every result that the CPU gives for the program, disturbed or not."""
        reference, disturbed = self.of(label, like)
        own = [leaf_of(o.results.get(label), like) for o in self.own]
        return [x for x in [reference, *disturbed, *own] if x is not None]


def leaf_of(leaf, like):
    value = leaf.value if isinstance(leaf, program.Seen) else leaf
    if isinstance(value, float | int | bool) and like.dim() == 0:
        value = torch.tensor(value)
    if not isinstance(value, torch.Tensor) or value.shape != like.shape or value.is_complex():
        return None
    return value.double() if like.dtype.is_floating_point else value


def noise(number):
    """Values moved by about one unit in the last place of their own dtype, up or down: each time by other parts, as the moves of
    an input and of a result may cancel."""
    times = itertools.count()

    def disturb(tensor, own):
        generator = torch.Generator().manual_seed(1009 * number + next(times))
        part = torch.rand(tensor.shape, generator=generator, dtype=torch.float64) * 2 - 1
        if number < 0:
            part = torch.full_like(part, 1 if number == UP else -1)
        # In double precision itself, a move of less than a unit in the last place is none.
        most = 8 if own == torch.float64 else 1.5
        moved = tensor * (1 + most * part * torch.finfo(own).eps)
        return torch.where(torch.isfinite(moved), moved, tensor).to(tensor.dtype)

    return disturb


def compare_leaf(prog, label, actual, expected, references):
    if not isinstance(expected, program.Seen):
        return compare_objects(prog, label, actual, expected, references)
    if not isinstance(actual, program.Seen):
        return Find("dtype", label, f"got {actual!r}, expected a tensor")
    a, e = actual.value, expected.value
    if actual.device != program.DEVICE and not (a.dim() == 0 and a.numel() == 1 and label.startswith("input")):
        return Find("device", label, f"the result is on {actual.device}")
    if a.shape != e.shape:
        return Find("shape", label, f"got the shape {tuple(a.shape)}, expected {tuple(e.shape)}")
    if a.dtype != e.dtype and not prog.get("autocast"):
        return Find("dtype", label, f"got {a.dtype}, expected {e.dtype}")
    if actual.requires_grad != expected.requires_grad:
        return Find("grad", label, f"got requires_grad={actual.requires_grad}, expected {expected.requires_grad}")
    if a.numel() and classes.same_strides(prog, label) and not prog.get("autocast"):
        if layout(actual) != layout(expected):
            return Find("strides", label, f"got strides and offset {layout(actual)}, expected {layout(expected)}")
    if prog.get("random"):
        return None
    return compare_values(prog, label, a, e, references)


def layout(seen):
    """Strides of axes of one element mean nothing."""
    return tuple(s for n, s in zip(seen.value.shape, seen.strides) if n != 1), seen.offset


def compare_objects(prog, label, actual, expected, references):
    if isinstance(actual, program.Seen):
        return Find("dtype", label, f"got a tensor, expected {expected!r}")
    if prog.get("random") or actual == expected:
        return None
    if isinstance(expected, float) and isinstance(actual, float):
        a, e = (torch.tensor(x, dtype=torch.float32) for x in (actual, expected))
        return compare_values(prog, label, a, e, references)
    if classes.sensitive(prog) and isinstance(expected, bool | int):
        a, e = torch.tensor(actual), torch.tensor(expected)
        return compare_values(prog, label, a, e, references)
    return Find("values", label, f"got {actual!r}, expected {expected!r}")


def compare_values(prog, label, a, e, references):
    if not e.dtype.is_floating_point:
        return compare_exact(prog, label, a, e, references)
    if prog.get("autocast"):
        return compare_floats(prog, label, a.double(), e.double(), tensors.DTYPES[prog["autocast"]], references)
    if classes.moves(prog):
        same = same_bits(a, e)
        return None if bool(same.all()) else Find("values", label, difference(a, e, ~same))
    return compare_floats(prog, label, a.double(), e.double(), working_dtype(prog, e.dtype), references)


def working_dtype(prog, dtype):
    """The least exact floating dtype in the program: what is wider was rounded to it on its way."""
    if classes.orders(prog) or any(t["dtype"] not in mutate.FLOATS for t in prog["tensors"]):
        # Integers become the default dtype.
        dtype = max(dtype, torch.float32, key=lambda d: torch.finfo(d).eps)
    eps = [dtype] + [
        tensors.DTYPES[t["dtype"]]
        for t in prog["tensors"]
        if t["dtype"].endswith(("16", "32", "64")) and "float" in t["dtype"]
    ]
    return max(eps, key=lambda d: torch.finfo(d).eps)


def same_bits(a, e):
    view = INTEGER_VIEWS[e.element_size()]
    bits = a.contiguous().view(view) == e.contiguous().view(view)
    return bits | (torch.isnan(a) & torch.isnan(e))


def compare_exact(prog, label, a, e, references):
    wrong = a != e
    if not bool(wrong.any()):
        return None
    if classes.sensitive(prog):
        for other in references.all(label, e):
            wrong &= other.to(e.dtype) == e
        # Neighbours in an order that their last places decide are changed without a disturbance that shows it.
        if classes.orders(prog) and int(wrong.sum()) <= few(wrong):
            return None
        if not bool(wrong.any()):
            return None
    return Find("values", label, difference(a, e, wrong))


def few(wrong):
    """So many elements may be where their neighbour should be."""
    return min(8 + wrong.numel() // 1000, wrong.numel() // 20)


def compare_floats(prog, label, a, e, dtype, references):
    limits = torch.finfo(dtype)
    # Where the device has just what the CPU has, or nearly, there is nothing to explain.
    same = (a == e) | (torch.isnan(a) & torch.isnan(e))
    near = (a - e).abs() <= 4 * limits.eps * e.abs() + 4 * limits.tiny * limits.eps
    if classes.exact(prog) and not prog.get("autocast"):
        return None if bool(same.all()) else Find("values", label, difference(a, e, ~same))
    if coarse(prog):
        scale = e[torch.isfinite(e)].abs().max().item() if bool(torch.isfinite(e).any()) else 0.0
        near |= (a - e).abs() <= COARSE * scale + limits.eps * 64
    wrong = ~(same | near)
    if not bool(wrong.any()):
        return None
    reference, disturbed = references.of(label, e)
    if reference is None:
        scale = e[torch.isfinite(e)].abs().max().item() if bool(torch.isfinite(e).any()) else 0.0
        wrong &= ~((a - e).abs() <= 256 * limits.eps * (e.abs() + scale))
    else:
        wrong &= ~acceptable(prog, a, e, reference, disturbed, references.own_error(label, e), limits)
    if classes.orders(prog) and len(prog["steps"]) > 1 and int(wrong.sum()) <= few(wrong):
        return None
    if not bool(wrong.any()):
        return None
    kind = "nan" if bool((wrong & (torch.isfinite(a) != torch.isfinite(e))).any()) else "values"
    return Find(kind, label, difference(a, e, wrong, reference))


def coarse(prog):
    """Optimizers make much of little: a gradient of rounding errors alone moves a weight as far as any other."""
    return any(step["call"] == "special.trained" for step in prog["steps"])


def acceptable(prog, a, e, reference, disturbed, own_error, limits):
    """Where the device's error is explained. What combines elements may also be off by some units of the largest one's last place."""
    spread = torch.zeros_like(e)
    unsteady = torch.zeros_like(e, dtype=torch.bool)
    for other in disturbed:
        spread = torch.maximum(spread, (other - reference).abs().nan_to_num(0.0, 0.0, 0.0))
        unsteady |= torch.isfinite(other) != torch.isfinite(reference)
    size = torch.maximum(reference.abs().nan_to_num(0.0, 0.0, 0.0), e.abs().nan_to_num(0.0, 0.0, 0.0))
    scale = size[torch.isfinite(e)].max().item() if bool(torch.isfinite(e).any()) else 0.0
    cpu_error = (e - reference).abs().nan_to_num(0.0, 0.0, 0.0)
    if classes.derived(prog):
        cpu_error = torch.maximum(cpu_error, own_error)
    if classes.solves(prog) and e.dim() >= 2:
        cpu_error = cpu_error.amax((-2, -1), keepdim=True).expand_as(e)
    cpu_error = cpu_error.clamp(max=1024 * limits.eps * scale)
    allowed = 16 * spread + 4 * cpu_error + 32 * limits.eps * size + 16 * limits.tiny * limits.eps
    if not classes.elementwise(prog):
        allowed = allowed + 8 * limits.eps * scale
    # A result that cancels is the CPU's rounding error everywhere: the device's own may be as large.
    steady = torch.isfinite(reference) & torch.isfinite(e)
    if bool(steady.any()) and reference[steady].abs().max() < scale / 256:
        allowed = allowed + 4 * scale
    # Roundings of one sign add up along a sum or a product, which is kept in float32 at the least.
    unit = min(limits.eps, torch.finfo(torch.float32).eps)
    allowed = allowed + classes.longest(prog, classes.SUMS) / 64 * unit * scale
    allowed = allowed + classes.longest(prog, classes.PRODUCTS) * unit * size
    if classes.trigamma(prog):
        allowed = allowed + classes.TRIGAMMA_ERROR * size
    # So with derivatives that are 0 everywhere but for roundings: incoming gradients are about 1, and normalization multiplies
    # them by up to 316 (the root of its epsilon).
    if classes.derived(prog) and bool((reference.abs() < 16 * limits.eps).all()):
        allowed = allowed + 1024 * limits.eps
    # Where a tensor is broadcast its derivative is a sum of incoming gradients, which are about 1.
    if classes.derived(prog) and e.numel():
        allowed = allowed + 2 * unit * math.sqrt(max(classes.largest(prog) / e.numel() - 1, 0))
    if classes.logarithmic(prog):
        allowed = allowed + 4096 * limits.eps * size
    close = ((a - reference).abs() <= allowed) | ((a - e).abs() <= allowed)
    # A derivative that cancels may be the CPU's rounding error in whole: nearer to float64 than that is right, and about as
    # near where the error is small beside it.
    if classes.derived(prog):
        own = (e - reference).abs()
        close |= steady & ((a - reference).abs() <= torch.where(own < scale / 64, 4 * own, own))
    # What float64 gives is right even where the CPU's own dtype overflowed on the way.
    equal = (a == reference) | (torch.isnan(a) & torch.isnan(reference))
    beyond = (
        torch.isinf(a)
        & (reference.abs() * (1 + 8 * limits.eps) > limits.max)
        & (torch.sign(a) == torch.sign(reference))
    )
    # A sum whose parts overflow is an infinity or no number, by the order of its parts.
    overflowed = ~torch.isfinite(a) & ~torch.isfinite(e) & torch.isfinite(reference)
    return close | equal | beyond | unsteady | overflowed


def difference(a, e, wrong, reference=None):
    count, index = int(wrong.sum()), wrong.nonzero()[0].tolist()
    at = tuple(index)
    text = f"{count} of {wrong.numel()} elements differ, the first at {index}: got {a[at].item()!r}, expected {e[at].item()!r}"
    if reference is not None:
        text += f" (in float64 {reference[at].item()!r})"
    both = torch.isfinite(a.double()) & torch.isfinite(e.double())
    if bool(both.any()) and a.numel() > 1:
        most = (a.double() - e.double()).abs()[both].max().item()
        text += f"; at most {most:.3g} apart" if not math.isnan(most) else ""
    return text
