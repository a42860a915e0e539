// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gguf_shape.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "core/import/synthetic_noise.h"
#include "core/import/synthetic_tokenizer.h"
#include "core/io/file.h"

namespace glowworm::bench {

namespace {

constexpr uint64_t kAlignment = 32;
// GGUF's numbers for its value types and tensor types.
enum ValueType : uint32_t { kUint32 = 4, kInt32 = 5, kFloat32 = 6, kString = 8, kArray = 9 };

uint32_t tensorType(Dtype dtype) {
    switch (dtype) {
        case Dtype::kQ4_0: return 2;
        case Dtype::kQ8_0: return 8;
        case Dtype::kF16: return 1;
        default: return 0;
    }
}

struct Tensor {
    std::string name;
    uint64_t rows, cols;
    Dtype dtype;
    [[nodiscard]] uint64_t bytes() const { return rows * rowBytes(dtype, cols); }
};

class Header {
  public:
    template <typename T>
    void put(T value) {
        text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void put(std::string_view text) {
        put<uint64_t>(text.size());
        text_ += text;
    }
    void key(std::string_view name, ValueType type) {
        ++keys_;
        put(name);
        put<uint32_t>(type);
    }
    void number(std::string_view name, uint32_t value) {
        key(name, kUint32);
        put(value);
    }
    void text(std::string_view name, std::string_view value) {
        key(name, kString);
        put(value);
    }
    void array(std::string_view name, ValueType type, uint64_t count) {
        key(name, kArray);
        put<uint32_t>(type);
        put(count);
    }
    [[nodiscard]] uint64_t keys() const { return keys_; }
    [[nodiscard]] const std::string& bytes() const { return text_; }

  private:
    std::string text_;
    uint64_t keys_ = 0;
};

void putVocabulary(Header& header, uint32_t vocabulary) {
    const TokenizerData data = syntheticTokenizer(vocabulary);
    header.text("tokenizer.ggml.model", "llama");
    header.array("tokenizer.ggml.tokens", kString, vocabulary);
    for (const std::string& piece : data.pieces) header.put(std::string_view(piece));
    header.array("tokenizer.ggml.scores", kFloat32, vocabulary);
    for (uint32_t i = 0; i < vocabulary; ++i) header.put(-static_cast<float>(i));
    header.array("tokenizer.ggml.token_type", kInt32, vocabulary);
    // Unknown, two control tokens, bytes, then normal ones, as GGUF counts them.
    for (uint32_t i = 0; i < vocabulary; ++i) {
        header.put<int32_t>(i == 0 ? 2 : i < 3 ? 3 : i < kFirstSyntheticWord ? 6 : 1);
    }
    header.number("tokenizer.ggml.bos_token_id", 1);
    header.number("tokenizer.ggml.eos_token_id", 2);
    header.number("tokenizer.ggml.unknown_token_id", 0);
}

void putConfig(Header& header, const ModelConfig& c) {
    header.text("general.architecture", "llama");
    header.text("general.name", "synthetic");
    header.number("llama.context_length", c.context_max);
    header.number("llama.embedding_length", c.hidden);
    header.number("llama.block_count", c.layers);
    header.number("llama.feed_forward_length", c.ff_width);
    header.number("llama.attention.head_count", c.heads);
    header.number("llama.attention.head_count_kv", c.kv_heads);
    header.number("llama.rope.dimension_count", c.head_dim);
    header.number("llama.vocab_size", c.vocabulary);
    header.key("llama.attention.layer_norm_rms_epsilon", kFloat32);
    header.put(1e-5F);
}

std::vector<Tensor> tensorsOf(const ModelConfig& c, Dtype dtype) {
    const uint64_t hidden = c.hidden, width = c.ff_width;
    const uint64_t q = uint64_t{c.heads} * c.head_dim, kv = uint64_t{c.kv_heads} * c.head_dim;
    std::vector<Tensor> tensors{{"token_embd.weight", c.vocabulary, hidden, dtype},
                                {"output_norm.weight", 1, hidden, Dtype::kF32},
                                {"output.weight", c.vocabulary, hidden, dtype}};
    for (uint32_t l = 0; l < c.layers; ++l) {
        const std::string at = "blk." + std::to_string(l) + ".";
        tensors.push_back({at + "attn_norm.weight", 1, hidden, Dtype::kF32});
        tensors.push_back({at + "attn_q.weight", q, hidden, dtype});
        tensors.push_back({at + "attn_k.weight", kv, hidden, dtype});
        tensors.push_back({at + "attn_v.weight", kv, hidden, dtype});
        tensors.push_back({at + "attn_output.weight", hidden, q, dtype});
        tensors.push_back({at + "ffn_norm.weight", 1, hidden, Dtype::kF32});
        tensors.push_back({at + "ffn_gate.weight", width, hidden, dtype});
        tensors.push_back({at + "ffn_up.weight", width, hidden, dtype});
        tensors.push_back({at + "ffn_down.weight", hidden, width, dtype});
    }
    return tensors;
}

Status writeHeader(FileWriter& file, const ModelConfig& c, const std::vector<Tensor>& tensors) {
    Header keys;
    putConfig(keys, c);
    putVocabulary(keys, c.vocabulary);
    Header header;
    header.put<uint32_t>(0x46554747);  // "GGUF"
    header.put<uint32_t>(3);
    header.put<uint64_t>(tensors.size());
    header.put<uint64_t>(keys.keys());
    RETURN_IF_ERROR(file.write(header.bytes()));
    RETURN_IF_ERROR(file.write(keys.bytes()));
    Header infos;
    uint64_t offset = 0;
    for (const Tensor& tensor : tensors) {
        infos.put(std::string_view(tensor.name));
        infos.put<uint32_t>(tensor.rows == 1 ? 1 : 2);
        infos.put(tensor.cols);
        if (tensor.rows > 1) infos.put(tensor.rows);
        infos.put(tensorType(tensor.dtype));
        infos.put(offset);
        offset += (tensor.bytes() + kAlignment - 1) / kAlignment * kAlignment;
    }
    return file.write(infos.bytes());
}

}  // namespace

Status writeGgufShape(const std::string& path, const SyntheticShape& shape, Dtype dtype) {
    const ModelConfig& c = shape.config;
    ASSIGN_OR_RETURN(FileWriter file, FileWriter::create(path));
    const std::vector<Tensor> tensors = tensorsOf(c, dtype);
    RETURN_IF_ERROR(writeHeader(file, c, tensors));
    const NoisePool noise(1);
    const EncodedPool rows(noise, dtype, 1 / std::sqrt(static_cast<float>(c.hidden)));
    const std::vector<float> ones(c.hidden, 1.0F);
    for (size_t i = 0; i < tensors.size(); ++i) {
        const Tensor& tensor = tensors[i];
        RETURN_IF_ERROR(file.padTo(kAlignment));
        if (tensor.dtype == Dtype::kF32) {
            RETURN_IF_ERROR(file.write(std::as_bytes(std::span(ones))));
            continue;
        }
        CounterRandom random(1, i, 0);
        for (uint64_t r = 0; r < tensor.rows; ++r) {
            RETURN_IF_ERROR(file.write(rows.row(tensor.cols, random)));
        }
    }
    return file.close();
}

}  // namespace glowworm::bench
