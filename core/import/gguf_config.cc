// SPDX-License-Identifier: Apache-2.0
#include "core/import/gguf_config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <utility>

#include "core/text/gguf_tokenizer.h"

namespace glowworm {

namespace {

const std::string& pathOf(const Gguf& gguf) { return gguf.store.files.front().path(); }

std::unexpected<Error> unsupported(const Gguf& gguf, const std::string& what) {
    return fail(ErrorCode::kUnsupported, pathOf(gguf) + ": " + what);
}

Result<uint32_t> needed(const Gguf& gguf, const std::string& key) {
    const std::optional<uint64_t> value = gguf.metadata.number(key);
    if (!value || *value > std::numeric_limits<uint32_t>::max())
        return fail(ErrorCode::kInvalidFile,
                    pathOf(gguf) + ": \"" + key + "\" is missing or not a whole number in range");
    return static_cast<uint32_t>(*value);
}

Result<uint32_t> numberOr(const Gguf& gguf, const std::string& key, uint32_t otherwise) {
    if (!gguf.metadata.has(key)) return otherwise;
    return needed(gguf, key);
}

// By what Llama 3 divides the frequency of pair `i` (transformers, _compute_llama3_parameters).
double llama3Divisor(const ModelConfig& c, size_t i) {
    const double frequency = std::pow(c.rope_base, -2.0 * static_cast<double>(i) / c.head_dim);
    const double wavelength = 2 * std::numbers::pi / frequency;
    const double context = c.rope_llama3_context;
    if (wavelength < context / c.rope_llama3_high) return 1;
    if (wavelength > context / c.rope_llama3_low) return c.rope_llama3_factor;
    const double smooth =
        (context / wavelength - c.rope_llama3_low) / (c.rope_llama3_high - c.rope_llama3_low);
    return 1 / ((1 - smooth) / c.rope_llama3_factor + smooth);
}

// A Llama 3 file has its scaling as a table of divisors; our config has the formula's numbers, so
// the table must be the one that Llama 3's own numbers give.
Status readLlama3(const Gguf& gguf, ModelConfig& c) {
    if (!gguf.store.has("rope_freqs.weight")) return {};
    ASSIGN_OR_RETURN(const StoredTensor* tensor, gguf.store.find("rope_freqs.weight"));
    const std::string unknown = "its table of rotary frequencies (rope_freqs) is not Llama 3's";
    if (tensor->dtype != Dtype::kF32 || tensor->rows() != 1 || tensor->cols() != c.head_dim / 2)
        return unsupported(gguf, unknown);
    std::vector<float> table(tensor->cols());
    RETURN_IF_ERROR(gguf.store.readRows(*tensor, 0, 1, std::as_writable_bytes(std::span(table))));
    if (std::ranges::all_of(table, [](float f) { return f == 1; })) return {};
    c.rope_llama3_factor = std::ranges::max(table);
    c.rope_llama3_low = 1;
    c.rope_llama3_high = 4;
    c.rope_llama3_context = 8192;
    for (size_t i = 0; i < table.size(); ++i)
        if (!(std::abs(table[i] - llama3Divisor(c, i)) <= 1e-3 * c.rope_llama3_factor))
            return unsupported(gguf, unknown);
    return {};
}

Status readRope(const Gguf& gguf, ModelConfig& c) {
    const GgufMetadata& m = gguf.metadata;
    c.positions = PositionKind::kRopeNeighbours;
    c.rope_base = static_cast<float>(m.real("llama.rope.freq_base").value_or(10000));
    ASSIGN_OR_RETURN(const uint32_t rotated,
                     numberOr(gguf, "llama.rope.dimension_count", c.head_dim));
    if (rotated != c.head_dim)
        return unsupported(gguf, "rotary positions over a part of each head are not known");
    const std::string type = m.text("llama.rope.scaling.type");
    const double factor =
        m.real("llama.rope.scaling.factor").value_or(m.real("llama.rope.scale_linear").value_or(1));
    if (type == "linear" || (type.empty() && factor != 1)) {
        c.rope_scale = static_cast<float>(factor);
    } else if (!type.empty() && type != "none") {
        return unsupported(gguf, "the rotary positions \"" + type.substr(0, 40) +
                                     "\" are not known; none and linear are");
    }
    return readLlama3(gguf, c);
}

}  // namespace

Result<ModelConfig> configFromGguf(const Gguf& gguf) {
    const GgufMetadata& m = gguf.metadata;
    const std::string architecture = m.text("general.architecture");
    if (architecture != "llama")
        return unsupported(gguf, "the architecture \"" + architecture.substr(0, 60) +
                                     "\" is not known in GGUF files; llama (with Mistral) is");
    ModelConfig c;
    ASSIGN_OR_RETURN(const uint32_t experts, numberOr(gguf, "llama.expert_count", 0));
    if (experts > 0) return unsupported(gguf, "mixture-of-experts models are not read yet");
    ASSIGN_OR_RETURN(c.layers, needed(gguf, "llama.block_count"));
    ASSIGN_OR_RETURN(c.hidden, needed(gguf, "llama.embedding_length"));
    ASSIGN_OR_RETURN(c.ff_width, needed(gguf, "llama.feed_forward_length"));
    ASSIGN_OR_RETURN(c.heads, needed(gguf, "llama.attention.head_count"));
    ASSIGN_OR_RETURN(c.kv_heads, numberOr(gguf, "llama.attention.head_count_kv", c.heads));
    ASSIGN_OR_RETURN(
        c.head_dim, numberOr(gguf, "llama.attention.key_length", c.hidden / std::max(c.heads, 1U)));
    ASSIGN_OR_RETURN(c.context_max, numberOr(gguf, "llama.context_length", 2048));
    ASSIGN_OR_RETURN(c.sliding_window, numberOr(gguf, "llama.attention.sliding_window", 0));
    c.norm_epsilon =
        static_cast<float>(m.real("llama.attention.layer_norm_rms_epsilon").value_or(1e-5));
    ASSIGN_OR_RETURN(const StoredTensor* embedding, gguf.store.find("token_embd.weight"));
    if (embedding->rows() > std::numeric_limits<uint32_t>::max())
        return fail(ErrorCode::kInvalidFile, pathOf(gguf) + ": the vocabulary is impossibly large");
    c.vocabulary = static_cast<uint32_t>(embedding->rows());
    c.tied_head = !gguf.store.has("output.weight");
    c.attention_bias = gguf.store.has("blk.0.attn_q.bias");
    RETURN_IF_ERROR(checkConfig(c, pathOf(gguf)));
    RETURN_IF_ERROR(readRope(gguf, c));
    RETURN_IF_ERROR(checkConfig(c, pathOf(gguf)));
    return c;
}

Result<TokenizerData> tokenizerOfGguf(const Gguf& gguf) {
    const GgufMetadata& m = gguf.metadata;
    const auto id = [&](const char* key) -> std::optional<uint32_t> {
        const std::optional<uint64_t> value = m.number(std::string("tokenizer.ggml.") + key);
        if (!value || *value > std::numeric_limits<uint32_t>::max()) return std::nullopt;
        return static_cast<uint32_t>(*value);
    };
    GgufTokenizer source;
    source.model = m.text("tokenizer.ggml.model");
    source.pre = m.text("tokenizer.ggml.pre");
    if (const auto* tokens = m.texts("tokenizer.ggml.tokens")) source.tokens = *tokens;
    if (const auto* merges = m.texts("tokenizer.ggml.merges")) source.merges = *merges;
    if (const auto* scores = m.reals("tokenizer.ggml.scores"))
        for (const double score : *scores) source.scores.push_back(static_cast<float>(score));
    if (const auto* types = m.reals("tokenizer.ggml.token_type"))
        for (const double type : *types)
            source.token_types.push_back(type >= 0 && type <= 100 ? static_cast<int32_t>(type)
                                                                  : -1);
    source.bos = id("bos_token_id");
    source.eos = id("eos_token_id");
    source.unknown = id("unknown_token_id");
    source.padding = id("padding_token_id");
    source.end_of_turn = id("eot_token_id");
    source.add_bos = m.boolean("tokenizer.ggml.add_bos_token");
    source.add_eos = m.boolean("tokenizer.ggml.add_eos_token");
    source.add_space_prefix = m.boolean("tokenizer.ggml.add_space_prefix");
    return tokenizerFromGguf(std::move(source), pathOf(gguf));
}

}  // namespace glowworm
