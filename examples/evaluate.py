"""Loads a checkpoint of examples/train.py in stock PyTorch, on its own CPU device, and prints the test accuracy.

Lineshaft takes no part: TORCH_DEVICE_BACKEND_AUTOLOAD=0 keeps PyTorch from loading it.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"
import fashion_mnist
import torch
from network import make_network


def main() -> int:
    parser = argparse.ArgumentParser(prog="make evaluate", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/fashion-mnist"), help="the folder of the training run")
    parser.add_argument("--data", help="the folder of the four Fashion-MNIST files")
    arguments = parser.parse_args()
    path = arguments.out / "checkpoint.pt"
    if not path.exists():
        sys.exit(f"there is no checkpoint {path}; `make train` makes one")
    state = torch.load(path, weights_only=True)
    network = make_network()
    network.load_state_dict(state["network"])
    network.eval()
    images, labels = fashion_mnist.load(arguments.data, "t10k")
    with torch.no_grad():
        guesses = torch.cat([network(fashion_mnist.normalized(part)).argmax(1) for part in images.split(1000)])
    accuracy = (guesses == labels).float().mean().item()
    print(f"stock PyTorch {torch.__version__} on cpu: test accuracy {100 * accuracy:.2f} %")
    rows = state["history"]["epochs"]
    if rows:
        print(f"the run itself measured {100 * rows[-1]['test_accuracy']:.2f} %")
        return 0 if abs(accuracy - rows[-1]["test_accuracy"]) < 0.002 else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
