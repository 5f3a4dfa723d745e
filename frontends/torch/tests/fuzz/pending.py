"""Faults that are found and not mended yet: entries as in the ledger, which excuse a find until the mend is there. Whoever mends
one takes its entry out. Nothing stays here: what is right as it is belongs into the ledger, with the reason.
"""

from fuzz.ledger import Entry

PENDING = [
    Entry(
        (
            "batch_norm",
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "layer_norm",
            "native_layer_norm",
        ),
        ("error missing",),
        "a normalization takes statistics and parameters of another dtype than its input's",
        text="expected scalar type .* but found|mixed dtype",
    ),
    Entry(
        ("cross", "linalg.cross", "linalg_cross", "nan_to_num", "renorm"),
        ("error missing",),
        "what PyTorch's own decompositions compute casts to out=, and takes a mixture of dtypes",
        text="Expected out tensor to have dtype|dtype of out|expected scalar type .* but found",
    ),
]


def reason(program, verdict):
    """The fault that this find is, or None."""
    return next((entry.reason for entry in PENDING if entry.holds(program, verdict)), None)
