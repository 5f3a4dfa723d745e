"""The program of a number: the same for the same seed, whatever ran before it."""

import contextlib
import io
import random

from fuzz.families import FAMILIES


def generate(seed, number, only=None):
    """A program, or None where the number gives none. `only`: names of OpInfo's operators."""
    rng = random.Random(f"program {seed} {number}")
    families, weights = zip(*FAMILIES)
    family = families[0] if only is not None else rng.choices(families, weights)[0]
    # Some samples are printed while they are made.
    with contextlib.redirect_stdout(io.StringIO()):
        program = family.make(rng, number, seed, only)
    if program is not None:
        program["origin"] = f"seed {seed}, program {number}, {family.__name__.rpartition('.')[2]}"
        program["seed"] = number
    return program
