"""A differential fuzzer of the PyTorch device; docs/fuzzing.md tells how it works, run.py --help how it is used."""
