"""Differences from PyTorch's CPU that are right as they are, each by operator and condition, with its reason.

An entry excuses a find only where all that it names holds: `calls` (operators), `kinds` (of find), and where given `text` (a
pattern in the find's text) and `where` (a predicate over the program). An entry that is broader than its reason hides faults.
"""

import dataclasses
import re
from collections.abc import Callable

from fuzz import calls, classes
from fuzz.conditions import (
    AVERAGES,
    BATCH_NORMS,
    CONVOLUTIONS,
    FACTORIZATIONS,
    POLYGAMMA,
    SORTS,
    VARIANCES,
    beyond_range,
    blank_targets,
    deficient,
    derived_twice_in_half,
    descending,
    differentiates,
    far_positions,
    first_call,
    has_call,
    holds_infinity,
    holds_nan,
    large_epsilon,
    meets_nan,
    nan_argument,
    no_epsilon,
    out_is_resized,
    over_one_element,
    repeated,
    squares_overflow,
    strided_out,
    ties,
    unsorted,
)


@dataclasses.dataclass(frozen=True)
class Entry:
    calls: tuple
    kinds: tuple
    reason: str
    text: str = ""
    where: Callable | None = None

    def holds(self, program, verdict):
        # What one step gives shows in the steps after it.
        called = [calls.operator_of(step["call"]) for step in program["steps"]]
        return (
            (not self.calls or any(name in self.calls for name in called))
            and verdict["kind"] in self.kinds
            and re.search(self.text, verdict["text"]) is not None
            and (self.where is None or self.where(program))
        )


