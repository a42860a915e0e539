// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/miss_runs.h"

#include <algorithm>

#include "core/base/check.h"

namespace glowworm {

namespace {
constexpr double kKeep = 0.95;  // of what was sampled before, at each sample
}

MissRuns::MissRuns(const NeuronTable& table, uint32_t layers, uint32_t neurons,
                   const ReadMerging& merging)
    : table_(table), merging_(merging), sums_(layers), samples_(layers) {
    places_.reserve(neurons);
}

uint64_t MissRuns::bytesNeeded(uint32_t layers, uint32_t neurons) {
    return layers * (sizeof(Sum) * kWindows.size() + sizeof(double)) +
           uint64_t{neurons} * sizeof(Place);
}

MissRuns::Sum MissRuns::runsOf(uint32_t window) const {
    const uint64_t stride = table_.layout().stride;
    Sum sum;
    uint64_t begin = 0;
    uint64_t end = 0;
    for (const Place& place : places_) {
        if (place.distance <= window) continue;
        ++sum.misses;
        const bool joins = sum.reads > 0 && place.offset - end <= merging_.gap_bytes &&
                           place.offset + stride - begin <= merging_.run_bytes_max;
        if (joins) {
            sum.bytes += static_cast<double>(place.offset + stride - end);
        } else {
            begin = place.offset;
            sum.bytes += static_cast<double>(stride);
            ++sum.reads;
        }
        end = place.offset + stride;
    }
    return sum;
}

void MissRuns::sample(LayerId layer, std::span<const NeuronId> active,
                      std::span<const uint32_t> distances) {
    CHECK(active.size() == distances.size() && wants(layer));
    places_.clear();
    for (size_t i = 0; i < active.size(); ++i) {
        places_.push_back({table_.recordOffset(layer, active[i]), distances[i]});
    }
    if (!std::ranges::is_sorted(places_, {}, &Place::offset)) {
        std::ranges::sort(places_, {}, &Place::offset);
    }
    samples_[layer.value()] = samples_[layer.value()] * kKeep + 1;
    for (size_t w = 0; w < kWindows.size(); ++w) {
        const Sum one = runsOf(kWindows[w]);
        Sum& sum = sums_[layer.value()][w];
        sum.misses = sum.misses * kKeep + one.misses;
        sum.bytes = sum.bytes * kKeep + one.bytes;
        sum.reads = sum.reads * kKeep + one.reads;
    }
    next_layer_ = (next_layer_ + 1) % static_cast<uint32_t>(sums_.size());
}

MissCost MissRuns::cost(LayerId layer, double misses) const {
    const double stride = table_.layout().stride;
    const double samples = samples_[layer.value()];
    if (samples <= 0) return {misses * stride, misses};
    // Between nothing and the windows' misses, which grow from the last to the first.
    Sum below;
    for (size_t w = kWindows.size(); w-- > 0;) {
        Sum above = sums_[layer.value()][w];
        above = {above.misses / samples, above.bytes / samples, above.reads / samples};
        if (above.misses >= misses && above.misses > below.misses) {
            const double share = (misses - below.misses) / (above.misses - below.misses);
            return {below.bytes + share * (above.bytes - below.bytes),
                    below.reads + share * (above.reads - below.reads)};
        }
        if (above.misses > below.misses) below = above;
    }
    if (below.misses <= 0) return {misses * stride, misses};
    return {misses * below.bytes / below.misses, misses * below.reads / below.misses};
}

}  // namespace glowworm
