"""Families of programs. Each gives `make(rng, number)`: a program, or None where nothing came of it."""

from fuzz.families import autograd, chain, huge, opinfo, training

# Weights.
FAMILIES = [(opinfo, 64), (chain, 24), (autograd, 8), (training, 3.5), (huge, 0.5)]
