// SPDX-License-Identifier: Apache-2.0
// Listens to the active sets and the figures of each token, and foretells from them what each
// budget would bring: the reuse distances by layer, or where frequency decides who leaves the ranks
// by frequency, give the misses of the quota that the layer would get, the sampled runs give what
// these cost in reads, the learned costs give milliseconds.
//
// Engine thread only. A token costs O(1) for each firing and the sample of one layer; curve() is
// for a few times a second. Owned by the session; borrows cache and table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/stats.h"
#include "core/cache/budget.h"
#include "core/cache/neuron_cache.h"
#include "core/engine/token_cost.h"
#include "core/engine/working_set_curve.h"
#include "core/sparsity/frequency_ranks.h"
#include "core/sparsity/miss_runs.h"
#include "core/sparsity/working_set.h"

namespace glowworm {

class CurveMaker final : public ActiveSetListener {
  public:
    static constexpr size_t kPoints = 41;  // of a curve, in even steps of budget

    CurveMaker(const NeuronCache& cache, const NeuronTable& table, const MemoryPlan& plan,
               uint32_t layers, uint32_t neurons, uint32_t gap_bytes);
    // What it takes, for the memory plan.
    static uint64_t bytesNeeded(uint32_t layers, uint32_t neurons);

    void active(LayerId layer, std::span<const NeuronId> neurons) override;
    // Also hears the active sets, after this one; null: nobody. Benchmarks record with it.
    void forwardTo(ActiveSetListener* listener) { next_ = listener; }
    // The figures of a token whose active sets were seen.
    void token(const TokenStats& stats);

    // For the present conversation; `window_tokens` as asked for (0: automatic).
    [[nodiscard]] WorkingSetCurve curve(uint32_t window_tokens) const;

    [[nodiscard]] const WorkingSet& workingSet() const { return working_set_; }

  private:
    // What is known of a layer.
    struct LayerCurve {
        std::vector<WindowPoint> windows;
        std::vector<SizePoint> sizes;  // empty where age decides who leaves
    };
    [[nodiscard]] WindowPoint windowAt(const LayerCurve& curve, double slots,
                                       uint32_t window_tokens) const;
    [[nodiscard]] CurvePoint pointAt(uint64_t budget_bytes, uint32_t window_tokens,
                                     std::span<const LayerCurve> layers) const;

    const NeuronCache& cache_;
    const MemoryPlan& plan_;
    WorkingSet working_set_;
    FrequencyRanks ranks_;
    MissRuns runs_;
    TokenCost cost_;
    ActiveSetListener* next_ = nullptr;
    uint64_t seen_ = 0;  // of the last layer's active sets: which tokens count
    uint64_t seen_told_ = 0;
};

}  // namespace glowworm
