"""Faults that are found and not mended yet: entries as in the ledger, which excuse a find until the mend is there. Whoever mends
one takes its entry out. Nothing stays here: what is right as it is belongs into the ledger, with the reason.
"""

import math
import os

from fuzz.ledger import Entry, has_call


def on_vulkan(program):
    return os.environ.get("LINESHAFT_DEVICES", "").startswith("vulkan")


def long(program):
    """Lavapipe ends loops after 65,535 turns."""
    sizes = [math.prod(data["shape"]) for data in program["tensors"]]
    return on_vulkan(program) and max(sizes, default=0) > 30_000


PENDING = [
    Entry(("special.trained",), ("values", "dtype", "shape"), "Module.to makes new parameters"),
    Entry(("special.checkpointed",), ("values",), "checkpoints draw their dropout masks anew"),
    Entry(
        ("special.gradients",),
        ("error unexpected", "error missing", "dtype", "values", "nan"),
        "attention's backward with an undefined incoming gradient",
        where=has_call("special.undefined"),
    ),
    Entry(
        ("special.gradients",),
        ("values", "nan"),
        "attention under a mask of the dtype's minimum",
        where=has_call("scaled_dot_product_attention"),
    ),
    Entry(
        ("special.drawn", "multinomial", "bernoulli", "binary_cross_entropy", "normal"),
        ("error missing",),
        "weights and probabilities are not checked",
    ),
    Entry((), ("values", "nan", "error unexpected", "fusion", "graph"), "loops end after 65,535 turns", where=long),
    Entry((), ("error unexpected",), "tensors over 128 MiB", text="that this device binds at once"),
    Entry(("addcmul", "addcdiv"), ("dtype",), "a tensor without axes promotes in addcmul and addcdiv"),
    Entry(("lerp",), ("error unexpected",), "a weight without axes is refused", text="for `weight` but got dtype"),
    Entry(
        (),
        ("error unexpected",),
        "integer convolution and resizing",
        text="oneDNN has no|no kernel is named resample_|u8 is given where a float dtype is taken",
    ),
    Entry(("avg_pool1d", "avg_pool2d", "avg_pool3d"), ("values",), "integer average pooling"),
    Entry(
        ("sgn", "sign", "heaviside"),
        ("nan", "values"),
        "the sign of NaN",
        text="got nan, expected 0.0|got 0.0, expected nan",
    ),
    Entry(
        (),
        ("error missing",),
        "an output of another dtype, or one whose elements share memory, or a mixture of dtypes is taken",
        text="Expected out tensor to have dtype|Found dtype .* but expected|more than one element of the written-to|"
        "Expected the dtype for input and out to match|must be of scalar type Long|expected scalar type .* but found|"
        "input types can't be cast|not yet implemented for tensors with different dtypes",
    ),
    Entry(
        ("sub", "rsub", "subtract", "__rsub__"),
        ("error missing",),
        "booleans are subtracted",
        text="with a bool tensor is not supported",
    ),
    Entry(
        ("cdist", "addr", "smooth_l1_loss"),
        ("error missing",),
        "arguments out of range are not checked",
    ),
    Entry(
        (),
        ("error missing",),
        "sizes of transposed convolutions are not checked",
        text="output padding must be smaller|Output size is too small",
    ),
    Entry(
        (),
        ("error class",),
        "another class of error for arguments without axes",
        text="the CPU IndexError: Dimension specified as 0",
    ),
    Entry(
        ("index_put", "__setitem__"),
        ("error class",),
        "IndexError for a dtype",
        text="source and destination dtypes match",
    ),
    Entry(
        (),
        ("error missing",),
        "foreach in place stores a result of another kind",
        text="can't be cast to the desired output type",
    ),
    Entry(("multilabel_margin_loss",), ("values",), "multilabel_margin_loss of a row without labels"),
    Entry(("multi_margin_loss",), ("shape",), "multi_margin_loss of an input without axes"),
    Entry(("huber_loss", "huber_loss"), ("dtype", "error missing"), "huber_loss of a mixture of dtypes"),
    Entry(("logcumsumexp",), ("values",), "logcumsumexp drifts over long rows"),
    Entry(("grid_sampler_2d", "grid_sampler_3d", "grid_sample"), ("nan",), "infinite coordinates"),
    Entry(("_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa", "interpolate"), ("nan",), "taps of weight 0 meet NaN"),
    Entry(
        (),
        ("error missing",),
        "gradients of poolings without elements",
        text="pool.*Expected grad_output to have non-zero",
    ),
    Entry(("softshrink",), ("nan",), "softshrink hides NaN on Vulkan", where=on_vulkan),
    Entry(
        (),
        ("error missing",),
        "an index into an axis without elements",
        text="index is out of bounds for dimension with size 0",
    ),
    Entry(("arange",), ("shape",), "the size of an arange of int64 with fractional bounds"),
    Entry(("mode",), ("error unexpected",), "mode into an output", text="mode only supports CPU"),
]


def reason(program, verdict):
    """The fault that this find is, or None."""
    return next((entry.reason for entry in PENDING if entry.holds(program, verdict)), None)
