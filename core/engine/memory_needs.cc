// SPDX-License-Identifier: Apache-2.0
#include "core/engine/memory_needs.h"

#include <algorithm>

#include "core/cache/layer_slots.h"
#include "core/cache/quotas.h"
#include "core/engine/curve_maker.h"
#include "core/model/activations.h"
#include "core/model/feed_forward.h"
#include "core/model/kv_cache.h"
#include "core/model/neuron_store.h"
#include "core/model/record_stream.h"
#include "core/model/weight_stream.h"

namespace glowworm {

namespace {

// A tokenizer in memory against its file: strings, hash tables and merge ranks beside the text.
constexpr uint64_t kTokenizerGrowth = 5;

uint64_t layerBytes(const Manifest& manifest, uint64_t neurons) {
    const uint32_t stride = manifest.record.stride;
    return slotPagesBytes(neurons, stride,
                          slotPageBytes(uint64_t{manifest.config.ff_width} * stride));
}

}  // namespace

size_t streamBuffers(const Techniques& techniques) {
    return techniques.predictor ? RecordStream::kBuffers : RecordStream::kBuffersBaseline;
}

uint32_t usableContext(const ModelConfig& config, uint32_t context_tokens) {
    uint32_t context = std::min(context_tokens, config.context_max);
    if (config.sliding_window > 0) context = std::min(context, config.sliding_window);
    return std::max<uint32_t>(context, 1);
}

KvDtype kvDtype(const Manifest& manifest) {
    return manifest.record.down.dtype == Dtype::kF32 ? KvDtype::kF32 : KvDtype::kF16;
}

MemoryPlan memoryNeeds(const Manifest& manifest, const PredictorEntry* predictor,
                        uint32_t context_tokens, size_t threads, const Techniques& techniques) {
    const ModelConfig& config = manifest.config;
    const uint32_t context = usableContext(config, context_tokens);
    const uint32_t chunk = prefillChunkTokens(config, context);
    MemoryPlan needs;
    needs.resident_weights = techniques.persistence ? manifest.resident_bytes
                                                    : WeightStream::residentBytes(manifest);
    needs.predictor = predictor == nullptr ? 0 : predictor->bytes;
    needs.kv_cache = KvCache::bytesNeeded(config, context, kvDtype(manifest));
    needs.buffers =
        Activations::bytesNeeded(config, context, threads) +
        FeedForward::bytesNeeded(config, manifest.record, chunk) +
        RecordStream::bytesNeeded(manifest.record, config.layers, config.ff_width,
                                  streamBuffers(techniques)) +
        uint64_t{config.layers} * config.ff_width * LayerSlots::kTableBytesPerNeuron +
        NeuronStore::bytesNeeded(manifest.record, config.ff_width) +
        CurveMaker::bytesNeeded(config.layers, config.ff_width) +
        manifest.tokenizer_bytes * kTokenizerGrowth;
    const uint32_t slots_min = std::min(kSlotsMin, config.ff_width);
    needs.cache_min = config.layers * layerBytes(manifest, slots_min);
    needs.cache_max = config.layers * layerBytes(manifest, config.ff_width);
    return needs;
}

}  // namespace glowworm
