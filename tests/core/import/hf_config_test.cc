// SPDX-License-Identifier: Apache-2.0
#include "core/import/hf_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace glowworm {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json llama() {
    return {{"model_type", "llama"},          {"hidden_size", 64},        {"num_hidden_layers", 2},
            {"intermediate_size", 128},       {"num_attention_heads", 4}, {"vocab_size", 320},
            {"max_position_embeddings", 256}, {"rms_norm_eps", 1e-5},     {"hidden_act", "silu"}};
}

json falcon() {
    return {{"model_type", "falcon"},   {"hidden_size", 64}, {"num_hidden_layers", 2},
            {"num_attention_heads", 4}, {"vocab_size", 320}, {"activation", "relu"}};
}

json with(json config, const json& changes) {
    config.update(changes);
    return config;
}

ModelConfig read(const json& config) {
    const auto result = configFromHuggingFace(config.dump(), "config.json");
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(ModelConfig());
}

void expectRefused(const json& config, ErrorCode code, const std::string& part) {
    const auto result = configFromHuggingFace(config.dump(), "dir/config.json");
    ASSERT_FALSE(result) << config;
    EXPECT_EQ(result.error().code, code);
    EXPECT_THAT(result.error().message, HasSubstr("dir/config.json"));
    EXPECT_THAT(result.error().message, HasSubstr(part));
}

TEST(HfConfig, LlamaDefaults) {
    const ModelConfig c = read(llama());
    EXPECT_EQ(c.kv_heads, 4U);
    EXPECT_EQ(c.head_dim, 16U);
    EXPECT_EQ(c.rope_base, 10000.0F);
    EXPECT_FALSE(c.tied_head);
    EXPECT_TRUE(c.gated);
    EXPECT_EQ(c.positions, PositionKind::kRopeHalves);
}

TEST(HfConfig, RopeOfOldAndNewTransformers) {
    EXPECT_EQ(read(with(llama(), {{"rope_theta", 5e5}})).rope_base, 5e5F);
    const json newer = {{"rope_parameters", {{"rope_type", "default"}, {"rope_theta", 1e6}}}};
    EXPECT_EQ(read(with(llama(), newer)).rope_base, 1e6F);
    const json linear = {{"rope_scaling", {{"type", "linear"}, {"factor", 4.0}}}};
    EXPECT_EQ(read(with(llama(), linear)).rope_scale, 4.0F);
    const json llama3 = {{"rope_theta", 5e5},
                         {"rope_scaling",
                          {{"rope_type", "llama3"},
                           {"factor", 32.0},
                           {"low_freq_factor", 1.0},
                           {"high_freq_factor", 4.0},
                           {"original_max_position_embeddings", 8192}}}};
    const ModelConfig c = read(with(llama(), llama3));
    EXPECT_EQ(c.rope_llama3_factor, 32.0F);
    EXPECT_EQ(c.rope_llama3_context, 8192U);
    expectRefused(with(llama(), {{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 4}}}}),
                  ErrorCode::kUnsupported, "yarn");
}

TEST(HfConfig, ReluVariants) {
    const ModelConfig pro = read(with(llama(), {{"hidden_act", "fatrelu"}}));
    EXPECT_EQ(pro.activation, FfnActivation::kRelu);
    EXPECT_EQ(pro.activation_threshold, 0.01F);
    const json threshold = {{"hidden_act", "fatrelu"}, {"hidden_act_param", 0.05}};
    EXPECT_EQ(read(with(llama(), threshold)).activation_threshold, 0.05F);
    const json drelu = {{"model_type", "bamboo"}, {"hidden_act", "relu"}};
    EXPECT_TRUE(read(with(llama(), drelu)).up_activated);
    EXPECT_FALSE(read(with(llama(), {{"hidden_act", "relu"}})).up_activated);
}

TEST(HfConfig, MistralWindow) {
    EXPECT_EQ(
        read(with(llama(), {{"model_type", "mistral"}, {"sliding_window", 4096}})).sliding_window,
        4096U);
    EXPECT_EQ(read(with(llama(), {{"model_type", "mistral"}, {"sliding_window", nullptr}}))
                  .sliding_window,
              0U);
}

