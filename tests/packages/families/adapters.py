"""PEFT: adapters on models of Transformers. Only the adapters train."""

from harness import Case, tokens, training
from peft import IA3Config, LoraConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForSequenceClassification

from families.text import GPT2, SMALL, T5, config_of


def gpt2():
    return AutoModelForCausalLM.from_config(config_of("gpt2", **{**SMALL, **GPT2}))


def language(name, config, **options) -> Case:
    return training(
        f"peft: {name}",
        lambda: get_peft_model(gpt2(), config()),
        tokens,
        lambda m, x: m(input_ids=x, labels=x).loss,
        **options,
    )


def classifier():
    model = AutoModelForSequenceClassification.from_config(config_of("bert", **SMALL, num_labels=3))
    return get_peft_model(
        model, LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query", "value"], lora_dropout=0.0)
    )


def translator():
    return get_peft_model(AutoModelForSeq2SeqLM.from_config(config_of("t5", **T5)), IA3Config(task_type="SEQ_2_SEQ_LM"))


def cases() -> list[Case]:
    return [
        language("LoRA on gpt2", lambda: LoraConfig(task_type="CAUSAL_LM", r=4, target_modules=["c_attn"], fan_in_fan_out=True), early=True),
        language("prompt tuning on gpt2", lambda: PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)),
        training("peft: LoRA on bert", classifier, lambda: {"input_ids": tokens(), "labels": tokens(3 + 3, length=1)[:, 0] - 3},
                 lambda m, x: m(**x).loss),
        training("peft: IA3 on t5", translator, lambda: {"input_ids": tokens(), "labels": tokens(length=8)}, lambda m, x: m(**x).loss),
    ]  # fmt: skip
