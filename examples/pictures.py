"""The two pictures at the end of a training run."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch
from fashion_mnist import CLASSES


def draw_curves(history: dict, title: str, path: Path) -> None:
    """Training loss by images seen, and accuracy on the test images after each epoch."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    seen, losses = zip(*history["losses"], strict=True) if history["losses"] else ((), ())
    left.plot([count / 1000 for count in seen], losses, color="#1f5fa8")
    left.set(xlabel="thousand images seen", ylabel="training loss", ylim=(0, None))
    epochs = [row["epoch"] for row in history["epochs"]]
    right.plot(
        epochs, [100 * row["train_accuracy"] for row in history["epochs"]], "o--", color="#999", label="training"
    )
    right.plot(epochs, [100 * row["test_accuracy"] for row in history["epochs"]], "o-", color="#b3541e", label="test")
    right.set(xlabel="epoch", ylabel="accuracy, %", xticks=epochs)
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_predictions(images: torch.Tensor, labels: torch.Tensor, scores: torch.Tensor, path: Path) -> None:
    """A grid of test images with what the network says; what it gets wrong in red with the truth behind."""
    chances = scores.softmax(1)
    figure, grid = plt.subplots(4, 8, figsize=(12, 6.6), layout="constrained")
    for axes, image, label, chance in zip(grid.flat, images, labels.tolist(), chances, strict=False):
        guess = int(chance.argmax())
        axes.imshow(image[0], cmap="gray_r")
        axes.axis("off")
        text = f"{CLASSES[guess]} {100 * chance[guess]:.0f} %"
        axes.set_title(
            text if guess == label else f"{text}\n(is {CLASSES[label]})",
            fontsize=8,
            color="#222" if guess == label else "#c00",
        )
    figure.savefig(path, dpi=110)
    plt.close(figure)
