// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_parts.h"

#include "core/base/check.h"
#include "core/io/memory_reader.h"

namespace glowworm {

namespace {

Bundle makeBundle(const std::string& folder, const PartsOptions& options) {
    CHECK(writeTinyBundle(folder, options.model).has_value());
    Bundle bundle = Bundle::open(folder).value();
    if (options.damage) options.damage(bundle);
    return bundle;
}

ModelConfig changedConfig(const Bundle& bundle, const PartsOptions& options) {
    ModelConfig config = bundle.manifest().config;
    if (options.change) options.change(config);
    return config;
}

std::unique_ptr<FlashReader> makeReader(const Bundle& bundle, const PartsOptions& options) {
    auto reader = openMemoryReader(bundle.neuronsPath(), options.depth).value();
    if (!options.faults) return reader;
    return faultReader(std::move(reader), *options.faults);
}

NeuronCache makeCache(const Bundle& bundle, const PartsOptions& options) {
    const Manifest& manifest = bundle.manifest();
    CacheLayout layout;
    layout.layers = manifest.config.layers;
    layout.neurons = manifest.config.ff_width;
    layout.slot_bytes = manifest.record.stride;
    layout.slots_min = options.slots == 0 ? manifest.config.ff_width : options.slots;
    return NeuronCache::create(layout).value();
}

}  // namespace

ModelParts::ModelParts(const PartsOptions& options)
    : bundle(makeBundle(dir.file("model"), options)),
      config(changedConfig(bundle, options)),
      weights(loadWeights(bundle, nullptr, stop).value()),
      table(bundle.neuronTable(weights.tensors).value()),
      tokenizer(Tokenizer::create(bundle.tokenizer().value()).value()),
      reader(makeReader(bundle, options)),
      cache(makeCache(bundle, options)),
      kv_cache(KvCache::create(config, options.context, KvDtype::kF32).value()),
      backend(makeCpuBackend(pool)),
      activations(config, options.context, pool.threads()),
      store(NeuronStore::create(cache, *reader, table, config.ff_width, clock).value()),
      stream(RecordStream::create(cache, *reader, table, config.layers, config.ff_width, clock)
                 .value()),
      feed_forward({config, bundle.manifest().record, weights, *backend, *store, stream, nullptr,
                    {}, clock},
                   activations.chunk),
      transformer(config, weights, *backend, kv_cache, feed_forward, activations, clock) {}

std::vector<NeuronId> ModelParts::all() const {
    return some([](uint32_t) { return true; });
}

std::vector<NeuronId> ModelParts::some(const std::function<bool(uint32_t)>& wanted) const {
    std::vector<NeuronId> neurons;
    for (uint32_t n = 0; n < config.ff_width; ++n) {
        if (wanted(n)) neurons.push_back(NeuronId(n));
    }
    return neurons;
}

Status ModelParts::run(std::span<const TokenId> tokens, ForwardMode mode,
                       const uint8_t* tree_mask, std::span<const uint32_t> positions) {
    ForwardBatch batch;
    batch.tokens = tokens;
    batch.first_position = kv_cache.rows();
    batch.positions = positions;
    batch.tree_mask = tree_mask;
    batch.mode = mode;
    store->beginToken();
    const bool dense = mode == ForwardMode::kDenseChunk;
    if (dense) RETURN_IF_ERROR(stream.begin(1));
    Status status = transformer.forward(batch, stats, stop);
    if (dense) stream.end();
    return status;
}

std::vector<float> ModelParts::logitsAfter(size_t token) {
    const auto row = transformer.logits(token, stats);
    return {row.begin(), row.end()};
}

std::vector<TokenId> someTokens(uint32_t count, uint32_t seed) {
    std::vector<TokenId> tokens;
    for (uint32_t i = 0; i < count; ++i) {
        tokens.push_back(TokenId(static_cast<int32_t>(3 + (i * 37 + seed) % 250)));
    }
    return tokens;
}

}  // namespace glowworm
