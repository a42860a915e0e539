// SPDX-License-Identifier: Apache-2.0
#include "core/model/kv_cache.h"

#include <cstring>

#include "core/base/check.h"

namespace glowworm {

namespace {
size_t elementBytes(KvDtype dtype) { return dtype == KvDtype::kF32 ? 4 : 2; }
}  // namespace

uint64_t KvCache::bytesNeeded(const ModelConfig& config, uint32_t context_tokens, KvDtype dtype) {
    return uint64_t{2} * config.layers * context_tokens * config.kv_heads * config.head_dim *
           elementBytes(dtype);
}

Result<KvCache> KvCache::create(const ModelConfig& config, uint32_t context_tokens,
                                KvDtype dtype) {
    KvCache cache;
    ASSIGN_OR_RETURN(cache.memory_,
                     ReservedMemory::reserve(bytesNeeded(config, context_tokens, dtype)));
    cache.dtype_ = dtype;
    cache.layers_ = config.layers;
    cache.capacity_ = context_tokens;
    cache.row_values_ = size_t{config.kv_heads} * config.head_dim;
    cache.stride_bytes_ = cache.row_values_ * elementBytes(dtype);
    return cache;
}

std::byte* KvCache::keys(LayerId layer) const {
    DCHECK(layer.value() < layers_);
    return memory_.data() + size_t{2} * layer.value() * capacity_ * stride_bytes_;
}

std::byte* KvCache::values(LayerId layer) const {
    return keys(layer) + size_t{capacity_} * stride_bytes_;
}

void KvCache::store(LayerId layer, uint32_t first, uint32_t n, const float* k, const float* v) {
    CHECK(first + n <= capacity_);
    const size_t offset = size_t{first} * stride_bytes_;
    storeKv(k, n * row_values_, dtype_, keys(layer) + offset);
    storeKv(v, n * row_values_, dtype_, values(layer) + offset);
}

void KvCache::setRows(uint32_t rows) {
    CHECK(rows <= capacity_);
    rows_ = rows;
}

void KvCache::pack(uint32_t first, std::span<const uint32_t> kept) {
    CHECK(first <= rows_ && kept.size() <= rows_ - first);
    for (uint32_t layer = 0; layer < layers_; ++layer) {
        for (std::byte* base : {keys(LayerId(layer)), values(LayerId(layer))}) {
            for (size_t i = 0; i < kept.size(); ++i) {
                if (kept[i] == i) continue;
                DCHECK(kept[i] > i);
                std::memcpy(base + (first + i) * stride_bytes_,
                            base + (first + kept[i]) * stride_bytes_, stride_bytes_);
            }
        }
    }
    rows_ = first + static_cast<uint32_t>(kept.size());
}

}  // namespace glowworm
