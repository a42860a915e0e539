// SPDX-License-Identifier: Apache-2.0
#include "core/import/hf_config.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/bundle/json_text.h"

namespace glowworm {

namespace {

using nlohmann::json;

// Fields of config.json with transformers' defaults. The first fault is kept.
class HfFields {
  public:
    HfFields(const json& object, std::string path) : object_(object), path_(std::move(path)) {}

    [[nodiscard]] bool has(const char* name) const {
        const auto it = object_.find(name);
        return it != object_.end() && !it->is_null();
    }
    // Missing and null give `otherwise`; without one they are a fault.
    uint32_t number(const char* name, std::optional<uint32_t> otherwise = {}) {
        if (!has(name)) {
            if (!otherwise) note(std::string("\"") + name + "\" is missing");
            return otherwise.value_or(1);
        }
        const json& value = object_[name];
        if (value.is_number_unsigned() &&
            value.get<uint64_t>() <= std::numeric_limits<uint32_t>::max())
            return static_cast<uint32_t>(value.get<uint64_t>());
        note(std::string("\"") + name + "\" is not a whole number in range");
        return 1;
    }
    float real(const char* name, float otherwise) {
        if (!has(name)) return otherwise;
        if (object_[name].is_number()) return static_cast<float>(object_[name].get<double>());
        note(std::string("\"") + name + "\" is not a number");
        return otherwise;
    }
    bool boolean(const char* name, bool otherwise) {
        if (!has(name)) return otherwise;
        if (object_[name].is_boolean()) return object_[name].get<bool>();
        note(std::string("\"") + name + "\" is neither true nor false");
        return otherwise;
    }
    std::string text(const char* name, const char* otherwise) {
        if (!has(name)) return otherwise;
        if (object_[name].is_string()) return object_[name].get<std::string>();
        note(std::string("\"") + name + "\" is not text");
        return otherwise;
    }
    // The object under `name`, empty where there is none.
    HfFields object(const char* name) {
        static const json kNothing = json::object();
        return {has(name) && object_[name].is_object() ? object_[name] : kNothing, path_};
    }
    void note(const std::string& what) { noteAs(ErrorCode::kInvalidFile, what); }
    void unsupported(const std::string& what) { noteAs(ErrorCode::kUnsupported, what); }
    void take(const HfFields& inner) {
        if (!error_) error_ = inner.error_;
    }
    [[nodiscard]] Status status() const {
        if (error_) return std::unexpected(*error_);
        return {};
    }

