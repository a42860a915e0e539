// SPDX-License-Identifier: Apache-2.0
// `calibrate`: better predictors for an installed model, from a text. Records what its feed-forward
// blocks see, trains the low-rank predictors of a ReLU model (low_rank_trainer.h; the ranks by
// layer, within the bytes that the present predictor has), draws the lines at a stated recall, and
// gives the bundle the new predictor; other models get new lines for the kind they have. With
// `order`, the neurons are put on flash beside those they fire with (neuron_order.h) as well.
//
// Until the last step, which is atomic, the bundle stays as it was. What has been done lies in
// BUNDLE.calibration: a run that was stopped or killed is taken up by the next with the same
// options. The front door of train/ for app/, with calibration.h. Worker thread; needs the memory
// that the model needs at its smallest budget, one layer's weights in F32 and a byte for each of
// its neurons and each token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

struct TrainOptions {
    std::string text;              // UTF-8, at least kTrainTokensMin tokens
    double recall = 0.95;          // of the neurons that fire, those that are to be foretold
    uint32_t rank = 0;             // of every layer, Q8_0 factors; 0: chosen by layer
    double minutes = 0;            // for the training; 0: as long as it takes
    uint32_t tokens_max = 32768;   // of the text, at most
    uint32_t threads = 2;
    bool order = false;
};

inline constexpr uint32_t kTrainTokensMin = 256;

struct TrainedLayer {
    uint32_t rank = 0;         // 0: not a low-rank predictor
    std::string dtype;
    uint64_t bytes = 0;
    bool trained = false;      // else the SVD was better on held-out text
    // Shares, on text that was not trained on; before: the SVD of the same bytes.
    double recall = 0, precision = 0, false_positives = 0, false_positives_before = 0;
    double active_share = 0;   // neurons named per token
    double zero_share = 0;
};

// What a token of held-out text costs and is worth under one predictor.
struct TrainedEffect {
    uint64_t bytes = 0;        // of the predictor, resident
    double predictor_ms = 0;   // per token
    double neurons = 0;        // computed per token
    double perplexity = 0;
};

struct TrainReport {
    std::string kind;          // of the predictor
    uint32_t tokens = 0;       // of the text that were used
    bool resumed = false;      // some of it had been done by an earlier run
    bool ordered = false;
    std::vector<TrainedLayer> layers;
    double perplexity_exact = 0;
    TrainedEffect before, after;
    double seconds = 0;        // of this run
};

// kInvalidArgument: the text is too short or no text, or another run is at work; kPermission and
// kNoSpace before anything is begun. kCancelled within a second of a stop.
Result<TrainReport> trainPredictors(const std::string& bundle, const TrainOptions& options,
                                    const ProgressSink& progress, const StopFlag& stop);

}  // namespace glowworm
