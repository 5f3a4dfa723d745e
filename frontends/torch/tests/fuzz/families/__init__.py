"""Families of programs. Each gives `make(rng, number)`: a program, or None where nothing came of it."""

from fuzz.families import autograd, chain, huge, opinfo, training

# Of a hundred programs.
FAMILIES = [(opinfo, 62), (chain, 24), (autograd, 8), (training, 5), (huge, 1)]