  private:
    void noteAs(ErrorCode code, const std::string& what) {
        if (!error_) error_ = Error{code, path_ + ": " + what};
    }
    const json& object_;
    std::string path_;
    std::optional<Error> error_;
};

FfnActivation activationOf(HfFields& f, const std::string& name) {
    if (name == "relu" || name == "fatrelu") return FfnActivation::kRelu;
    if (name == "silu" || name == "swish") return FfnActivation::kSilu;
    if (name == "gelu") return FfnActivation::kGelu;
    f.unsupported("the activation \"" + name.substr(0, 40) +
                  "\" is not known; relu, fatrelu, silu and gelu are");
    return FfnActivation::kRelu;
}

// transformers before 5 has rope_theta and rope_scaling, from 5 on rope_parameters has both.
void readRope(HfFields& f, ModelConfig& c) {
    c.rope_base = f.real("rope_theta", 10000.0F);
    const bool newer = f.has("rope_parameters");
    HfFields rope = f.object(newer ? "rope_parameters" : "rope_scaling");
    if (newer) c.rope_base = rope.real("rope_theta", c.rope_base);
    const std::string type = rope.text("rope_type", rope.text("type", "default").c_str());
    if (type == "linear") {
        c.rope_scale = rope.real("factor", 1);
    } else if (type == "llama3") {
        c.rope_llama3_factor = rope.real("factor", 8);
        c.rope_llama3_low = rope.real("low_freq_factor", 1);
        c.rope_llama3_high = rope.real("high_freq_factor", 4);
        c.rope_llama3_context = rope.number("original_max_position_embeddings", 8192U);
    } else if (type != "default") {
        f.unsupported("the rotary positions \"" + type.substr(0, 40) +
                      "\" are not known; default, linear and llama3 are");
    }
    const float partial = f.real("partial_rotary_factor", rope.real("partial_rotary_factor", 1));
    if (partial != 1) f.unsupported("rotary positions over a part of each head are not known");
    f.take(rope);
}

void readLlama(HfFields& f, ModelConfig& c) {
    c.architecture = Architecture::kLlama;
    c.hidden = f.number("hidden_size");
    c.layers = f.number("num_hidden_layers");
    c.ff_width = f.number("intermediate_size");
    c.heads = f.number("num_attention_heads");
    c.kv_heads = f.number("num_key_value_heads", c.heads);
    c.head_dim = f.number("head_dim", c.hidden / (c.heads == 0 ? 1 : c.heads));
    c.vocabulary = f.number("vocab_size");
    c.context_max = f.number("max_position_embeddings", 2048U);
    c.norm_epsilon = f.real("rms_norm_eps", 1e-6F);
    const std::string activation = f.text("hidden_act", "silu");
    c.activation = activationOf(f, activation);
    // ProSparse: what lies at or below the threshold is zero; 0.01 in its published models.
    if (activation == "fatrelu") c.activation_threshold = f.real("hidden_act_param", 0.01F);
    c.tied_head = f.boolean("tie_word_embeddings", false);
    c.attention_bias = f.boolean("attention_bias", false);
    if (f.boolean("mlp_bias", false))
        f.unsupported("biases in a gated feed-forward block (\"mlp_bias\") are not known");
    readRope(f, c);
}

void readMistral(HfFields& f, ModelConfig& c) {
    readLlama(f, c);
    c.sliding_window = f.number("sliding_window", 0U);
}

// Bamboo and TurboSparse-Mistral: Mistral's shape with ReLU on both projections (dReLU).
void readDoubleRelu(HfFields& f, ModelConfig& c) {
    readMistral(f, c);
    c.activation = FfnActivation::kRelu;
    c.up_activated = true;
}

void readOpt(HfFields& f, ModelConfig& c) {
    c.architecture = Architecture::kOpt;
    c.norm = NormKind::kLayerNorm;
    c.positions = PositionKind::kLearned;
    c.position_offset = 2;
    c.gated = false;
    c.hidden = f.number("hidden_size");
    c.layers = f.number("num_hidden_layers");
    c.ff_width = f.number("ffn_dim");
    c.heads = f.number("num_attention_heads");
    c.kv_heads = c.heads;
    c.head_dim = c.hidden / (c.heads == 0 ? 1 : c.heads);
    c.vocabulary = f.number("vocab_size");
    c.context_max = f.number("max_position_embeddings", 2048U);
    c.activation = activationOf(f, f.text("activation_function", "relu"));
    c.norm_after = !f.boolean("do_layer_norm_before", true);
    c.final_norm = !c.norm_after && !f.boolean("_remove_final_layer_norm", false);
    c.attention_bias = c.ffn_bias = f.boolean("enable_bias", true);
    c.tied_head = f.boolean("tie_word_embeddings", true);
    if (f.number("word_embed_proj_dim", c.hidden) != c.hidden)
        f.unsupported(
            "embeddings narrower than the model (\"word_embed_proj_dim\", as in OPT-350m) "
            "are not known");
    if (!f.boolean("layer_norm_elementwise_affine", true))
        f.unsupported("norms without weights (\"layer_norm_elementwise_affine\") are not known");
}

void readFalcon(HfFields& f, ModelConfig& c) {
    c.architecture = Architecture::kFalcon;
    c.norm = NormKind::kLayerNorm;
    c.gated = false;
    c.hidden = f.number("hidden_size");
    // The first releases spelled these three as Bloom does.
    c.layers = f.number(f.has("n_layer") ? "n_layer" : "num_hidden_layers");
    c.heads = f.number(f.has("n_head") ? "n_head" : "num_attention_heads");
    const char* kv_heads = f.has("n_head_kv") ? "n_head_kv" : "num_kv_heads";
    c.head_dim = c.hidden / (c.heads == 0 ? 1 : c.heads);
    c.ff_width = f.number("ffn_hidden_size", 4 * c.hidden);
    c.vocabulary = f.number("vocab_size");
    c.context_max = f.number("max_position_embeddings", 2048U);
    c.norm_epsilon = f.real("layer_norm_epsilon", 1e-5F);
    c.activation = activationOf(f, f.text("activation", f.text("hidden_act", "gelu").c_str()));
    c.tied_head = f.boolean("tie_word_embeddings", true);
    c.attention_bias = c.ffn_bias = f.boolean("bias", false);
    const bool newer = f.boolean("new_decoder_architecture", false);
    const bool multi_query = f.boolean("multi_query", true);
    // The older decoder with multi-query has one key-value head whatever num_kv_heads says.
    c.kv_heads = newer ? f.number(kv_heads, c.heads) : (multi_query ? 1 : c.heads);
    c.parallel_attention = newer || f.boolean("parallel_attn", true);
    const uint32_t norms = f.number("num_ln_in_parallel_attn", newer ? 2U : 1U);
    c.two_norms = !c.parallel_attention || (newer && norms == 2);
    if (f.boolean("alibi", false))
        f.unsupported("ALiBi positions (\"alibi\": true, as in Falcon-RW) are not known");
    readRope(f, c);
}

}  // namespace

Result<ModelConfig> configFromHuggingFace(std::string_view config_json, const std::string& path) {
    ASSIGN_OR_RETURN(const json object, parseJson(config_json, path));
    if (!object.is_object())
        return fail(ErrorCode::kInvalidFile, path + " is not the configuration of a model");
    HfFields fields(object, path);
    ModelConfig config;
    const std::string type = fields.text("model_type", "");
    if (type == "opt") readOpt(fields, config);
    else if (type == "falcon" || type == "RefinedWebModel" || type == "RefinedWeb")
        readFalcon(fields, config);
    else if (type == "llama" || type == "sparsellama") readLlama(fields, config);
    else if (type == "mistral") readMistral(fields, config);
    else if (type == "bamboo" || type == "turbosparsemistral") readDoubleRelu(fields, config);
    else
        return fail(ErrorCode::kUnsupported, path + ": the architecture \"" + type.substr(0, 60) +
                                                 "\" is not known; opt, falcon, llama, mistral, "
                                                 "bamboo and turbosparse-mistral are");
    RETURN_IF_ERROR(fields.status());
    if (fields.has("quantization_config"))
        return fail(ErrorCode::kUnsupported,
                    path +
                        ": weights quantised for another program (\"quantization_config\") are "
                        "not read; take the original model or a GGUF file");
    RETURN_IF_ERROR(checkConfig(config, path));
    return config;
}

}  // namespace glowworm
