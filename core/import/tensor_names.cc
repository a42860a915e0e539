// SPDX-License-Identifier: Apache-2.0
#include "core/import/tensor_names.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "core/base/check.h"

namespace glowworm {

namespace {

struct NamePair {
    std::string_view ours, theirs;
};

constexpr NamePair kLlamaTop[] = {
    {"embedding", "embed_tokens.weight"},
    {"final_norm.weight", "norm.weight"},
};
constexpr NamePair kLlamaLayer[] = {
    {"attention_norm", "input_layernorm"},
    {"ffn_norm", "post_attention_layernorm"},
    {"q", "self_attn.q_proj"},
    {"k", "self_attn.k_proj"},
    {"v", "self_attn.v_proj"},
    {"o", "self_attn.o_proj"},
    {"up", "mlp.up_proj"},
    {"gate", "mlp.gate_proj"},
    {"down", "mlp.down_proj"},
};
constexpr NamePair kOptTop[] = {
    {"embedding", "embed_tokens.weight"},
    {"positions", "embed_positions.weight"},
    {"final_norm.weight", "final_layer_norm.weight"},
    {"final_norm.bias", "final_layer_norm.bias"},
};
constexpr NamePair kOptLayer[] = {
    {"attention_norm", "self_attn_layer_norm"},
    {"ffn_norm", "final_layer_norm"},
    {"q", "self_attn.q_proj"},
    {"k", "self_attn.k_proj"},
    {"v", "self_attn.v_proj"},
    {"o", "self_attn.out_proj"},
    {"up", "fc1"},
    {"down", "fc2"},
};
constexpr NamePair kFalconTop[] = {
    {"embedding", "word_embeddings.weight"},
    {"final_norm.weight", "ln_f.weight"},
    {"final_norm.bias", "ln_f.bias"},
};
// attention_norm and ffn_norm depend on the generation, see layerOrigin.
constexpr NamePair kFalconLayer[] = {
    {"q", "self_attention.query_key_value"},
    {"k", "self_attention.query_key_value"},
    {"v", "self_attention.query_key_value"},
    {"o", "self_attention.dense"},
    {"up", "mlp.dense_h_to_4h"},
    {"down", "mlp.dense_4h_to_h"},
};
constexpr NamePair kGgufTop[] = {
    {"embedding", "token_embd.weight"},
    {"final_norm.weight", "output_norm.weight"},
    {"head", "output.weight"},
};
constexpr NamePair kGgufLayer[] = {
    {"attention_norm", "attn_norm"},
    {"ffn_norm", "ffn_norm"},
    {"q", "attn_q"},
    {"k", "attn_k"},
    {"v", "attn_v"},
    {"o", "attn_output"},
    {"up", "ffn_up"},
    {"gate", "ffn_gate"},
    {"down", "ffn_down"},
};

struct Tables {
    std::span<const NamePair> top, layer;
    std::string_view layer_prefix;
    std::span<const std::string_view> prefixes;
};

constexpr std::string_view kModelPrefixes[] = {"model.", ""};
constexpr std::string_view kOptPrefixes[] = {"model.decoder.", "decoder.", ""};
constexpr std::string_view kFalconPrefixes[] = {"transformer.", ""};
constexpr std::string_view kNoPrefixes[] = {""};

Tables tablesOf(SourceFormat format, Architecture architecture) {
    if (format == SourceFormat::kGguf) return {kGgufTop, kGgufLayer, "blk.", kNoPrefixes};
    switch (architecture) {
        case Architecture::kOpt:
            return {kOptTop, kOptLayer, "layers.", kOptPrefixes};
        case Architecture::kFalcon:
            return {kFalconTop, kFalconLayer, "h.", kFalconPrefixes};
        case Architecture::kLlama:
            break;
    }
    return {kLlamaTop, kLlamaLayer, "layers.", kModelPrefixes};
}

std::string_view lookUp(std::span<const NamePair> table, std::string_view ours) {
    const auto it = std::ranges::find(table, ours, &NamePair::ours);
    CHECK(it != table.end());
    return it->theirs;
}

}  // namespace

TensorNames::TensorNames(SourceFormat format, const ModelConfig& config, const TensorStore& store)
    : format_(format), config_(config) {
    const Tables tables = tablesOf(format, config.architecture);
    prefix_ = tables.prefixes.front();
    for (const std::string_view prefix : tables.prefixes) {
        const std::string embedding =
            std::string(prefix) + std::string(lookUp(tables.top, "embedding"));
        if (!store.has(embedding)) continue;
        prefix_ = prefix;
        break;
    }
}

TensorOrigin TensorNames::origin(const std::string& name) const {
    static constexpr std::string_view kLayers = "layers.";
    if (name.starts_with(kLayers)) {
        const size_t dot = name.find('.', kLayers.size());
        CHECK(dot != std::string::npos);
        return layerOrigin(name.substr(kLayers.size(), dot - kLayers.size()), name.substr(dot + 1));
    }
    if (name == "head" && format_ == SourceFormat::kHuggingFace) return {"lm_head.weight", {}};
    const Tables tables = tablesOf(format_, config_.architecture);
    return {prefix_ + std::string(lookUp(tables.top, name)), {}};
}

TensorOrigin TensorNames::layerOrigin(const std::string& layer, const std::string& part) const {
    const Tables tables = tablesOf(format_, config_.architecture);
    const size_t dot = part.find('.');
    const std::string base = part.substr(0, dot);
    const std::string suffix = dot == std::string::npos ? ".weight" : part.substr(dot);
    const std::string prefix = prefix_ + std::string(tables.layer_prefix) + layer + ".";
    const bool falcon = config_.architecture == Architecture::kFalcon;
    if (falcon && base.ends_with("_norm")) {
        const bool attention = base == "attention_norm";
        if (config_.parallel_attention && config_.two_norms)
            return {prefix + (attention ? "ln_attn" : "ln_mlp") + suffix, {}};
        return {prefix + (attention ? "input_layernorm" : "post_attention_layernorm") + suffix, {}};
    }
    TensorOrigin origin{prefix + std::string(lookUp(tables.layer, base)) + suffix, {}};
    if (falcon && (base == "q" || base == "k" || base == "v")) origin.rows = fusedRows(base[0]);
    return origin;
}

std::vector<RowRange> TensorNames::fusedRows(char which) const {
    const uint64_t queries = config_.heads / config_.kv_heads, dim = config_.head_dim;
    std::vector<RowRange> rows;
    for (uint64_t group = 0; group < config_.kv_heads; ++group) {
        const uint64_t first = group * (queries + 2) * dim;
        if (which == 'q') rows.push_back({first, queries * dim});
        if (which == 'k') rows.push_back({first + queries * dim, dim});
        if (which == 'v') rows.push_back({first + (queries + 1) * dim, dim});
    }
    return rows;
}

}  // namespace glowworm
