"""Vision and audio models of Transformers."""

import torch
from harness import Case, classes, images, tokens, training
from transformers import (
    AutoModelForImageClassification,
    AutoModelForSemanticSegmentation,
    CLIPModel,
    DPTForDepthEstimation,
    HubertForCTC,
    Wav2Vec2ForCTC,
    WhisperForConditionalGeneration,
)

from families.text import SMALL, T5, config_of  # noqa: F401

ENCODER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}


def labelled(size: int = 32, count: int = 2):
    return lambda: {"pixel_values": images(size=size, batch=count), "labels": classes(4, count)}


def image_classifier(kind: str, *, early=False, checkpointing=False, size=32, count=2, **settings) -> Case:
    def build():
        return AutoModelForImageClassification.from_config(config_of(kind, num_labels=4, **settings))

    return training(
        f"transformers: {kind}",
        build,
        labelled(size, count),
        lambda model, x: model(**x).loss,
        early=early,
        checkpointing=checkpointing,
    )


def segmentation() -> Case:
    def build():
        config = config_of(
            "segformer", num_labels=4, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], num_attention_heads=[1, 2, 2, 4],
            decoder_hidden_size=16,
        )  # fmt: skip
        return AutoModelForSemanticSegmentation.from_config(config)

    def batch():
        return {"pixel_values": images(size=64), "labels": torch.randint(4, (2, 64, 64))}

    return training("transformers: segformer", build, batch, lambda model, x: model(**x).loss)


def depth() -> Case:
    def build():
        config = config_of(
            "dpt", image_size=32, patch_size=8, num_hidden_layers=4, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[8, 8, 16, 16],
            fusion_hidden_size=16, hidden_size=32, intermediate_size=64, num_attention_heads=4,
        )  # fmt: skip
        return DPTForDepthEstimation(config)

    def loss(model, batch):
        depth = model(pixel_values=batch["images"].to(memory_format=torch.channels_last)).predicted_depth
        return (depth - batch["depth"]).square().mean()

    return training("transformers: dpt", build, lambda: {"images": images(), "depth": torch.rand(2, 64, 64)}, loss)


def image_and_text() -> Case:
    def build():
        text = dict(
            **ENCODER, vocab_size=96, max_position_embeddings=32, bos_token_id=1, eos_token_id=2, pad_token_id=0
        )
        vision = dict(**ENCODER, image_size=32, patch_size=8)
        return CLIPModel(config_of("clip", text_config=text, vision_config=vision, projection_dim=16))

    def batch():
        return {"input_ids": tokens(), "pixel_values": images(), "return_loss": True}

    return training("transformers: clip", build, batch, lambda model, x: model(**x).loss)


def speech(kind: str, model_class) -> Case:
    def build():
        config = config_of(
            kind, **ENCODER, vocab_size=20, conv_dim=[16, 16], conv_kernel=[10, 3], conv_stride=[5, 2], num_feat_extract_layers=2,
            num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=4, mask_time_prob=0.0, ctc_loss_reduction="mean", layerdrop=0.0,
        )  # fmt: skip
        return model_class(config)

    return training(
        f"transformers: {kind}", build, lambda: {"input_values": torch.randn(2, 800), "labels": torch.randint(1, 20, (2, 6))},
        lambda model, x: model(**x).loss,
    )  # fmt: skip


def transcription() -> Case:
    def build():
        config = config_of(
            "whisper", vocab_size=96, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=8, max_source_positions=40,
            max_target_positions=32, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, suppress_tokens=None,
            begin_suppress_tokens=None,
        )  # fmt: skip
        return WhisperForConditionalGeneration(config)

    def batch():
        return {"input_features": torch.randn(2, 8, 80), "labels": tokens(length=8)}

    return training("transformers: whisper", build, batch, lambda model, x: model(**x).loss, early=True)


def cases() -> list[Case]:
    return [
        image_classifier("vit", image_size=32, patch_size=8, early=True, **ENCODER),
        image_classifier("dinov2", image_size=32, patch_size=8, checkpointing=True, **ENCODER),
        image_classifier(
            "swin", image_size=32, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[2, 4], window_size=4
        ),
        image_classifier("convnext", hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1]),
        # With the usual epsilon the batch norms scale up rounding, as this little network's activations are tiny.
        image_classifier("mobilenet_v2", size=64, count=8, depth_multiplier=0.25, layer_norm_eps=0.1),
        image_classifier(
            "resnet", size=64, embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], layer_type="basic"
        ),
        segmentation(),
        depth(),
        image_and_text(),
        speech("wav2vec2", Wav2Vec2ForCTC),
        speech("hubert", HubertForCTC),
        transcription(),
    ]
