"""Faults that are found and not mended yet: entries as in the ledger, which excuse a find until the mend is there. Whoever mends
one takes its entry out. Nothing stays here: what is right as it is belongs into the ledger, with the reason.
"""

from fuzz.ledger import Entry

PENDING = [
    Entry(
        (),
        ("error missing",),
        "an output of another dtype, or one whose elements share memory, or a mixture of dtypes is taken",
        text="Expected out tensor to have dtype|Found dtype .* but expected|more than one element of the written-to|"
        "Expected the dtype for input and out to match|must be of scalar type Long|expected scalar type .* but found|"
        "input types can't be cast|not yet implemented for tensors with different dtypes",
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
    Entry(
        (),
        ("error missing",),
        "gradients of poolings without elements",
        text="pool.*Expected grad_output to have non-zero",
    ),
    Entry(
        (),
        ("error missing",),
        "an index into an axis without elements",
        text="index is out of bounds for dimension with size 0",
    ),
]


def reason(program, verdict):
    """The fault that this find is, or None."""
    return next((entry.reason for entry in PENDING if entry.holds(program, verdict)), None)
