# SPDX-License-Identifier: Apache-2.0
"""Golden logits of the starter model: starter/logits.json.

The GGUF is opened by transformers (which dequantises to F32) and, as a check of that reader, every
tensor is compared with the `gguf` package's own dequantisation. Of each of the last positions are
kept the largest logits and 200 evenly spaced vocabulary entries.
"""

import argparse
import json
from pathlib import Path

import numpy
import torch
from gguf import GGUFReader, dequantize
from transformers import AutoModelForCausalLM

PROMPTS = {
    "capital": "The capital of France is Paris, and the capital of Italy is",
    "chat": "<|im_start|>user\nName three colours.<|im_end|>\n<|im_start|>assistant\n",
}
HF_NAMES = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
            "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
            "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
            "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}


def hf_name(gguf_name: str) -> str:
    if gguf_name.startswith("blk."):
        _, layer, part, _ = gguf_name.split(".")
        return f"model.layers.{layer}.{HF_NAMES[part]}.weight"
    return {"token_embd.weight": "model.embed_tokens.weight",
            "output_norm.weight": "model.norm.weight"}[gguf_name]


def unpermute(rows: numpy.ndarray, heads: int) -> numpy.ndarray:
    """GGUF interleaves the two halves of each head's rotary rows; transformers keeps them apart."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def check_weights(model, path: Path) -> None:
    state, config = model.state_dict(), model.config
    for tensor in GGUFReader(path).tensors:
        ours = dequantize(tensor.data, tensor.tensor_type)
        if "attn_q." in tensor.name:
            ours = unpermute(ours, config.num_attention_heads)
        elif "attn_k." in tensor.name:
            ours = unpermute(ours, config.num_key_value_heads)
        theirs = state[hf_name(tensor.name)].numpy()
        if not numpy.array_equal(ours, theirs):
            raise SystemExit(f"{tensor.name}: differs by {numpy.abs(ours - theirs).max()}")


def position(logits: torch.Tensor, at: int) -> dict:
    top = logits.topk(40)
    spaced = torch.linspace(0, len(logits) - 1, 200).long()
    keep = sorted(set(top.indices.tolist()) | set(spaced.tolist()))
    return {"position": at, "max": top.values[0].item(), "argmax": top.indices[0].item(),
            "ids": keep, "logits": [float(f"{logits[i].item():.7g}") for i in keep]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gguf", type=Path)
    arguments = parser.parse_args()
    from llama_cpp import Llama
    tokenizer = Llama(str(arguments.gguf), vocab_only=True, verbose=False)
    model = AutoModelForCausalLM.from_pretrained(
        arguments.gguf.parent, gguf_file=arguments.gguf.name, dtype=torch.float32).eval()
    check_weights(model, arguments.gguf)
    cases = []
    for name, prompt in PROMPTS.items():
        ids = tokenizer.tokenize(prompt.encode(), add_bos=False, special=True)
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
            greedy = model.generate(torch.tensor([ids]), max_new_tokens=24, do_sample=False)[0]
        count = len(ids)
        cases.append({"name": name, "prompt": prompt, "tokens": ids,
                      "greedy": greedy[count:].tolist(),
                      "greedy_text": tokenizer.detokenize(greedy[count:].tolist()).decode(),
                      "positions": [position(logits[i], i) for i in range(count - 3, count)]})
        print(name, count, cases[-1]["greedy_text"])
    folder = Path(__file__).parent / "starter"
    folder.mkdir(exist_ok=True)
    (folder / "logits.json").write_text(json.dumps(
        {"model": arguments.gguf.name, "reference": "transformers, F32", "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