TEST(HfConfig, FalconGenerations) {
    const ModelConfig seven = read(with(falcon(), {{"multi_query", true}, {"num_kv_heads", 4}}));
    EXPECT_EQ(seven.kv_heads, 1U);
    EXPECT_TRUE(seven.parallel_attention);
    EXPECT_FALSE(seven.two_norms);
    EXPECT_TRUE(seven.tied_head);
    EXPECT_EQ(seven.ff_width, 256U);
    EXPECT_EQ(seven.activation, FfnActivation::kRelu);
    const ModelConfig forty =
        read(with(falcon(), {{"new_decoder_architecture", true}, {"num_kv_heads", 2}}));
    EXPECT_EQ(forty.kv_heads, 2U);
    EXPECT_TRUE(forty.two_norms);
    const ModelConfig eleven = read(with(
        falcon(),
        {{"new_decoder_architecture", true}, {"num_kv_heads", 2}, {"num_ln_in_parallel_attn", 1}}));
    EXPECT_FALSE(eleven.two_norms);
    const ModelConfig serial =
        read(with(falcon(), {{"parallel_attn", false}, {"multi_query", false}}));
    EXPECT_EQ(serial.kv_heads, 4U);
    EXPECT_TRUE(serial.two_norms);
    expectRefused(with(falcon(), {{"alibi", true}}), ErrorCode::kUnsupported, "ALiBi");
}

TEST(HfConfig, OptVariants) {
    const json opt = {{"model_type", "opt"},
                      {"hidden_size", 64},
                      {"num_hidden_layers", 2},
                      {"num_attention_heads", 4},
                      {"ffn_dim", 128},
                      {"vocab_size", 320},
                      {"max_position_embeddings", 128},
                      {"word_embed_proj_dim", 64}};
    const ModelConfig c = read(opt);
    EXPECT_EQ(c.position_offset, 2U);
    EXPECT_TRUE(c.ffn_bias && c.attention_bias && c.tied_head && c.final_norm);
    EXPECT_FALSE(c.gated);
    const ModelConfig after = read(with(opt, {{"do_layer_norm_before", false}}));
    EXPECT_TRUE(after.norm_after);
    EXPECT_FALSE(after.final_norm);
    expectRefused(with(opt, {{"word_embed_proj_dim", 32}}), ErrorCode::kUnsupported,
                  "word_embed_proj_dim");
}

TEST(HfConfig, UnknownAndImpossibleAreNamed) {
    expectRefused({{"model_type", "mamba"}}, ErrorCode::kUnsupported, "mamba");
    expectRefused(json::object(), ErrorCode::kUnsupported, "architecture");
    expectRefused(json::array(), ErrorCode::kInvalidFile, "not the configuration");
    expectRefused(with(llama(), {{"hidden_act", "tanh"}}), ErrorCode::kUnsupported, "tanh");
    expectRefused(with(llama(), {{"mlp_bias", true}}), ErrorCode::kUnsupported, "mlp_bias");
    expectRefused(with(llama(), {{"quantization_config", {{"bits", 4}}}}), ErrorCode::kUnsupported,
                  "quantization_config");
    expectRefused(with(llama(), {{"hidden_size", nullptr}}), ErrorCode::kInvalidFile,
                  "hidden_size");
    expectRefused(with(llama(), {{"num_attention_heads", 0}}), ErrorCode::kInvalidFile, "heads");
    expectRefused(with(llama(), {{"vocab_size", 1e99}}), ErrorCode::kInvalidFile, "vocab_size");
    expectRefused(with(llama(), {{"num_key_value_heads", 3}}), ErrorCode::kInvalidFile, "kv_heads");
    expectRefused(with(llama(), {{"hidden_act", 7}}), ErrorCode::kInvalidFile, "hidden_act");
    expectRefused(with(llama(), {{"head_dim", 15}}), ErrorCode::kInvalidFile, "head_dim");
}

}  // namespace
}  // namespace glowworm
