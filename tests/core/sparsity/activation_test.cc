// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/activation.h"

#include <gtest/gtest.h>

#include <vector>

namespace glowworm {
namespace {

using Values = std::vector<float>;

Values activated(const ModelConfig& config, Values gate, Values up) {
    activateNeurons(config, gate.data(), up.empty() ? nullptr : up.data(), gate.size());
    return gate;
}

TEST(ActivateNeurons, ReluWithAndWithoutAGate) {
    ModelConfig config;
    config.activation = FfnActivation::kRelu;
    EXPECT_EQ(activated(config, {-1, 0, 2}, {}), (Values{0, 0, 2}));
    EXPECT_EQ(activated(config, {-1, 1, 2}, {5, -5, 0.5F}), (Values{0, -5, 1}));
}

TEST(ActivateNeurons, FatReluIsZeroUpToItsThreshold) {
    ModelConfig config;
    config.activation = FfnActivation::kRelu;
    config.activation_threshold = 0.25F;
    EXPECT_EQ(activated(config, {0.125F, 0.25F, 0.5F, -3}, {1, 1, 4, 1}), (Values{0, 0, 2, 0}));
}

TEST(ActivateNeurons, DoubleReluShutsNegativeUpProjectionsToo) {
    ModelConfig config;
    config.activation = FfnActivation::kRelu;
    config.up_activated = true;
    EXPECT_EQ(activated(config, {1, 2, -1, 3}, {-4, 0.5F, 2, 1}), (Values{0, 1, 0, 3}));
}

}  // namespace
}  // namespace glowworm
