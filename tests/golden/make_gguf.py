# SPDX-License-Identifier: Apache-2.0
"""A small random GGUF of architecture llama: gguf/tiny.gguf, with golden logits and token ids.

Every type the importer reads is in it: F32, F16, Q8_0, Q4_0, Q4_1, and a Q6_K output of its own
(random bytes, for the `gguf` package cannot encode that). Its tokenizer is the SentencePiece BPE of
llama-relu. Logits are transformers' in F32; llama.cpp reads it too and agrees roughly, as it
quantises activations. Token ids are llama.cpp's.
"""

import json
from pathlib import Path

import gguf
import numpy
import sentencepiece
import torch
from gguf import GGMLQuantizationType as Type
from llama_cpp import Llama
from transformers import AutoModelForCausalLM

import mixed_text

HERE = Path(__file__).parent
HIDDEN, KEYS, INTERMEDIATE, VOCABULARY = 256, 128, 96, 320
PIECES = str(HERE / "llama-relu/tokenizer.model")
TENSORS = {
    "blk.0.attn_q.weight": (Type.Q4_0, (HIDDEN, HIDDEN)),
    "blk.0.attn_k.weight": (Type.Q8_0, (KEYS, HIDDEN)),
    "blk.0.attn_v.weight": (Type.Q4_1, (KEYS, HIDDEN)),
    "blk.0.attn_output.weight": (Type.Q4_0, (HIDDEN, HIDDEN)),
    "blk.0.ffn_gate.weight": (Type.Q4_0, (INTERMEDIATE, HIDDEN)),
    "blk.0.ffn_up.weight": (Type.Q4_1, (INTERMEDIATE, HIDDEN)),
    "blk.0.ffn_down.weight": (Type.Q8_0, (HIDDEN, INTERMEDIATE)),
    "token_embd.weight": (Type.F16, (VOCABULARY, HIDDEN)),
    "output.weight": (Type.Q6_K, (VOCABULARY, HIDDEN)),
}
TOKENS = [1, 57, 300, 12, 12, 199, 31, 8, 256, 77]


def add_tokenizer(writer: gguf.GGUFWriter) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=PIECES)
    every = range(len(pieces))
    kinds = [gguf.TokenType.UNKNOWN if pieces.is_unknown(i) else
             gguf.TokenType.CONTROL if pieces.is_control(i) else
             gguf.TokenType.BYTE if pieces.is_byte(i) else gguf.TokenType.NORMAL for i in every]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(i).encode() for i in every])
    writer.add_token_scores([pieces.get_score(i) for i in every])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)


def write(path: Path) -> None:
    generator = numpy.random.default_rng(3)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny random llama")
    writer.add_license("apache-2.0")
    writer.add_block_count(1)
    writer.add_context_length(256)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INTERMEDIATE)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(HIDDEN // 4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    add_tokenizer(writer)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        norm = 1 + 0.2 * generator.standard_normal(HIDDEN)
        writer.add_tensor(f"{name}.weight", norm.astype(numpy.float32))
    for name, (kind, shape) in TENSORS.items():
        if kind == Type.Q6_K:
            packed = generator.integers(0, 256, (shape[0], 210), dtype=numpy.uint8)
            packed[:, 208:] = numpy.array([7.5e-5], numpy.float16).view(numpy.uint8)
        else:
            scale = 1.0 if name == "token_embd.weight" else shape[1] ** -0.5
            values = scale * generator.standard_normal(shape)
            packed = gguf.quantize(values.astype(numpy.float32), kind)
        writer.add_tensor(name, packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def logits(path: Path) -> dict:
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name,
                                                 dtype=torch.float32).eval()
    with torch.no_grad():
        rows = model(torch.tensor([TOKENS])).logits[0].numpy()
    llama = Llama(str(path), n_ctx=64, logits_all=True, verbose=False)
    llama.eval(TOKENS)
    theirs = numpy.array(llama.scores[:len(TOKENS)])
    print(f"transformers and llama.cpp differ by {numpy.abs(rows - theirs).max():.3f} "
          f"of {numpy.abs(rows).max():.3f}")
    kept = [0, 5, 9]
    return {"reference": "transformers, F32", "tokens": TOKENS, "positions": kept,
            "logits": [[float(f"{x:.8g}") for x in rows[p].tolist()] for p in kept]}


def main() -> None:
    path = HERE / "gguf/tiny.gguf"
    path.parent.mkdir(exist_ok=True)
    write(path)
    (path.parent / "golden.json").write_text(json.dumps(logits(path)) + "\n")
    llama = Llama(str(path), vocab_only=True, verbose=False)
    texts = mixed_text.lines(200, 16)
    ids = [llama.tokenize(t.encode(), add_bos=False, special=False) for t in texts]
    pieces = sentencepiece.SentencePieceProcessor(model_file=PIECES)
    same = [i for i, t in enumerate(texts) if pieces.encode(t) == ids[i]]
    print(f"llama.cpp and sentencepiece agree on {len(same)} of {len(texts)} lines; the others:")
    for i in sorted(set(range(len(texts))) - set(same))[:10]:
        print("  ", ascii(texts[i])[:100], ids[i][:6], pieces.encode(texts[i])[:6])
    (HERE / "tokens/tiny-gguf.jsonl").write_text("".join(
        json.dumps({"text": texts[i], "ids": ids[i]}, separators=(",", ":")) + "\n" for i in same))
    special = ["<s>hello</s>", "a <s> b", "hello world", "", "</s></s>x", "[INST] hi [/INST]"]
    (HERE / "tokens/tiny-gguf-special.jsonl").write_text("".join(json.dumps(
        {"text": t, "ids": llama.tokenize(t.encode(), add_bos=True, special=True)},
        separators=(",", ":")) + "\n" for t in special))


if __name__ == "__main__":
    main()
