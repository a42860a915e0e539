// SPDX-License-Identifier: Apache-2.0
// The long part of `calibrate` for ReLU models: shares the bytes among the layers and trains these
// one by one, each written down as soon as it is there. Worker thread only; borrows the work.
#pragma once

#include <vector>

#include "core/train/calibration.h"
#include "core/train/calibration_work.h"
#include "core/train/low_rank_layer.h"

namespace glowworm {

class LowRankTraining {
  public:
    struct Made {
        Calibration calibration;  // the files lie in the bundle, named by their checksums
        std::vector<TrainedLayer> layers;
    };
    LowRankTraining(const std::string& bundle, const TrainOptions& options, CalibrationWork& work,
                    ProgressSink progress, const StopFlag& stop)
        : bundle_(bundle),
          options_(options),
          work_(work),
          progress_(std::move(progress)),
          stop_(stop) {}

    // The bundle's manifest is not touched.
    Result<Made> run();

  private:
    Status plan();
    Status trainLayer(LayerId layer, double minutes);
    Status keep(LayerId layer, const LowRankLayer& made);
    Result<Made> gather();
    void report(std::string_view stage, double fraction) const {
        if (progress_) progress_({stage, fraction});
    }

    const std::string& bundle_;
    const TrainOptions& options_;
    CalibrationWork& work_;
    ProgressSink progress_;
    const StopFlag& stop_;
    std::vector<RankOption> chosen_;  // by layer
};

}  // namespace glowworm
