"""Model families that people train, written small, in plain PyTorch. Tests and benchmarks share them.

Each entry of ZOO gives a model, a function that makes a batch, and a function from (model, batch) to a loss. Nothing is random
after construction but dropout, which is off, so that two devices can be compared step by step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Sequential):
    def __init__(self, inputs=64, hidden=128, classes=10):
        super().__init__(
            nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, classes)
        )


class CNN(nn.Sequential):
    """Two convolutions with batch norm: the network of `make train`, for 28 by 28 images."""

    def __init__(self, width=16, classes=10):
        super().__init__(
            nn.Conv2d(1, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3, padding=1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(2 * width * 49, classes),
        )


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet18(nn.Module):
    """He et al., 2015, with the stem for small images; `width` 64 is the original."""

    def __init__(self, width=64, classes=10):
        super().__init__()
        layers, inputs = [], width
        for stage in range(4):
            outputs = width << stage
            for block in range(2):
                layers.append(BasicBlock(inputs, outputs, 2 if stage and not block else 1))
                inputs = outputs
        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.layers(self.stem(x))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Attention(nn.Module):
    def __init__(self, width, heads, causal=False):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask=None):
        n, length, width = x.shape
        q, k, v = self.qkv(x).view(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=self.causal)
        return self.out(y.transpose(1, 2).reshape(n, length, width))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, causal=False):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, causal)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x, mask=None):
        x = x + self.attention(self.norm1(x), mask)
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    def __init__(self, image=16, patch=4, width=32, depth=2, heads=4, classes=10):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.position = nn.Parameter(0.02 * torch.randn(1, (image // patch) ** 2 + 1, width))
        self.blocks = nn.ModuleList(TransformerBlock(width, heads) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


class GPT(nn.Module):
    def __init__(self, vocabulary=96, length=32, width=64, depth=2, heads=4):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(TransformerBlock(width, heads, causal=True) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1], device=tokens.device))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class BERT(nn.Module):
    """Masked tokens, a padding mask, post-norm encoder layers as PyTorch ships them."""

    def __init__(self, vocabulary=64, length=24, width=32, depth=2, heads=4):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width, padding_idx=0), nn.Embedding(length, width)
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1], device=tokens.device))
        return self.head(self.encoder(x, src_key_padding_mask=tokens == 0))


class Recurrent(nn.Module):
    def __init__(self, kind, vocabulary=50, width=24, classes=5):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.cell = kind(width, 32, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(64, classes)

    def forward(self, tokens):
        y, _ = self.cell(self.tokens(tokens))
        return self.head(y[:, -1])


class UNet(nn.Module):
    def __init__(self, width=8):
        super().__init__()

        def double(inputs, outputs):
            return nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.SiLU(),
                nn.Conv2d(outputs, outputs, 3, padding=1), nn.GroupNorm(4, outputs), nn.SiLU(),
            )  # fmt: skip

        self.down1, self.down2, self.middle = double(1, width), double(width, 2 * width), double(2 * width, 4 * width)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, 2)
        self.merge2, self.merge1 = double(4 * width, 2 * width), double(3 * width, width)
        self.out = nn.Conv2d(width, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        c = self.middle(F.avg_pool2d(b, 2))
        b = self.merge2(torch.cat([b, self.up2(c)], 1))
        up = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)
        return self.out(self.merge1(torch.cat([a, up], 1)))


class VAE(nn.Module):
    def __init__(self, inputs=64, hidden=48, latent=8):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent))
        self.decode = nn.Sequential(nn.Linear(latent, hidden), nn.Softplus(), nn.Linear(hidden, inputs), nn.Sigmoid())

    def forward(self, x, noise):
        mean, logvar = self.encode(x).chunk(2, 1)
        return self.decode(mean + noise * (0.5 * logvar).exp()), mean, logvar


class DCGAN(nn.Module):
    """Generator and discriminator trained by one summed loss, as one step of each."""

    def __init__(self, latent=12, width=8):
        super().__init__()
        self.generator = nn.Sequential(
            nn.ConvTranspose2d(latent, 2 * width, 4, 1, 0, bias=False), nn.BatchNorm2d(2 * width), nn.ReLU(True),
            nn.ConvTranspose2d(2 * width, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
            nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False), nn.InstanceNorm2d(2 * width, affine=True), nn.LeakyReLU(0.2, True),
            nn.Conv2d(2 * width, 1, 4, 1, 0, bias=False), nn.Flatten(),
        )  # fmt: skip

    def forward(self, real, noise):
        fake = self.generator(noise)
        return self.discriminator(real), self.discriminator(fake), fake


@dataclass
class Entry:
    model: Callable[[], nn.Module]
    batch: Callable[[], tuple]
    loss: Callable[[nn.Module, tuple], torch.Tensor]
    optimizer: Callable = lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def classify(model, batch):
    return F.cross_entropy(model(batch[0]), batch[1])


def predict_tokens(model, batch):
    return F.cross_entropy(model(batch[0]).flatten(0, 1), batch[1].flatten())


def labels(count, classes=10):
    return torch.randint(classes, (count,))


def vae_loss(model, batch):
    x, noise = batch
    y, mean, logvar = model(x, noise)
    return F.binary_cross_entropy(y, x) - 0.01 * (1 + logvar - mean.pow(2) - logvar.exp()).mean()


def dcgan_loss(model, batch):
    real, fake, images = model(*batch)
    ones, zeros = torch.ones_like(real), torch.zeros_like(fake)
    judged = F.binary_cross_entropy_with_logits(real, ones) + F.binary_cross_entropy_with_logits(fake, zeros)
    return judged + 0.1 * images.abs().mean()


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.05)


def token_batch():
    return torch.randint(96, (4, 32)), torch.randint(96, (4, 32))


def padded_batch():
    tokens = torch.randint(1, 64, (4, 24))
    tokens[1, 20:] = 0
    tokens[3, 15:] = 0
    return tokens, torch.randint(64, (4, 24))


def text_batch():
    return torch.randint(50, (6, 12)), labels(6, 5)


ZOO = {
    "mlp": Entry(MLP, lambda: (torch.randn(32, 64), labels(32)), classify),
    "cnn": Entry(CNN, lambda: (torch.randn(16, 1, 28, 28), labels(16)), classify),
    # With a few images or long steps, one ReLU that rounding turns makes several percent after ten steps.
    "resnet18": Entry(lambda: ResNet18(width=8), lambda: (torch.randn(16, 3, 16, 16), labels(16)), classify,
                      lambda p: torch.optim.SGD(p, lr=0.003, momentum=0.9)),
    "vit": Entry(ViT, lambda: (torch.randn(4, 3, 16, 16), labels(4)), classify, adamw),
    "bert": Entry(BERT, padded_batch, predict_tokens, adamw),
    "gpt": Entry(GPT, token_batch, predict_tokens, adamw),
    "lstm": Entry(lambda: Recurrent(nn.LSTM), text_batch, classify),
    "gru": Entry(lambda: Recurrent(nn.GRU), text_batch, classify, lambda p: torch.optim.RMSprop(p, lr=1e-3)),
    "unet": Entry(UNet, lambda: (torch.randn(2, 1, 16, 16), torch.rand(2, 1, 16, 16)),
                  lambda m, b: F.mse_loss(m(b[0]), b[1]), lambda p: torch.optim.Adam(p, lr=1e-3)),
    "vae": Entry(VAE, lambda: (torch.rand(16, 64), torch.randn(16, 8)), vae_loss, lambda p: torch.optim.Adam(p, lr=1e-3)),
    "dcgan": Entry(DCGAN, lambda: (torch.randn(4, 1, 16, 16).tanh(), torch.randn(4, 12, 1, 1)), dcgan_loss,
                   lambda p: torch.optim.Adam(p, lr=2e-4, betas=(0.5, 0.999))),
}  # fmt: skip