JUSTIFIED = [
    Entry(
        ("special.trained",),
        ("error unexpected",),
        "an optimizer that makes its state at once, as Adagrad does, keeps it where the parameters were: so it is with CUDA",
        text=r"Expected all tensors to be on the same device",
    ),
    Entry(
        ("linalg.cholesky_ex",),
        ("nan",),
        "the factor of a matrix that has none is unspecified: its info says so",
        text=r"got nan",
    ),
    Entry(
        ("lu_solve", "linalg.lu_solve", "special.tangent"),
        ("values",),
        "factors drawn at random are ill-conditioned: the solution is off by the order of sums",
        where=differentiates("lu_solve", "linalg.lu_solve"),
    ),
    Entry(
        (),
        ("error class",),
        "an index out of range is found by the device, which raises IndexError for all operators alike; the CPU's class differs from one to the next",
        text=r"raises IndexError: .*(is out of range; it must lie in|index is out of bounds for dimension with size 0)",
    ),
    Entry(
        VARIANCES,
        ("nan", "values"),
        "where squares overflow, the CPU's way to a variance (one pass, Welford's) may give a number where two passes give infinity",
        where=lambda program: (
            squares_overflow(program) and any(calls.operator_of(s["call"]) in VARIANCES[:-1] for s in program["steps"])
        ),
    ),
    Entry(
        (
            "polygamma",
            "digamma",
            "special.polygamma",
            "special.psi",
            *POLYGAMMA,
            "mvlgamma",
            "lgamma",
        ),
        ("nan", "values"),
        "at its poles the device gives infinity, the CPU a large number by the rounding of pi",
        text=r"got (inf|nan), expected -?[0-9.]+(e[+][0-9]+)? |got (inf|nan), expected [0-9]{8}",
    ),
    Entry(
        ("polygamma", "special.polygamma", *POLYGAMMA, "digamma", "lgamma"),
        ("nan", "values"),
        "at infinity the device gives the limit, the CPU's series no number",
        text="got -?(0.0|inf), expected nan",
    ),
    Entry(
        ("prod", "cumprod", "masked.prod", "masked.cumprod"),
        ("nan", "values"),
        "a product that leaves the range on its way is infinity, zero or no number, by the order of its factors",
        where=beyond_range,
    ),
    Entry(
        (),
        ("error unexpected",),
        "dtypes that an operator does not take, or not together, are refused for tensors without elements too; the CPU looks at them only where there is something to compute",
        text="not implemented for '|expected scalar type .* but found",
        where=lambda program: any(0 in data["shape"] for data in program["tensors"]),
    ),
    Entry(
        (
            "div",
            "floor_divide",
            "remainder",
            "fmod",
            "divide",
            "true_divide",
            "lcm",
            "__rmod__",
            "__rdiv__",
            "special.gradients",
        ),
        ("error missing",),
        "the CPU raises where an integer is divided by zero; on a device, as on GPUs, the result has no meaning",
        text="ZeroDivisionError",
    ),
    Entry(
        ("all", "any"),
        ("values",),
        "into an output of uint8 the CPU first casts the elements, so that 0.5 counts as 0",
        where=lambda program: any(data["dtype"] == "uint8" for data in program["tensors"]),
    ),
    Entry(
        ("native_dropout_backward",),
        ("dtype",),
        "gradients are floating; for an integer one the CPU's formula promotes",
        text="^got torch.u?int",
    ),
    Entry(
        ("_batch_norm_with_update", "native_batch_norm", "_native_batch_norm_legit", "batch_norm"),
        ("error class", "error missing"),
        "inputs of less than two axes and statistics without axes are refused on the way by the CPU, as an error of some index",
        text="takes an input of 2 axes at least|TensorAccessor expected",
    ),
    Entry(
        ("remainder", "fmod", "floor_divide", "div", "divide", "__rmod__"),
        ("nan", "values"),
        "where a quotient leaves the range, its remainder has no digit that is right; the CPU's vectorized kernel gives NaN, its scalar one 0",
        where=beyond_range,
    ),
    Entry(
        ("embedding_bag",),
        ("values", "error unexpected", "error missing", "error class"),
        "offsets of bags ascend by contract",
        where=descending,
    ),
    Entry(
        ("ctc_loss", "ctc_loss"),
        ("values", "nan"),
        "targets of CTC do not contain the blank by contract",
        where=blank_targets,
    ),
    Entry(
        (
            "_batch_norm_with_update",
            "batch_norm",
            "native_batch_norm",
            "_native_batch_norm_legit",
            "batch_norm",
        ),
        ("nan",),
        "a variance of 0 without an epsilon: 0 times infinity",
        where=no_epsilon,
    ),
    Entry(
        ("index_put", "special.setitem", "index_copy", "scatter", "put"),
        ("values", "fusion", "graph", "unfused", "threads"),
        "which of several values that are written to one place stays is not promised",
        where=repeated,
    ),
    Entry(
        ("sinc",),
        ("values",),
        "PyTorch's formula for the gradient of sinc loses all digits near 0, on the CPU too",
        where=has_call("special.gradients"),
    ),
    Entry(
        ("ctc_loss",),
        ("nan", "values"),
        "the gradient of an infinite loss has no meaning",
        text="nan|inf",
    ),
    Entry(
        ("mode",),
        ("nan", "values"),
        "the CPU counts a NaN where it stands first and nowhere else",
        text="nan",
    ),
    Entry(
        ("cumsum", "masked.cumsum"),
        ("nan",),
        "a running sum that leaves the range of f32 comes back on the CPU only, which keeps it in f64",
        text="got -?(inf|nan)",
        where=squares_overflow,
    ),
    Entry(
        classes.SUMS,
        ("nan", "values"),
        "a sum of products that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        ("grid_sampler_2d", "grid_sampler_3d", "grid_sample"),
        ("error unexpected",),
        "a number that names no mode is refused; the CPU takes it for one",
        text="unknown (padding|interpolation) mode",
    ),
    Entry(
        ("bucketize", "searchsorted"),
        ("values",),
        "a search among what is not sorted is undefined",
        where=unsorted,
    ),
    Entry(
        (*SORTS, "special.tangent"),
        ("values",),
        "which of equal elements comes first is promised by a stable sort only; the device's sorts are all stable",
        where=ties,
    ),
    Entry(
        (
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "native_layer_norm",
            "native_group_norm",
        ),
        ("dtype",),
        "statistics that are kept for the backward pass are float32, as on CUDA; the CPU rounds them to half precision",
        text="^got torch.float32, expected torch.(b?float16)$",
    ),
    Entry(
        (
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "batch_norm",
            "batch_norm",
            "native_layer_norm",
            "layer_norm",
        ),
        ("error missing",),
        "the CPU's own kernels take no mixture of dtypes here; the device does, as CUDA does",
        text="mixed dtype \\(CPU\\)",
    ),
    Entry(
        ("linalg.solve_triangular",),
        ("error unexpected",),
        "the CPU takes matrices of two dtypes and reads one as if it had the other's",
        text="to have the same dtype",
    ),
    Entry(
        ("native_batch_norm", "_native_batch_norm_legit", "_batch_norm_with_update"),
        ("error unexpected",),
        "the CPU reads past the end of parameters of another size than the channels",
        text="should contain [0-9]+ elements not",
    ),
    Entry(
        ("narrow_copy",),
        ("values",),
        "the CPU's out= form writes to an output that is not dense as if it were",
        where=strided_out,
    ),
    Entry(
        ("_native_batch_norm_legit", "native_batch_norm"),
        ("values",),
        "the CPU's out= form reads an input that is not dense as if it were",
        where=strided_out,
    ),
    Entry(
        ("batch_norm", "native_batch_norm", "_native_batch_norm_legit", "_batch_norm_with_update", "instance_norm"),
        ("values", "nan"),
        "the running variance comes of the reciprocal deviation, which an epsilon of 1 and more hides",
        where=large_epsilon,
    ),
    Entry(
        ("special.tangent", "special.gradients"),
        ("values", "nan"),
        "the derivative of a factorization divides by pivots, which are rounding errors in a singular matrix",
        where=lambda program: differentiates(*FACTORIZATIONS)(program) and deficient(program),
    ),
    Entry(
        ("linalg.tensorinv", *FACTORIZATIONS),
        ("error unexpected", "error missing"),
        "whether a singular matrix shows a zero as its pivot is a matter of rounding",
        text="singular|positive-definite",
        where=deficient,
    ),
    Entry(
        FACTORIZATIONS,
        ("values",),
        "which of nearly equal elements is the pivot hangs on their last places",
        text="got [0-9]+, expected [0-9]+",
    ),
    Entry(
        ("special.gradients",),
        ("error missing",),
        "the CPU's formula has a number that half precision does not hold; the device computes in float32",
        text="value cannot be converted to type c10::(Half|BFloat16) without overflow",
    ),
    Entry(
        ("std_mean", "var_mean"),
        ("values", "nan"),
        "the mean of numbers among which is an infinity is that infinity; the CPU's way to the variance loses it",
        text="got -?inf, expected nan",
    ),
    Entry(
        ("embedding_bag",),
        ("nan",),
        "the largest of a bag is NaN where one is in it; the CPU passes it over unless it comes first",
        text="got nan",
        where=holds_nan,
    ),
    Entry(
        (
            "interpolate",
            "upsample",
            "upsample_bilinear",
            "upsample_nearest",
            "upsample_bilinear2d",
            "upsample_bicubic2d",
        ),
        ("values", "nan"),
        "along an axis that keeps its size elements are copied, as on CUDA; the CPU multiplies neighbours by 0",
        text="got -?inf, expected nan",
    ),
    Entry(
        ("tanhshrink",),
        ("values",),
        "the difference of nearly equal numbers near 0",
        text="at most [0-9.]+e-(0[6-9]|[1-9][0-9]) apart",
    ),
    Entry(
        ("native_group_norm",),
        ("error missing",),
        "the CPU's kernel wants dense inputs",
        text=r"Expected X.is_contiguous\(memory_format\)",
    ),
    Entry(
        ("index_reduce", "index_add", "index_copy", "index_fill"),
        ("error missing",),
        "an index into an axis without elements is not looked at where there is nothing to write",
        text=r"select\(\): index 0 out of range for tensor of size \[.*\b0\b",
    ),
    Entry(
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        ("error unexpected",),
        "a result without elements is refused for all sizes; the CPU's library for large ones takes it",
        text="Output size is too small",
    ),
    Entry(
        (),
        ("error unexpected",),
        "binary_cross_entropy under autocast is refused as on CUDA; the CPU's autocast lets it be",
        text="unsafe to autocast",
    ),
    Entry(
        ("ormqr", "linalg.householder_product", "cholesky_inverse", "cholesky_solve", "special.gradients"),
        ("nan", "values"),
        "a product of matrices that leaves the range on its way is infinity or no number, by the order of its parts",
        where=lambda program: (
            beyond_range(program)
            and differentiates("ormqr", "linalg.householder_product", "cholesky_inverse", "cholesky_solve")(program)
        ),
    ),
    Entry(
        ("normalize", "linalg.vector_norm", "linalg.norm", "renorm", "cosine_similarity", "pairwise_distance", "dist"),
        ("nan", "values"),
        "where squares pass float32 the norm is infinite, as on CUDA; the CPU sums up in double precision",
        where=squares_overflow,
    ),
    Entry(
        (),
        ("error unexpected",),
        "a bias of another dtype than the input's is refused, as on CUDA; the CPU takes it in some of its ways",
        text="and bias type .* should be the same",
    ),
    Entry(
        ("special.tangent",),
        ("error missing",),
        "an output_size of -1 is none for the result; the CPU makes a tensor of that size in forward mode only",
        text="negative dimension",
        where=differentiates("repeat_interleave"),
    ),
    Entry(
        (),
        ("error missing",),
        "a result without elements, or one that is resized, overlaps nothing",
        text="more than one element of the written-to tensor refers to a single memory location",
        where=out_is_resized,
    ),
    Entry(
        ("mode",),
        ("error class",),
        "of two faults, one is told first",
        text="for values output",
    ),
    Entry(
        ("qr", "linalg.qr", "geqrf"),
        ("nan", "values"),
        "a column that holds NaN has no length; LAPACK's passes NaN over in some places",
        where=holds_nan,
    ),
    Entry(
        ("batch_norm", "instance_norm", *BATCH_NORMS),
        ("error unexpected",),
        "running statistics that overlap themselves are refused",
        text="more than one element of the written-to tensor refers to a single memory location",
    ),
    Entry(
        CONVOLUTIONS,
        ("nan", "values"),
        "around an image there is nothing; the CPU multiplies zeros there, which an infinite weight makes NaN",
        text="expected nan",
        where=holds_infinity,
    ),
    Entry(
        ("grid_sampler_2d", "grid_sampler_3d", "grid_sample"),
        ("nan", "values"),
        "a position beyond the integers has no neighbours; the CPU converts it to an integer all the same",
        where=far_positions,
    ),
    Entry(
        ("lerp", "addcmul", "addcdiv", "cross", "linalg.cross"),
        ("nan", "values"),
        "the CPU's vectorized kernel multiplies and adds in one step, so that a product may leave the range and come back",
        where=squares_overflow,
    ),
    Entry(
        (*FACTORIZATIONS, "ormqr", "linalg.householder_product", "cholesky_inverse", "cholesky_solve", "lu_unpack"),
        ("strides",),
        "LAPACK's order by columns, which an output that is resized gets on the CPU, is no promise",
    ),
    Entry(
        ("special.getitem", "index"),
        ("strides",),
        "the strides of what an index picks are no promise",
    ),
    Entry(
        ("min", "max"),
        ("error unexpected",),
        "the CPU's out= form gives whatever is there for no elements",
        text="Expected reduction dim to be specified",
    ),
    Entry(
        ("embedding_bag",),
        ("error unexpected",),
        "the device looks at every index, the CPU at those in a bag",
        text="index 0 is out of range; it must lie in 0 to -1",
    ),
    Entry(
        ("roll",),
        ("error unexpected",),
        "an axis that a tensor does not have is refused for one without elements too",
        text="Dimension out of range",
    ),
    Entry(
        ("resize_", "resize_as_"),
        ("fusion", "unfused", "values", "nan", "graph", "threads"),
        "what a tensor is resized by holds anything",
    ),
    Entry(
        ("fractional_max_pool2d", "fractional_max_pool3d", "fractional_max_pool2d_with_indices"),
        ("error missing", "error unexpected", "error class"),
        "samples and sizes that do not fit are refused in other places",
        text="_random_samples|negative dimension",
    ),
    Entry(
        ("native_group_norm",),
        ("error missing",),
        "the CPU's own kernel checks what torch.group_norm has checked",
        text="Expected X.numel",
    ),
    Entry(
        (),
        ("error class",),
        "of two faults, one of them an axis that there is not, one is told first",
        text="IndexError: (too many indices|Dimension (specified|out of range))",
    ),
    Entry(
        ("special.gradients", "special.tangent"),
        ("error missing",),
        "a gradient without elements is not looked at",
        text="channel' dimension to be divisible",
        where=lambda program: any(0 in data["shape"] for data in program["tensors"]),
    ),
    Entry(
        (*VARIANCES, *BATCH_NORMS),
        ("nan", "values"),
        "an epsilon or a correction that is no number makes what it meets no number",
        where=nan_argument,
    ),
    Entry(
        ("special.tangent",),
        ("dtype",),
        "the statistics of a normalization are float32, as on CUDA, and so is the derivative that they take part in",
        text="^got torch.float32, expected torch.(b?float16)$",
        where=differentiates(
            "rms_norm", "layer_norm", "group_norm", "native_layer_norm", "native_group_norm", *BATCH_NORMS
        ),
    ),
    Entry(
        BATCH_NORMS,
        ("error unexpected",),
        "statistics that are kept for the backward pass are float32, as on CUDA; so are outputs for them",
        text="Expected out tensor to have dtype float, but got c10::(Half|BFloat16)",
    ),
    Entry(
        ("_softmax_backward_data", "_log_softmax_backward_data"),
        ("nan", "values"),
        "a sum that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        ("rms_norm", "layer_norm", "group_norm"),
        ("nan", "values"),
        "a second derivative is composed in the input's dtype, as on CUDA: in half precision the square of 256 is infinite",
        where=derived_twice_in_half,
    ),
    Entry(
        ("logspace", "linspace"),
        ("shape",),
        "an output without elements keeps its sizes on the CPU where no steps are asked for",
        text="got the shape \\(0,\\)",
    ),
    Entry(
        ("normal.number_mean", "normal"),
        ("shape",),
        "the CPU's out= form keeps the sizes of an output where the deviation has no axes",
        text="got the shape \\(\\)",
    ),
    Entry(
        FACTORIZATIONS,
        ("error unexpected",),
        "an output that overlaps itself is refused",
        text="more than one element of the written-to tensor refers to a single memory location",
    ),
    Entry(
        ("copysign", "signbit"),
        ("values",),
        "which sign a NaN has that an operator makes is no promise",
        where=meets_nan,
    ),
    Entry(
        ("normalize",),
        ("nan", "values"),
        "among the smallest numbers of half precision a norm has no digits",
        text="expected nan",
        where=lambda program: any(data["dtype"] == "float16" for data in program["tensors"]),
    ),
    Entry(
        ("max_pool1d", "max_pool2d", "max_pool3d"),
        ("error missing",),
        "the CPU counts positions in the input's dtype",
        text="numeric_limits",
    ),
    Entry(
        ("signal.windows.blackman", "signal.windows.general_cosine", "signal.windows.nuttall", "signal.windows.hann"),
        ("values",),
        "where the terms of a window cancel, their rounding is left",
        text="at most [0-9.]+e-(0[89]|[1-9][0-9]) apart",
    ),
    Entry(
        ("nn.functional.scaled_dot_product_attention", "scaled_dot_product_attention"),
        ("error missing",),
        "the CPU's fused kernel takes no dropout, the device's does; a probability below 0 is none in PyTorch's own composition",
        text="do not support dropout",
    ),
    Entry(
        ("multinomial",),
        ("error class",),
        "weights without a class are refused as an axis without elements",
        text="Expected reduction dim",
    ),
    Entry(
        ("logspace",),
        ("error missing",),
        "a power that an integer dtype does not hold is cast as any other number of the row; the CPU refuses it in a row of one",
        text="value cannot be converted to type",
    ),
    Entry(
        ("quantile", "nanquantile"),
        ("error missing",),
        "the range of q is looked at on the CPU only, as PyTorch's own code has it: a device would have to be waited for",
        text=r"q values must be in the range",
    ),
    Entry(
        AVERAGES,
        ("nan", "values"),
        "a sum that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        ("special.trained",),
        ("values",),
        "the gradient of a normalization over one element is 0; optimizers make steps of its rounding error",
        where=over_one_element,
    ),
    Entry(
        ("special.gradients",),
        ("nan",),
        "at NaN the CPU's vectorized kernel gives NaN and its scalar one the incoming gradient, as the device does",
        where=first_call("hardswish"),
    ),
]


def reason(program, verdict):
    """Why this find is none, or None."""
    return next((entry.reason for entry in JUSTIFIED if entry.holds(program, verdict)), None)
