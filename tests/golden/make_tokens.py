# SPDX-License-Identifier: Apache-2.0
"""Golden token ids: tokens/*.jsonl, one {"text": ..., "ids": [...]} a line.

starter.jsonl is llama.cpp's answer (vocab_only, no BOS, special tokens as text) on 2,000 lines;
starter-special.jsonl parses special tokens. starter-RULE.jsonl has the starter's own vocabulary
under another pre-tokenizer rule, by llama.cpp and `tokenizers` where both agree. The starter has no
merges of digits, so RULE-tokenizer.json and RULE.jsonl are a BPE trained on lines like these, with
the pre-tokenizer spelled as the models of that rule spell it, by `tokenizers`. The tokenizers of
the checkpoints are read by `tokenizers` and `sentencepiece`.
"""

import argparse
import json
from pathlib import Path

import sentencepiece
from gguf import GGUFReader
from llama_cpp import Llama
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

import mixed_text

HERE = Path(__file__).parent
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
RULES = {"smollm": [r"\p{N}", GPT2], "gpt-2": [GPT2], "llama-bpe": [LLAMA3],
         "qwen2": [LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")]}
SPECIAL = ["<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n",
           "<|endoftext|>a<|endoftext|>",
           " <|im_end|> ", "<|im_start|", "a<|im_end|><|im_end|>b", "<|unknown|>", "<repo_name>x/y",
           "½ <|im_start|>½", "<s> [INST] hi [/INST]", "<|im_start|>system\nBe brief.<|im_end|>"]


def starter_tokenizer(gguf: Path, rule: str) -> Tokenizer:
    """The GGUF's vocabulary and merges in `tokenizers`, under a pre-tokenizer rule."""
    fields = GGUFReader(gguf).fields
    pieces = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE({p: i for i, p in enumerate(pieces)}, merges,
                                     ignore_merges=rule == "llama-bpe"))
    splits = [pre_tokenizers.Split(Regex(p), "isolated") for p in RULES[rule]]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def write(name: str, texts: list[str], ids: list[list[int]]) -> None:
    rows = [json.dumps({"text": t, "ids": i}, separators=(",", ":")) for t, i in zip(texts, ids)]
    (HERE / "tokens" / f"{name}.jsonl").write_text("\n".join(rows) + "\n")
    print(f"{name}: {len(rows)} lines, {sum(map(len, ids))} ids")


def starter(gguf: Path) -> None:
    for rule in RULES:
        texts = mixed_text.lines(2000, 11) if rule == "smollm" else mixed_text.lines(400, 12)
        llama = Llama(str(gguf), vocab_only=True, verbose=False,
                      kv_overrides={"tokenizer.ggml.pre": rule})
        by_llama = [llama.tokenize(t.encode(), add_bos=False, special=False) for t in texts]
        tokenizer = starter_tokenizer(gguf, rule)
        by_hf = [tokenizer.encode(t, add_special_tokens=False).ids for t in texts]
        differ = [i for i in range(len(texts)) if by_llama[i] != by_hf[i]]
        print(f"{rule}: llama.cpp and tokenizers differ on {len(differ)} of {len(texts)} lines")
        for i in differ[:5]:
            print("  ", ascii(texts[i])[:200])
        if rule == "smollm":
            write("starter", texts, by_llama)
            write("starter-special", SPECIAL,
                  [llama.tokenize(t.encode(), add_bos=True, special=True) for t in SPECIAL])
        elif rule != "qwen2":  # the same ids as llama-bpe: the starter has no merges of digits
            same = [i for i in range(len(texts)) if i not in set(differ)]
            write(f"starter-{rule}", [texts[i] for i in same], [by_hf[i] for i in same])


def spelled(rule: str) -> pre_tokenizers.PreTokenizer:
    """The pre-tokenizer as tokenizer.json of GPT-2, SmolLM2, Llama 3, Qwen2 and Falcon has it."""
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    if rule == "gpt-2":
        return whole
    if rule == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), whole])
    if rule == "falcon":
        return pre_tokenizers.Sequence([
            pre_tokenizers.Punctuation("contiguous"), whole, pre_tokenizers.Digits(False),
            pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(RULES[rule][0]), "isolated"),
                                    bytes_only])


def rules() -> None:
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trained.train_from_iterator(mixed_text.lines(3000, 14), trainers.BpeTrainer(
        vocab_size=1200, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    texts = mixed_text.lines(300, 15)
    for rule in [*RULES, "falcon"]:
        tokenizer = Tokenizer.from_str(trained.to_str())
        tokenizer.pre_tokenizer = spelled(rule)
        tokenizer.decoder = decoders.ByteLevel()
        if rule == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.save(str(HERE / "tokens" / f"{rule}-tokenizer.json"), pretty=False)
        write(rule, texts, [tokenizer.encode(t, add_special_tokens=False).ids for t in texts])


def small() -> None:
    texts = mixed_text.lines(200, 13)
    byte_level = Tokenizer.from_file(str(HERE / "llama-silu/tokenizer.json"))
    write("llama-silu", texts, [byte_level.encode(t, add_special_tokens=False).ids for t in texts])
    model = str(HERE / "llama-relu/tokenizer.model")
    pieces = sentencepiece.SentencePieceProcessor(model_file=model)
    json_form = Tokenizer.from_file(str(HERE / "llama-relu/tokenizer.json"))
    by_model = [pieces.encode(t) for t in texts]
    by_json = [json_form.encode(t, add_special_tokens=False).ids for t in texts]
    differ = [i for i in range(len(texts)) if by_model[i] != by_json[i]]
    print(f"sentencepiece and tokenizers differ on {len(differ)} of {len(texts)} lines")
    for i in differ[:8]:
        print("  ", ascii(texts[i])[:120], by_model[i][:8], by_json[i][:8])
    write("llama-relu-model", texts, by_model)
    write("llama-relu-json", texts, by_json)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gguf", type=Path)
    (HERE / "tokens").mkdir(exist_ok=True)
    starter(parser.parse_args().gguf)
    rules()
    small()


if __name__ == "__main__":
    main()
