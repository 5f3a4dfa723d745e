"""Families of programs. Each gives `make(rng, number)`: a program, or None where nothing came of it."""

from fuzz.families import autograd, chain, huge, layers, opinfo, training

# Weights.
FAMILIES = [(opinfo, 56), (chain, 20), (layers, 14), (autograd, 7), (training, 2.5), (huge, 0.5)]
