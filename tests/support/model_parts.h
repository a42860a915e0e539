// SPDX-License-Identifier: Apache-2.0
// An open tiny model in its parts, wired as the engine wires them, over a reader that a test may
// spoil: for tests below the Session. Members are in the order in which they borrow.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/bundle/bundle_reader.h"
#include "core/cache/neuron_cache.h"
#include "core/model/activations.h"
#include "core/model/backend.h"
#include "core/model/feed_forward.h"
#include "core/model/kv_cache.h"
#include "core/model/neuron_store.h"
#include "core/model/record_stream.h"
#include "core/model/transformer.h"
#include "core/model/weights.h"
#include "core/text/tokenizer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fault_reader.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {

struct PartsOptions {
    TinyModelOptions model;
    uint32_t context = 64;
    uint32_t slots = 0;  // of each layer; 0: every neuron
    size_t depth = 16;   // of the reader
    std::optional<FaultPlan> faults;
    // The config may be changed in what is not a shape (norm_after, say).
    std::function<void(ModelConfig&)> change;
    // The bundle's files may be damaged before they are opened.
    std::function<void(const Bundle&)> damage;
};

struct ModelParts {
    explicit ModelParts(const PartsOptions& options);

    // Every neuron of a layer, and those for which `wanted` holds.
    [[nodiscard]] std::vector<NeuronId> all() const;
    [[nodiscard]] std::vector<NeuronId> some(const std::function<bool(uint32_t)>& wanted) const;
    // Runs tokens densely or exactly (all neurons) after what the KV cache has.
    Status run(std::span<const TokenId> tokens, ForwardMode mode = ForwardMode::kDenseChunk,
               const uint8_t* tree_mask = nullptr, std::span<const uint32_t> positions = {});
    [[nodiscard]] std::vector<float> logitsAfter(size_t token);

    TempDir dir;
    FakeClock clock;
    StopFlag stop;
    TokenStats stats;
    Bundle bundle;
    ModelConfig config;
    Weights weights;
    NeuronTable table;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::unique_ptr<FlashReader> reader;
    NeuronCache cache;
    KvCache kv_cache;
    ThreadPool pool{2};
    std::unique_ptr<Backend> backend;
    Activations activations;
    std::unique_ptr<NeuronStore> store;
    RecordStream stream;
    FeedForward feed_forward;
    Transformer transformer;
};

// Token ids that differ from one another, away from the special ones.
[[nodiscard]] std::vector<TokenId> someTokens(uint32_t count, uint32_t seed = 11);

}  // namespace glowworm
