"""Results that differ where numbers leave the range of their dtype on the way."""

from fuzz import calls, classes
from fuzz.conditions import (
    AVERAGES,
    FACTORIZATIONS,
    VARIANCES,
    beyond_range,
    differentiates,
    squares_overflow,
    sums_overflow,
)
from fuzz.justified.entry import Entry

ENTRIES = [
    Entry(
        VARIANCES,
        ("nan", "values"),
        "where squares overflow, the CPU's way to a variance (one pass, Welford's) may give a number where two passes give infinity",
        where=lambda program: (
            squares_overflow(program) and any(calls.operator_of(s["call"]) in VARIANCES[:-1] for s in program["steps"])
        ),
    ),
    Entry(
        ("prod", "cumprod", "masked.prod", "masked.cumprod"),
        ("nan", "values"),
        "a product that leaves the range on its way is infinity, zero or no number, by the order of its factors",
        where=beyond_range,
    ),
    Entry(
        ("remainder", "fmod", "floor_divide", "div", "divide", "__rmod__"),
        ("nan", "values"),
        "where a quotient leaves the range, its remainder has no digit that is right; the CPU's vectorized kernel gives NaN, its scalar one 0",
        where=beyond_range,
    ),
    Entry(
        ("cumsum", "masked.cumsum"),
        ("nan",),
        "a running sum that leaves the range of f32 comes back on the CPU only, which keeps it in f64",
        text="got -?(inf|nan)",
        where=squares_overflow,
    ),
    Entry(
        (*classes.SUMS, "nn.functional.scaled_dot_product_attention"),
        ("nan", "values"),
        "a sum of products that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        FACTORIZATIONS,
        ("nan", "values"),
        "a product of matrices that leaves the range on its way is infinity or no number, by the order of its parts",
        text="nan|inf",
        where=beyond_range,
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
        ("lerp", "add", "sub", "rsub", "addcmul", "addcdiv", "cross", "linalg.cross", "index_add"),
        ("nan", "values"),
        "the CPU's vectorized kernel multiplies and adds in one step, so that a product may leave the range and come back",
        where=squares_overflow,
    ),
    Entry(
        ("_softmax_backward_data", "_log_softmax_backward_data"),
        ("nan", "values"),
        "a sum that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        AVERAGES,
        ("nan", "values"),
        "a sum that leaves the range on its way is infinity or no number, by the order of its parts",
        where=squares_overflow,
    ),
    Entry(
        ("nanmean", "trapezoid"),
        ("nan", "values"),
        "a sum that leaves the range on its way is infinity or no number, by the order of its parts",
        text="got (nan|-?inf), ",
        where=sums_overflow,
    ),
    Entry(
        ("native_group_norm",),
        ("nan",),
        "where squares overflow, the CPU's way to a variance may give no number where two passes give infinity",
        text="expected nan",
        where=squares_overflow,
    ),
    Entry(
        ("special.tangent",),
        ("nan", "values"),
        "where squares overflow, the CPU's way to a variance (one pass, Welford's) may give a number where two passes give infinity",
        where=lambda program: (
            differentiates(*VARIANCES[:-1], "std_mean", "var_mean")(program) and squares_overflow(program)
        ),
    ),
]
