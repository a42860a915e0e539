// SPDX-License-Identifier: Apache-2.0
// Makes a bundle's predictor from a short text, without training: runs the model densely over the
// text, records what its feed-forward blocks see, and works through the layers one at a time. Which
// kind follows from the model:
//   resident  gate and up rows lie in memory anyway: the contribution itself decides
//   low-rank  ReLU models: a truncated SVD of the gate's outputs (low_rank_fit.h)
//   sketch    other models: a 4-bit copy of the gate and up rows
// The front door of train/ for import/ and app/. Runs on a worker thread. Needs the memory that the
// model needs at its smallest budget, and the activations of one layer.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/manifest.h"

namespace glowworm {

struct CalibrationOptions {
    std::string text;           // what the thresholds are chosen on
    size_t threads = 2;
    uint32_t tokens_max = 2048; // of the text, at most
    // Share of a layer's squared contributions that may be left out. What it costs in perplexity is
    // measured in tests/bench/RESULTS.md.
    double loss_share_relu = 0.002;
    double loss_share_silu = 0.006;
    // Of the neurons that matter, by count; the paper reaches 95 %.
    double recall_min = 0.95;
    // A bundle that has a predictor already keeps it until the manifest names the new one.
    FileNaming naming = FileNaming::kPlain;
};

// What a bundle's manifest says of its calibration.
struct Calibration {
    PredictorEntry predictor;  // thresholds and measured quality by layer included
    FiringEntry firing;        // how often each neuron fired over the text
    uint32_t tokens = 0;       // of it, that were looked at
};

// Writes the predictor's file and the firing counts into the bundle's folder (complete, readable by
// openSession) and returns the entries for its manifest.
Result<Calibration> makePredictor(const std::string& bundle_folder,
                                  const CalibrationOptions& options,
                                  const ProgressSink& progress, const StopFlag& stop);

}  // namespace glowworm
