// SPDX-License-Identifier: Apache-2.0
// What the memory plan foretells is what is held, whatever the shape of the model.
#include <gtest/gtest.h>

#include "core/model/activations.h"
#include "core/model/feed_forward.h"
#include "tests/support/model_parts.h"

namespace glowworm {
namespace {

std::vector<ModelConfig> configs() {
    std::vector<ModelConfig> list;
    TinyModelOptions options;
    list.push_back(tinyConfig(options));
    options.architecture = Architecture::kOpt;
    list.push_back(tinyConfig(options));
    options.architecture = Architecture::kFalcon;
    options.kv_heads = 1;
    list.push_back(tinyConfig(options));
    ModelConfig large = tinyConfig({});
    large.hidden = 2048;
    large.head_dim = 96;  // heads * head_dim is not hidden
    large.heads = 32;
    list.push_back(large);
    return list;
}

TEST(Activations, BytesAreForecast) {
    for (const ModelConfig& config : configs()) {
        for (const uint32_t context : {1U, 50U, 700U}) {
            for (const size_t threads : {1U, 3U}) {
                EXPECT_EQ(Activations(config, context, threads).bytes(),
                          Activations::bytesNeeded(config, context, threads))
                    << "hidden " << config.hidden << ", context " << context;
            }
        }
    }
}

TEST(Activations, FeedForwardBytesAreForecast) {
    for (const bool gated : {true, false}) {
        PartsOptions options;
        options.model.gated = gated;
        options.model.ff_width = 160;
        const ModelParts parts(options);
        EXPECT_EQ(parts.feed_forward.bytes(),
                  FeedForward::bytesNeeded(parts.config, parts.bundle.manifest().record,
                                           parts.activations.chunk));
    }
}

TEST(Activations, AChunkIsAConstantOfTheModelThatFitsTheContext) {
    const ModelConfig small = tinyConfig({});
    ModelConfig large = small;
    large.hidden = 4096;
    EXPECT_EQ(prefillChunkTokens(small, 2048), 128U);
    EXPECT_EQ(prefillChunkTokens(large, 2048), 512U);
    EXPECT_EQ(prefillChunkTokens(large, 100), 100U);
}

}  // namespace
}  // namespace glowworm
