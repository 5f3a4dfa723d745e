"""Language models of Transformers, from tiny configurations with random weights."""

import torch
from harness import Case, tokens, training
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM

SMALL = {
    "vocab_size": 96, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
MIXTURE = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}


def without_dropout(config):
    for name, value in list(vars(config).items()):
        if "drop" in name and isinstance(value, float):
            setattr(config, name, 0.0)
    return config


def config_of(kind: str, **settings):
    return without_dropout(AutoConfig.for_model(kind, **settings))


def causal(
    kind: str, *, name: str = "", early=False, checkpointing=False, autocast=None, scaler=False, **settings
) -> Case:
    """Predicts the next token."""
    settings = {**SMALL, **settings}

    def build():
        return AutoModelForCausalLM.from_config(config_of(kind, **settings))

    return training(
        f"transformers: {name or kind}", build, tokens, lambda model, x: model(input_ids=x, labels=x).loss,
        early=early, checkpointing=checkpointing, autocast=autocast, scaler=scaler,
    )  # fmt: skip


def masked(kind: str, *, name: str = "", early=False, checkpointing=False, **settings) -> Case:
    """Fills in tokens; the second sequence of a batch is padded."""
    settings = {**SMALL, **settings}

    def batch():
        x = tokens()
        mask = torch.ones_like(x)
        mask[1, 10:] = 0
        return {"input_ids": x, "attention_mask": mask, "labels": torch.where(mask.bool(), x, -100)}

    return training(
        f"transformers: {name or kind}", lambda: AutoModelForMaskedLM.from_config(config_of(kind, **settings)), batch,
        lambda model, x: model(**x).loss, early=early, checkpointing=checkpointing,
    )  # fmt: skip


def translation(kind: str, *, early=False, **settings) -> Case:
    """From tokens to tokens."""

    def batch():
        return {"input_ids": tokens(), "labels": tokens(length=12)}

    return training(
        f"transformers: {kind}", lambda: AutoModelForSeq2SeqLM.from_config(config_of(kind, **settings)), batch,
        lambda model, x: model(**x).loss, early=early,
    )  # fmt: skip


BART = {
    "vocab_size": 96, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "decoder_start_token_id": 2,
}  # fmt: skip
T5 = {
    "vocab_size": 96,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 64,
    "num_layers": 2,
    "num_heads": 4,
    "pad_token_id": 0,
    "decoder_start_token_id": 0,
}
GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}


def cases() -> list[Case]:
    return [
        causal("gpt2", name="gpt2, tied", early=True, **GPT2),
        causal("gpt2", name="gpt2, checkpointing", checkpointing=True, **GPT2),
        causal("gpt2", name="gpt2, bfloat16", autocast=torch.bfloat16, **GPT2),
        causal("gpt2", name="gpt2, float16 with GradScaler", autocast=torch.float16, scaler=True, **GPT2),
        causal("llama"),
        causal("mistral", sliding_window=8),
        causal("qwen2", early=True, tie_word_embeddings=True),
        causal("qwen3", head_dim=8),
        causal("gemma", head_dim=8),
        causal("gemma2", head_dim=8, sliding_window=8),
        causal("phi"),
        causal("gpt_neox"),
        causal("opt", ffn_dim=64, word_embed_proj_dim=32),
        causal("bloom", n_layer=2, n_head=4),
        causal("falcon", alibi=False),
        causal("mamba", state_size=4),
        causal("mixtral", name="mixtral, a mixture of experts", num_local_experts=4, num_experts_per_tok=2),
        causal("qwen3_moe", name="qwen3_moe, a mixture of experts", head_dim=8, **MIXTURE),
        causal(
            "olmoe",
            name="olmoe, a mixture of experts, checkpointing",
            checkpointing=True,
            num_experts=4,
            num_experts_per_tok=2,
        ),
        masked("bert", name="bert, tied", early=True),
        masked("roberta", type_vocab_size=1),
        masked("distilbert", dim=32, n_layers=2, n_heads=4, hidden_dim=64),
        masked("albert", embedding_size=16),
        masked("electra", embedding_size=16, checkpointing=True),
        masked("deberta-v2"),
        masked("fnet"),
        translation("t5", early=True, **T5),
        translation("bart", **BART),
        translation("marian", early=True, **BART),
    ]
