// SPDX-License-Identifier: Apache-2.0
// The long part of `calibrate` for ReLU models: record, share the bytes among the layers, train
// them one by one, each written down as soon as it is there. Worker thread only.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/engine/model_session.h"
#include "core/train/calibration.h"
#include "core/train/low_rank_layer.h"
#include "core/train/train_predictors.h"

namespace glowworm {

class LowRankTraining {
  public:
    struct Made {
        Calibration calibration;  // the files lie in the bundle, named by their checksums
        std::vector<TrainedLayer> layers;
        uint32_t tokens = 0;
        bool resumed = false;
        std::optional<CalibrationJob> job;  // to be removed when the manifest names the files
    };
    LowRankTraining(const std::string& bundle, const TrainOptions& options, ProgressSink progress,
                    const StopFlag& stop)
        : bundle_(bundle), options_(options), progress_(std::move(progress)), stop_(stop) {}

    // The bundle's manifest is not touched.
    Result<Made> run();

  private:
    Status open();
    Status plan();
    Status trainLayer(LayerId layer, double minutes);
    Status keep(LayerId layer, const LowRankLayer& made);
    Result<Made> gather();
    void report(std::string_view stage, double fraction) const {
        if (progress_) progress_({stage, fraction});
    }

    const std::string& bundle_;
    const TrainOptions& options_;
    ProgressSink progress_;
    const StopFlag& stop_;
    std::unique_ptr<ModelSession> session_;
    std::optional<CalibrationJob> job_;
    std::optional<RecordedInputs> inputs_;
    std::vector<RankOption> chosen_;  // by layer
};

}  // namespace glowworm
