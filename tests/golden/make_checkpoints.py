# SPDX-License-Identifier: Apache-2.0
"""Small random Hugging Face checkpoints with golden logits, one folder each beside this file.

Weights are seeded and scaled so that logits spread and the ReLU models are sparse: all embeddings
share one direction, and gate rows lean against it. Tokenizers are trained on
resources/calibration.txt. `golden.json` in each folder has the logits of fixed token ids at a few
positions over the whole vocabulary, by transformers in F32, and the greedy continuation.
"""

import json
import shutil
from pathlib import Path

import sentencepiece
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, FalconConfig, LlamaConfig, OPTConfig

HERE = Path(__file__).parent
TEXT = HERE.parent.parent / "resources/calibration.txt"
VOCABULARY = 320
TOKENS = [1, 57, 300, 12, 12, 199, 31, 8, 256, 77, 143, 5, 290, 64, 3, 111]
POSITIONS = [0, 7, 14, 15]

LLAMA = {"vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 128,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "max_position_embeddings": 256, "bos_token_id": 1, "eos_token_id": 2}
CONFIGS = {
    "opt": OPTConfig(vocab_size=VOCABULARY, hidden_size=64, ffn_dim=128, num_hidden_layers=2,
                     num_attention_heads=4, max_position_embeddings=128, word_embed_proj_dim=64,
                     activation_function="relu", pad_token_id=0, bos_token_id=1, eos_token_id=2),
    "falcon": FalconConfig(vocab_size=VOCABULARY, hidden_size=64, ffn_hidden_size=192,
                           num_hidden_layers=2, num_attention_heads=4, multi_query=True,
                           parallel_attn=True, new_decoder_architecture=False, bias=False,
                           alibi=False, activation="relu", bos_token_id=1, eos_token_id=2),
    "falcon-new": FalconConfig(vocab_size=VOCABULARY, hidden_size=64, ffn_hidden_size=192,
                               num_hidden_layers=2, num_attention_heads=4, num_kv_heads=2,
                               new_decoder_architecture=True, bias=False, alibi=False,
                               activation="relu", bos_token_id=1, eos_token_id=2),
    "llama-relu": LlamaConfig(**LLAMA, hidden_act="relu", tie_word_embeddings=False),
    "llama-silu": LlamaConfig(**{**LLAMA, "num_hidden_layers": 3, "intermediate_size": 96},
                              hidden_act="silu", tie_word_embeddings=True,
                              rope_parameters={"rope_type": "default", "rope_theta": 100000.0}),
    "llama-bf16": LlamaConfig(**LLAMA, hidden_act="silu", tie_word_embeddings=True,
                              rms_norm_eps=1e-5, dtype=torch.bfloat16),
}
FINAL_NORMS = ("model.norm.weight", "ln_f.weight", "decoder.final_layer_norm.weight")
SPARSE_BIAS = 0.3


def is_gate(name: str) -> bool:
    return any(part in name for part in ("fc1.weight", "gate_proj.weight", "dense_h_to_4h.weight"))


def randomise(model: torch.nn.Module, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    common = torch.randn(64, generator=generator)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.dim() == 1:
            is_norm = "norm" in name or "ln_" in name
            value = 1 + 0.2 * noise if is_norm and name.endswith("weight") else 0.1 * noise
            if name.endswith(FINAL_NORMS):  # mixed signs: a tied head must not echo its input
                value = noise
        elif "embed" in name:
            value = 0.25 * noise + (0.25 * common if "position" not in name else 0)
        else:
            value = (3.0 if "lm_head" in name else 1.0) * noise / parameter.shape[1] ** 0.5
            if is_gate(name):
                value = value - SPARSE_BIAS * common / common.norm()
        parameter.data.copy_(value)


def byte_level_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train([str(TEXT)], trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<pad>", "<s>", "</s>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def sentencepiece_model(path: Path) -> None:
    """Writes tokenizer.model: BPE with byte fallback, as Llama 2 has it, <unk> <s> </s> first."""
    sentencepiece.SentencePieceTrainer.train(
        input=str(TEXT), model_prefix=str(path.with_suffix("")), vocab_size=VOCABULARY,
        model_type="bpe", byte_fallback=True, character_coverage=0.98, split_digits=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True, max_sentence_length=100_000, num_threads=1,
        minloglevel=2)
    path.with_suffix(".vocab").unlink()


def llama_tokenizer(path: Path) -> Tokenizer:
    """The same pieces in the form of Llama 2's tokenizer.json: merges in order of score."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
    vocabulary = {pieces.id_to_piece(i): i for i in range(len(pieces))}
    merges = []
    for piece, index in vocabulary.items():
        if index < 259:
            continue
        splits = [(piece[:i], piece[i:]) for i in range(1, len(piece))]
        pairs = [(a, b) for a, b in splits if a in vocabulary and b in vocabulary]
        merges += sorted(((-pieces.get_score(index), vocabulary[a], vocabulary[b], a, b)
                          for a, b in pairs))
    tokenizer = Tokenizer(models.BPE(vocabulary, [m[3:] for m in sorted(merges)],
                                     unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"),
                                                 normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(),
                                           decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>"])
    return tokenizer


def save_tokenizer(name: str, folder: Path) -> None:
    if name == "llama-relu":
        sentencepiece_model(folder / "tokenizer.model")
        llama_tokenizer(folder / "tokenizer.model").save(str(folder / "tokenizer.json"))
    else:
        byte_level_tokenizer().save(str(folder / "tokenizer.json"))
    add_bos = name in ("llama-relu", "opt")
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"add_bos_token": add_bos, "add_eos_token": False, "bos_token": "<s>",
         "eos_token": "</s>", "unk_token": "<unk>" if name == "llama-relu" else None},
        indent=2) + "\n")


def save_config(name: str, config, folder: Path) -> None:
    """As transformers 5 writes it; old-style for llama-relu, as transformers 4 did."""
    values = json.loads(config.to_json_string())
    if name == "llama-relu":
        rope = values.pop("rope_parameters")
        values |= {"rope_theta": rope["rope_theta"], "rope_scaling": None,
                   "torch_dtype": values.pop("dtype", "float32"), "transformers_version": "4.31.0"}
    if name == "falcon":  # as tiiuae/falcon-7b says it, plus the relufied models' hidden_act
        values |= {"hidden_act": "relu", "torch_dtype": "float32"}
    (folder / "config.json").write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")


def save_weights(name: str, model, folder: Path) -> None:
    state = {k: v.contiguous().clone() for k, v in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        state.pop("lm_head.weight", None)
    if name != "llama-relu":
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names, weight_map = sorted(state), {}
    for shard, chosen in enumerate((names[:len(names) // 2], names[len(names) // 2:]), 1):
        file = f"model-0000{shard}-of-00002.safetensors"
        save_file({k: state[k] for k in chosen}, folder / file, metadata={"format": "pt"})
        weight_map |= {k: file for k in chosen}
    size = sum(v.numel() * v.element_size() for v in state.values())
    (folder / "model.safetensors.index.json").write_text(json.dumps(
        {"metadata": {"total_size": size}, "weight_map": weight_map}, indent=2) + "\n")


def watch_activations(model) -> list[float]:
    """The share of exact zeros of each layer's activation, filled in when the model runs."""
    zeros: list[float] = []
    def keep(_module, _inputs, output):
        zeros.append(round((output == 0).float().mean().item(), 4))
    for module in model.modules():
        for attribute in ("act_fn", "act", "activation_fn"):
            if isinstance(getattr(module, attribute, None), torch.nn.Module):
                getattr(module, attribute).register_forward_hook(keep)
    return zeros


def golden(folder: Path) -> dict:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.tensor([TOKENS])
    zeros = watch_activations(model)
    with torch.no_grad():
        logits = model(ids).logits[0]
        shares = list(zeros)
        greedy = model.generate(ids, max_new_tokens=16, do_sample=False, eos_token_id=None)[0]
    return {"reference": "transformers, F32", "tokens": TOKENS, "zeros_by_layer": shares,
            "greedy": greedy[len(TOKENS):].tolist(), "positions": POSITIONS,
            "logits": [[float(f"{x:.8g}") for x in logits[p].tolist()] for p in POSITIONS]}


def main() -> None:
    for seed, (name, config) in enumerate(CONFIGS.items(), 7):
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        model = AutoModelForCausalLM.from_config(config)
        randomise(model, seed)
        model.to(config.dtype or torch.float32)
        config.architectures = [type(model).__name__]
        save_tokenizer(name, folder)
        save_config(name, config, folder)
        save_weights(name, model, folder)
        result = golden(folder)
        (folder / "golden.json").write_text(json.dumps(result) + "\n")
        for file in folder.iterdir():
            file.chmod(0o644)
        flat = torch.tensor(result["logits"])
        print(f"{name}: zeros {result['zeros_by_layer']}, logits {flat.std():.2f} max "
              f"{flat.abs().max():.2f}, {sum(f.stat().st_size for f in folder.iterdir())} bytes, "
              f"greedy {result['greedy'][:6]}")


if __name__ == "__main__":
    main()
