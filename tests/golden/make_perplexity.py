# SPDX-License-Identifier: Apache-2.0
"""Golden perplexity of the held-out text, exact, by transformers in F32: perplexity.json.

As decision 19 has it: disjoint windows of min(1024, context) tokens, the first position of each not
scored, a last window of at least two tokens counted too. Of the ReLU fixture also the share of
exact zeros by layer and the logits of its first window's positions 0, 100 and the last (every
sixteenth). The starter is measured on its first two windows only.
"""

import argparse
import json
import math
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
WINDOW = 1024


def measure(model, ids: list[int]) -> dict:
    total, count, first = 0.0, 0, None
    for at in range(0, len(ids), WINDOW):
        window = torch.tensor([ids[at:at + WINDOW]])
        if window.shape[1] < 2:
            continue
        with torch.no_grad():
            logits = model(window).logits[0].double()
        first = logits if first is None else first
        total += torch.nn.functional.cross_entropy(logits[:-1], window[0, 1:],
                                                   reduction="sum").item()
        count += window.shape[1] - 1
        print(f"{at}: {math.exp(total / count):.4f}", flush=True)
    return {"perplexity": math.exp(total / count), "nll_nats": total / count, "tokens": count,
            "first_window": first}


def relu(text: str) -> dict:
    tokenizer = Tokenizer.from_file(str(FIXTURES / "relu-llama/tokenizer.json"))
    model = AutoModelForCausalLM.from_pretrained(FIXTURES / "relu-llama",
                                                 dtype=torch.float32).eval()
    zeros: list[list[float]] = [[] for _ in model.model.layers]
    for layer, shares in zip(model.model.layers, zeros):
        layer.mlp.act_fn.register_forward_hook(
            lambda _module, _inputs, output, shares=shares:
            shares.append((output == 0).float().mean().item()))
    ids = tokenizer.encode(text).ids
    result = measure(model, ids)
    first = result.pop("first_window")
    positions = [0, 100, len(first) - 1]
    return {**result, "first_ids": ids[:WINDOW], "positions": positions,
            "logits": [[float(f"{x:.7g}") for x in first[p][::16].tolist()] for p in positions],
            "logits_stride": 16,
            "zeros_by_layer": [round(sum(z) / len(z), 4) for z in zeros]}


def starter(gguf: Path, text: str) -> dict:
    from llama_cpp import Llama
    ids = Llama(str(gguf), vocab_only=True, verbose=False).tokenize(
        text.encode(), add_bos=False, special=False)[:2 * WINDOW]
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name,
                                                 dtype=torch.float32).eval()
    result = measure(model, ids)
    result.pop("first_window")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starter", type=Path, help="its GGUF; kept as it was if not given")
    parser.add_argument("--fixture", action="store_true", help="the ReLU fixture; likewise")
    arguments = parser.parse_args()
    text = (FIXTURES / "heldout.txt").read_text()
    path = HERE / "perplexity.json"
    result = json.loads(path.read_text()) if path.exists() else {
        "reference": "transformers, F32", "file": "tests/fixtures/heldout.txt"}
    if arguments.starter:
        result["starter"] = starter(arguments.starter, text)
    if arguments.fixture:
        result["relu_llama"] = relu(text)
    path.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
