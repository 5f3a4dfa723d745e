"""Diffusers: denoisers and autoencoders."""

import torch
from diffusers import AutoencoderKL, DDPMScheduler, DiTTransformer2DModel, UNet2DConditionModel, UNet2DModel, VQModel
from harness import Case, images, tokens, training  # noqa: F401

BLOCKS = {
    "block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4, "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
}  # fmt: skip


def denoising(name, build, call, size=16, channels=3, **options) -> Case:
    """Predicts the noise that a scheduler has added."""
    scheduler = DDPMScheduler(num_train_timesteps=100)

    def batch():
        clean, noise, times = images(channels, size), images(channels, size), torch.randint(100, (2,))
        return {
            "noisy": scheduler.add_noise(clean, noise, times),
            "noise": noise,
            "times": times,
            "text": torch.randn(2, 6, 16),
        }

    def loss(model, x):
        return (call(model, x) - x["noise"]).square().mean()

    return training(f"diffusers: {name}", build, batch, loss, **options)


def unet():
    return UNet2DModel(sample_size=16, in_channels=3, out_channels=3, attention_head_dim=4, **BLOCKS)


def conditional_unet():
    return UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, cross_attention_dim=16, attention_head_dim=4, block_out_channels=(8, 16),
        layers_per_block=1, norm_num_groups=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip


def transformer():
    return DiTTransformer2DModel(
        num_attention_heads=2, attention_head_dim=8, in_channels=4, out_channels=4, num_layers=2, sample_size=8, patch_size=2,
        norm_num_groups=4, num_embeds_ada_norm=10,
    )  # fmt: skip


def autoencoder(name, build, encode, **options) -> Case:
    return training(
        f"diffusers: {name}", build, images, lambda model, x: (encode(model, x) - x).square().mean(), **options
    )


def cases() -> list[Case]:
    coders = {
        "block_out_channels": (8, 16), "layers_per_block": 1, "norm_num_groups": 4, "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2, "latent_channels": 4,
    }  # fmt: skip
    return [
        denoising("UNet2DModel", unet, lambda m, x: m(x["noisy"], x["times"]).sample, early=True),
        denoising("UNet2DModel, bfloat16", unet, lambda m, x: m(x["noisy"], x["times"]).sample, autocast=torch.bfloat16),
        denoising("UNet2DConditionModel", conditional_unet, lambda m, x: m(x["noisy"], x["times"], x["text"]).sample, channels=4),
        denoising("DiTTransformer2DModel", transformer,
                  lambda m, x: m(x["noisy"], timestep=x["times"], class_labels=x["times"] % 10).sample, channels=4, size=8),
        autoencoder("AutoencoderKL", lambda: AutoencoderKL(**coders), lambda m, x: m.decode(m.encode(x).latent_dist.mode()).sample),
        autoencoder("VQModel", lambda: VQModel(num_vq_embeddings=16, **coders), lambda m, x: m(x).sample),
    ]  # fmt: skip
