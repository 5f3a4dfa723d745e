"""What is known of operators: which move data only, which round once, which keep strides."""

import math

from fuzz import calls, tensors

# Bits go in and out unchanged: results are compared bit by bit.
MOVEMENT = set(
    """adjoint as_strided atleast_1d atleast_2d atleast_3d broadcast_to broadcast_tensors cat chunk clone column_stack
    concat concatenate contiguous copy copy_ diag diag_embed diagonal diagonal_copy diagonal_scatter dsplit dstack expand
    expand_as expand_copy fill flatten flip fliplr flipud full_like gather hsplit hstack index_copy index_fill index_put
    index_select masked_fill masked_scatter masked_select meshgrid moveaxis movedim narrow narrow_copy ones_like permute
    permute_copy put ravel repeat repeat_interleave reshape reshape_as resolve_conj resolve_neg roll rot90 scatter select
    select_scatter slice slice_scatter split split_with_sizes squeeze stack swapaxes swapdims t t_copy T mT take
    take_along_dim tensor_split tile transpose transpose_copy tril triu unbind unflatten unfold_copy unsafe_chunk
    unsafe_split unsqueeze unsqueeze_copy view view_as view_copy vsplit vstack where zero zeros_like
    special.getitem special.setitem""".split()
)

# IEEE 754 says every bit of the result.
ROUNDED_ONCE = set(
    "abs absolute add ceil div floor mul multiply neg negative positive round sub subtract trunc true_divide square".split()
)

# Each element of the result comes of one element of each input.
ELEMENTWISE = (
    MOVEMENT
    | ROUNDED_ONCE
    | set(
        """acos acosh addcdiv addcmul asin asinh atan atan2 atanh bitwise_and bitwise_not bitwise_or bitwise_xor celu clamp
        clamp_max clamp_min clip copysign cos cosh deg2rad digamma elu eq erf erfc erfinv exp exp2 expm1 float_power
        floor_divide fmax fmin fmod frac ge gelu gt hardshrink hardsigmoid hardswish hardtanh heaviside hypot i0 isfinite
        isinf isnan ldexp le leaky_relu lerp lgamma log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not
        logical_or logical_xor logit logsigmoid lt maximum minimum mish nan_to_num ne nextafter pow prelu rad2deg reciprocal
        relu relu6 remainder rsqrt rsub selu sgn sigmoid sign signbit silu sin sinc sinh softplus softshrink softsign sqrt
        tan tanh tanhshrink threshold trunc where xlogy special.expit special.xlog1py special.entr special.erfcx special.i0e
        special.i1 special.i1e special.ndtr special.log_ndtr fill_ copy_""".split()
    )
)

# Their results' strides and offsets are those of the CPU: views, and what PyTorch documents as keeping the layout.
VIEWS = set(
    """as_strided broadcast_to chunk diagonal expand expand_as mT movedim moveaxis narrow permute select slice split
    split_with_sizes squeeze swapaxes swapdims t T tensor_split transpose unbind unflatten unsqueeze view view_as
    special.getitem""".split()
)
KEEPS_LAYOUT = ROUNDED_ONCE | set("clone empty_like zeros_like ones_like full_like exp relu sigmoid tanh".split())

# Functions of floats whose results jump: what they give is compared exactly if their inputs are.
JUMPS_INSIDE = set("allclose isclose floor_divide remainder fmod histc multinomial".split())


# What solves systems of equations. The errors of elimination are bounded for a matrix as a whole, not for each element (Higham,
# Accuracy and Stability of Numerical Algorithms, chapters 9 and 14).
SYSTEMS = set("inverse linalg.inv linalg.inv_ex linalg.solve linalg.solve_ex linalg.lu_solve lu_solve".split())

