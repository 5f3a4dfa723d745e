"""Fashion-MNIST from its four files: 60,000 images to train on, 10,000 to test on, 28 by 28 grey pixels, ten classes."""

import gzip
import os
from pathlib import Path

import numpy as np
import torch

CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
FOLDERS = [
    "/usr/share/datasets/fashion-mnist",
    "/usr/share/fashion-mnist",
    "/usr/share/dataset-fashion-mnist",
    "data/fashion-mnist",
]


class DatasetMissing(Exception):
    """The files are in none of the places looked in; the text says how to get them."""


def find(folder: str | None) -> Path:
    candidates = [folder] if folder else [os.environ.get("FASHION_MNIST"), *FOLDERS]
    for candidate in filter(None, candidates):
        if (Path(candidate) / "train-images-idx3-ubyte.gz").exists():
            return Path(candidate)
    raise DatasetMissing(
        f"Fashion-MNIST is not in {', '.join(map(str, filter(None, candidates)))}.\n"
        "On Debian and Ubuntu: sudo apt-get install dataset-fashion-mnist. Elsewhere put its four .gz files into a folder\n"
        'and name it: make train ARGS="--data FOLDER"'
    )


def read_idx(path: Path) -> np.ndarray:
    with gzip.open(path) as file:
        data = file.read()
    rank = data[3]
    if data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * rank:
        raise ValueError(f"{path} is not an idx file of bytes")
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(folder: str | None, part: str, count: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """`part` is "train" or "t10k". Images as bytes [N, 1, 28, 28], labels as int64 [N]."""
    where = find(folder)
    images = torch.from_numpy(read_idx(where / f"{part}-images-idx3-ubyte.gz")[:count].copy()).unsqueeze(1)
    labels = torch.from_numpy(read_idx(where / f"{part}-labels-idx1-ubyte.gz")[:count].astype(np.int64))
    return images, labels


def normalized(images: torch.Tensor) -> torch.Tensor:
    """Bytes to floats of about zero mean and unit variance, on the device that the bytes are on."""
    return (images.float() / 255 - 0.286) / 0.353
