// SPDX-License-Identifier: Apache-2.0
// The techniques of LLM in a Flash, each with a switch of its own, so that its worth can be
// measured. All are on unless a benchmark says otherwise; none changes which tokens come out, save
// that without a predictor the active set is exact. Row-column bundling and the order of neurons
// are no switches: they lie in the bundle (core/bundle/split_bundle.h writes one without bundling).
#pragma once

namespace glowworm {

struct Techniques {
    // Section 2: attention weights stay in DRAM. Off: each layer's are read for each token.
    bool persistence = true;
    // Section 3.1. Off: no neuron is guessed. In a split bundle the up and gate rows are read whole
    // and down columns only of what fired; in a bundled one a layer is read whole, since half a
    // record is not worth skipping.
    bool predictor = true;
    // Section 3.1. Off: nothing is kept between tokens. On without a predictor: the cache holds the
    // same neurons for good, as many as fit (the paper's hybrid).
    bool window = true;
    // Who leaves under an automatic window: the lowest decayed frequency (core/cache/cache.md).
    // Off: the least recently active.
    bool frequency = true;
    // Section 3.3. Off: a layer's slots are allocated and copied anew for each token.
    bool manager = true;
    // The reads of a layer begin before its attention, by a guess. It must pay for itself: see
    // prefetch in neuron_store.h.
    bool prefetch = true;
    // The reads of a layer begin while the one before it computes, by an earlier guess that the one
    // before its attention corrects. Nothing without prefetch. Off: with the guess before attention
    // alone 97 % of a large model's token pass without a wait, and the other guess costs more
    // arithmetic than it saves (`bench overlap`).
    bool look_ahead = false;
    // Off: reads go through the page cache.
    bool direct_io = true;

    // The two baselines. Naive: all weights but the embedding are read for each token. Hybrid: what
    // the budget holds stays, the rest is read. Both in long sequential reads.
    static constexpr Techniques naive() {
        return {.persistence = false,
                .predictor = false,
                .window = false,
                .frequency = true,
                .manager = true,
                .prefetch = false,
                .direct_io = true};
    }
    static constexpr Techniques hybrid() {
        Techniques hybrid;
        hybrid.predictor = hybrid.prefetch = false;
        return hybrid;
    }
};

}  // namespace glowworm
