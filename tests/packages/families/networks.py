"""timm, MONAI, x-transformers, vector-quantize-pytorch and OpenAI's Whisper."""

import timm
import torch
from harness import Case, classes, images, tokens, training
from monai.losses import DiceCELoss
from monai.networks.nets import UNETR, DynUNet, SegResNet, UNet, VNet
from torch.nn import functional as F
from vector_quantize_pytorch import VectorQuantize
from whisper.model import ModelDimensions, Whisper
from x_transformers import Decoder, Encoder, TransformerWrapper, ViTransformerWrapper


def image_model(name: str, size: int = 32, count: int = 2, **options) -> Case:
    settings = {"img_size": size} if name.startswith(("vit", "mixer")) else {}
    build = lambda: timm.create_model(name, pretrained=False, num_classes=5, **settings)  # noqa: E731
    return training(
        f"timm: {name}",
        build,
        lambda: (images(size=size, batch=count), classes(5, count)),
        lambda m, b: F.cross_entropy(m(b[0]), b[1]),
        **options,
    )


def volumes(name: str, build, size: int = 16, loss=None, **options) -> Case:
    """Segments a volume into three kinds."""
    loss = loss or DiceCELoss(to_onehot_y=True, softmax=True)
    return training(
        f"monai: {name}", build, lambda: (torch.randn(1, 1, size, size, size), torch.randint(3, (1, 1, size, size, size))),
        lambda m, b: loss(m(b[0]), b[1]), **options,
    )  # fmt: skip


def language():
    return TransformerWrapper(
        num_tokens=96,
        max_seq_len=32,
        attn_layers=Decoder(dim=32, depth=2, heads=4, rotary_pos_emb=True, attn_flash=True),
        tie_embedding=True,
    )


def vision():
    return ViTransformerWrapper(
        image_size=32, patch_size=8, num_classes=5, attn_layers=Encoder(dim=32, depth=2, heads=4)
    )


class Quantized(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = torch.nn.Linear(16, 8), torch.nn.Linear(8, 16)
        self.codes = VectorQuantize(dim=8, codebook_size=16, decay=0.8, commitment_weight=1.0, kmeans_init=False)

    def forward(self, x):
        code, _, commitment = self.codes(self.encoder(x))
        return F.mse_loss(self.decoder(code), x) + commitment.sum()


def whisper_model(dims: ModelDimensions) -> Whisper:
    model = Whisper(dims)
    torch.nn.init.normal_(model.decoder.positional_embedding, std=0.1)  # the package leaves it as memory was
    return model


def whisper() -> Case:
    dims = ModelDimensions(
        n_mels=8, n_audio_ctx=20, n_audio_state=32, n_audio_head=4, n_audio_layer=2, n_vocab=96, n_text_ctx=16, n_text_state=32,
        n_text_head=4, n_text_layer=2,
    )  # fmt: skip

    def loss(model, batch):
        mel, text = batch
        return F.cross_entropy(model(mel, text[:, :-1]).flatten(0, 1), text[:, 1:].flatten())

    return training(
        "openai-whisper: Whisper", lambda: whisper_model(dims), lambda: (torch.randn(2, 8, 40), tokens(length=9)), loss
    )


def cases() -> list[Case]:
    next_token = lambda m, x: F.cross_entropy(m(x[:, :-1]).transpose(1, 2), x[:, 1:])  # noqa: E731
    return [
        image_model("resnet18", size=64, early=True),
        image_model("efficientnet_b0", size=64, count=8),
        image_model("mobilenetv3_small_050", size=64),
        image_model("convnext_atto", size=64),
        image_model("vit_tiny_patch16_224"),
        image_model("mixer_s32_224", size=64),
        volumes("UNet", lambda: UNet(3, 1, 3, channels=(4, 8, 16), strides=(2, 2))),
        volumes("SegResNet", lambda: SegResNet(3, init_filters=8, in_channels=1, out_channels=3)),
        volumes("DynUNet", lambda: DynUNet(3, 1, 3, [3, 3, 3], [1, 2, 2], [2, 2], filters=[4, 8, 16])),
        volumes(
            "UNETR",
            lambda: UNETR(1, 3, (16, 16, 16), feature_size=4, hidden_size=32, mlp_dim=64, num_heads=4),
            early=True,
        ),
        volumes("VNet", lambda: VNet(3, 1, 3, dropout_prob_down=0.0, dropout_prob_up=(0.0, 0.0)), size=32),
        training("x-transformers: Decoder, tied", language, tokens, next_token, early=True),
        training(
            "x-transformers: ViT", vision, lambda: (images(), classes(5)), lambda m, b: F.cross_entropy(m(b[0]), b[1])
        ),
        training(
            "vector-quantize-pytorch: VectorQuantize", Quantized, lambda: torch.randn(2, 12, 16), lambda m, x: m(x)
        ),
        whisper(),
    ]
