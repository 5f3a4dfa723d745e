"""Modules in training: ties, optimizers made before the module moves, checkpoints, hooks (training.py of the package)."""

from fuzz import training

LAYERS = ["linear", "norm", "rms", "relu", "gelu", "silu", "tanh", "weight_norm", "encoder", "lstm", "gru"]


def make(rng, number, seed, only=None):
    if only is not None:
        return None
    config = {
        "seed": rng.randrange(1 << 20),
        "vocabulary": rng.choice([3, 11, 64]),
        "width": rng.choice([1, 4, 16]),
        "layers": [rng.choice(LAYERS) for _ in range(rng.choice([0, 1, 2, 3]))],
        "optimizer": rng.choice(list(training.OPTIMIZERS)),
        "steps": rng.choice([1, 2, 3]),
        "dtype": {"dtype": rng.choice(["float32", "float32", "float32", "float64"])},
        "batch": rng.choice([1, 2, 5]),
    }
    for flag in ("tied", "shared", "early", "checkpoint", "hook", "copied", "clip", "back", "strided"):
        if rng.random() < 0.3:
            config[flag] = True
    if rng.random() < 0.2:
        config["to_none"] = False
    step = {"call": "special.trained", "args": [{"dict": config}, {"device": True}], "kwargs": {}}
    return {"tensors": [], "steps": [step]}
