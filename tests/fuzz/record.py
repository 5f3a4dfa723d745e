"""Runs a few training steps of small models, for LINESHAFT_TRACE to record: the fuzzers' seeds."""

import torch
from torch import nn

DEVICE = torch.device("lineshaft")


class Sentence(nn.Module):
    """An embedding, one layer of attention, and a prediction of each word."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.1, batch_first=True)
        self.head = nn.Linear(8, 11)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        return self.head(self.layer(self.embed(words))).flatten(0, 1)


def train(model: nn.Module, make: type[torch.optim.Optimizer], x: torch.Tensor, y: torch.Tensor) -> None:
    model, x, y = model.to(DEVICE), x.to(DEVICE), y.to(DEVICE)
    optimizer = make(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()


def main() -> None:
    torch.manual_seed(1)
    labels = torch.randint(4, (3,))
    train(nn.Sequential(nn.Linear(6, 7), nn.GELU(), nn.Linear(7, 4)), torch.optim.SGD, torch.randn(3, 6), labels)
    convolutions = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 4)
    )
    train(convolutions, torch.optim.Adam, torch.randn(3, 1, 6, 6), labels)
    words = torch.randint(11, (2, 5))
    train(Sentence(), torch.optim.AdamW, words, words.flatten())
    # What models do beside training.
    x = torch.randn(5, 7, device=DEVICE)
    for result in (x.sort(), x.topk(3), x.cumsum(1), x[x > 0], x.softmax(1), x.var(0), torch.linalg.vector_norm(x)):
        (result if isinstance(result, torch.Tensor) else result[0]).cpu()
    x.half().t().contiguous().repeat(2, 3).to(torch.int32).cpu()


if __name__ == "__main__":
    main()