# Products that are added up one after the other, in the dtype of the result or in float32.
SUMS = (
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "matmul",
    "mm",
    "bmm",
    "mv",
    "dot",
    "inner",
    "linear",
    "addmm",
    "addmv",
    "addbmm",
    "baddbmm",
    "einsum",
    "tensordot",
    "__rmatmul__",
    "bilinear",
    "cdist",
    "sum",
    "mean",
    "norm",
    "normalize",
    "cosine_similarity",
    "linalg.vector_norm",
    "linalg.norm",
    "cov",
    "corrcoef",
    "chain_matmul",
    "linalg.multi_dot",
    "vdot",
    "linalg.vecdot",
)


PRODUCTS = ("prod", "cumprod", "masked.prod", "masked.cumprod")


def longest(program, operators):
    """The most numbers that one of the operators may add up or multiply, 0 where there is none of them."""
    if not any(op in operators for op in map(calls.operator_of, _called(program))):
        return 0
    return max((max(data["shape"], default=0) for data in program["tensors"]), default=0)


# PyTorch's trigamma on the CPU, in float64 too; the device's is right to all digits.
TRIGAMMA_ERROR = 2e-9


def trigamma(program):
    names = ("polygamma", "digamma", "lgamma", "gammaln", "psi", "mvlgamma")
    return any(name in operator for name in names for operator in map(calls.operator_of, _called(program)))


def exact(program):
    """Whether all that the program computes is defined to the last bit."""
    # A product and a sum may be one rounding or two. Of a quotient of halves that is rounded to an integer, the device rounds the
    # exact one; the CPU's vectorized kernel rounds it to a half first, its scalar one does not.
    scaled = any(step.get("kwargs", {}).keys() & {"alpha", "rounding_mode"} for step in program["steps"])
    return not scaled and all(op in MOVEMENT or op in ROUNDED_ONCE for op in map(calls.operator_of, _called(program)))


def elementwise(program):
    return all(op in ELEMENTWISE for op in map(calls.operator_of, _called(program)))


def logarithmic(program):
    """Whether results are exponentials of differences of large logarithms, whose last places come in front."""
    return any(op in ("nn.functional.ctc_loss", "ctc_loss") for op in map(calls.operator_of, _called(program)))


def derived(program):
    """Whether derivatives are among the results."""
    return any(step["call"] in ("special.gradients", "special.tangent") for step in program["steps"])


def solves(program):
    return not SYSTEMS.isdisjoint(map(calls.operator_of, _called(program)))


def largest(program):
    """The most elements that a tensor has or a tuple among the arguments, taken for sizes, stands for."""
    given = [math.prod(data["shape"]) for data in program["tensors"]]
    tuples = [
        arg["tuple"] for step in program["steps"] for arg in step["args"] if isinstance(arg, dict) and "tuple" in arg
    ]
    sizes = [math.prod(t) for t in tuples if all(isinstance(n, int) and 0 <= n < 1 << 20 for n in t)]
    return min(max([1, *given, *sizes]), 1 << 24)


def orders(program):
    """Whether elements are put in order, or the largest are looked for."""
    names = "sort argsort msort topk kthvalue median nanmedian mode argmax argmin max min cummax cummin aminmax unique"
    return any(op in names.split() for op in map(calls.operator_of, _called(program)))


def moves(program):
    return all(op in MOVEMENT for op in map(calls.operator_of, _called(program)))


def same_strides(program, label):
    """Whether the strides of this result are promised."""
    if not label.startswith("step "):
        return True
    step = program["steps"][int(label.split()[1].rstrip(","))]
    operator = calls.operator_of(step["call"])
    if operator == "special.getitem" and len(list(tensors.references(step["args"]))) > 1:
        return False
    return operator in VIEWS or operator in KEEPS_LAYOUT


def sensitive(program):
    """Whether a last bit before may decide over an integer after: never in one exact step from given numbers."""
    operators = [calls.operator_of(name) for name in _called(program)]
    if any(step.get("kwargs", {}).get("rounding_mode") for step in program["steps"]):
        return True
    if any(op in JUMPS_INSIDE for op in operators) or any(name.startswith("special.") for name in _called(program)):
        return True
    return not all(op in MOVEMENT or op in ROUNDED_ONCE for op in operators[:-1])


def _called(program):
    return [step["call"] for step in program["steps"]]
