// SPDX-License-Identifier: Apache-2.0
// The feed-forward block in its two forms. Sparse, for one token: the predictor names the active
// set, what the cache lacks is read, and only those neurons are computed (LLM in a Flash, section
// 3). Dense, for a whole chunk: every neuron of the layer streams by once (prefill, exact mode).
//
// The budget decides what is cached, never what is computed, and neurons are added in ascending
// order whatever the order in which reads arrive: any budget gives the same bits.
//
// Engine thread only; owns its scratch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/clock.h"
#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/stats.h"
#include "core/bundle/manifest.h"
#include "core/model/backend.h"
#include "core/model/neuron_store.h"
#include "core/model/record_stream.h"
#include "core/model/techniques.h"
#include "core/model/weights.h"
#include "core/sparsity/predictor.h"
#include "core/sparsity/working_set.h"

namespace glowworm {

// Everything a feed-forward block works with; all borrowed.
struct FeedForwardParts {
    const ModelConfig& config;
    const RecordLayout& record;
    const Weights& weights;
    Backend& backend;
    NeuronStore& store;
    RecordStream& stream;
    Predictor* predictor = nullptr;  // null: with resident up and gate rows the contribution itself
                                     // decides; else every neuron counts as active
    // Of a neuron's contribution, by layer, where there is no predictor: [layers].
    std::span<const float> contribution_thresholds;
    const Clock& clock;
    ActiveSetListener* listener = nullptr;  // hears the active sets of sparse() unless exact
    Techniques techniques = {};
};

// Sees every activation of a dense pass: calibration records with it. [tokens, count], values after
// the activation (and the gate).
class ActivationObserver {
  public:
    virtual ~ActivationObserver() = default;
    virtual void input(LayerId layer, const float* x, size_t tokens) = 0;
    virtual void activations(LayerId layer, std::span<const NeuronId> neurons,
                             const float* values, size_t tokens) = 0;
};

class FeedForward {
  public:
    FeedForward(const FeedForwardParts& parts, uint32_t chunk_tokens);

    // y[hidden] = FFN(x) for one token (x.n_tokens is 1). `exact`: all neurons are active.
    Status sparse(LayerId layer, const InputRows& x, bool exact, float* y, TokenStats& stats,
                  const StopFlag& stop);

    // Is it worth guessing this layer's active set before its attention? Not where nothing was read
    // for the token before.
    [[nodiscard]] bool readsAhead(LayerId layer) const;
    // Begins to read what the predictor names for `x`, the block's input as far as it is known.
    // `certain`: it is the input itself (parallel attention), and sparse() need not ask again.
    Status readAhead(LayerId layer, const InputRows& x, bool certain, TokenStats& stats);
    Status keepReading() { return parts_.store.keepReading(); }
    // The next sparse() shall begin to read for the layer after its own as soon as its own reads
    // have arrived, by what the predictor names for `x`: that layer's input as far as it is known,
    // valid until then. Only where looksAhead(next); readAhead() corrects the guess.
    [[nodiscard]] bool looksAhead(LayerId next) const {
        return parts_.techniques.look_ahead && readsAhead(next) &&
               parts_.store.firstGuessPays(next);
    }
    void lookAhead(LayerId next, const InputRows& x) { next_ = NextBlock{next, x}; }
    // After an error or a stop between readAhead() and sparse().
    void abandon();

    // y[n, hidden] = FFN(x[n, hidden]) with all neurons. The active neurons of the last
    // `keep_tokens` tokens are left in the cache. The stream must have begun.
    Status dense(LayerId layer, const InputRows& x, uint32_t keep_tokens, float* y,
                 TokenStats& stats, const StopFlag& stop);

    void setObserver(ActivationObserver* observer) { observer_ = observer; }
    [[nodiscard]] uint64_t bytes() const;
    static uint64_t bytesNeeded(const ModelConfig& config, const RecordLayout& record,
                                uint32_t chunk_tokens);

  private:
    struct NextBlock {
        LayerId layer;
        InputRows x;
    };

    void guessNext(TokenStats& stats);
    Status readNext();
    void approximateRest(LayerId layer, bool exact, float* y, TokenStats& stats);
    Status findActive(LayerId layer, const InputRows& x, bool exact, TokenStats& stats,
                      const StopFlag& stop);
    Status activateStreamed(LayerId layer, const InputRows& x, TokenStats& stats,
                            const StopFlag& stop);
    void activateResident(LayerId layer, const InputRows& x);
    Status computeBatch(LayerId layer, const InputRows& x, bool exact, size_t first,
                        const CacheBatch& batch, float* y, TokenStats& stats, const StopFlag& stop);
    void activateSome(LayerId layer, const InputRows& x, size_t first, const CacheBatch& batch,
                      bool misses);
    void addDown(LayerId layer, std::span<const SlotId> slots, float* y);
    float* activateChunk(const RecordChunk& chunk, const InputRows& x);
    void denseChunk(const RecordChunk& chunk, const InputRows& x, float* y, TokenStats& stats);
    [[nodiscard]] bool pinned(const RecordChunk& chunk) const;
    void keepActive(const RecordChunk& chunk, const InputRows& x, uint32_t keep_tokens);
    [[nodiscard]] MatrixView rowsOf(const MatrixView& resident, const RecordPart& part,
                                    const RecordChunk& chunk) const;
    [[nodiscard]] bool rowsResident(LayerId layer) const;
    [[nodiscard]] bool rowsStreamed() const;
    [[nodiscard]] bool matters(LayerId layer, NeuronId neuron, float value) const;

    FeedForwardParts parts_;
    ActivationObserver* observer_ = nullptr;
    ActiveSet active_, guess_;
    std::vector<uint32_t> missed_;       // [layers] neurons read for the layer's last token
    std::optional<NextBlock> next_;
    bool cheap_guess_ = false;
    bool known_ = false;                 // active_ holds this layer's set already
    std::vector<float> gate_, up_;       // [max(ff_width, chunk_tokens * chunk_records)]
    std::vector<float> value_;           // [ff_width] by neuron: activations known beforehand
    std::vector<float> scales_;          // [ff_width] by place in active_
    std::vector<const std::byte*> rows_, columns_;  // [ff_width]
    std::vector<uint32_t> places_;       // [ff_width] place in active_ of each gathered row
};

}  // namespace glowworm
