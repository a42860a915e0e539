// SPDX-License-Identifier: Apache-2.0
// What a long calibration works with: the open model, the folder of what is done, and the recorded
// inputs. Worker thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/train/recorded_inputs.h"
#include "core/train/train_predictors.h"

namespace glowworm {

struct CalibrationWork {
    // Opens the model at its smallest budget and records the text, or what of it is not recorded
    // yet. Errors are those of trainPredictors().
    static Result<std::unique_ptr<CalibrationWork>> open(const std::string& bundle,
                                                         const TrainOptions& options,
                                                         const ProgressSink& progress,
                                                         const StopFlag& stop);

    std::unique_ptr<ModelSession> session;
    std::optional<CalibrationJob> job;
    std::optional<RecordedInputs> inputs;
};

}  // namespace glowworm
