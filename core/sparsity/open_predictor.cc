// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/open_predictor.h"

#include <utility>

#include "core/sparsity/low_rank_predictor.h"
#include "core/sparsity/predictor_file.h"
#include "core/sparsity/shadow_predictor.h"
#include "core/sparsity/sketch_predictor.h"

namespace glowworm {

Result<std::unique_ptr<Predictor>> openPredictor(const Manifest& manifest,
                                                 const PredictorEntry& entry,
                                                 std::vector<std::byte> bytes,
                                                 const ResidentTensors& resident) {
    if (entry.kind == "resident") return nullptr;
    const bool shadow = entry.kind.starts_with("shadow-");
    if (entry.kind != "low-rank" && entry.kind != "sketch" && !shadow) {
        return fail(ErrorCode::kUnsupported,
                    "the model " + manifest.name + " has a predictor of the kind '" + entry.kind +
                        "', which this version does not know; calibrate it again");
    }
    ASSIGN_OR_RETURN(PredictorFile file, PredictorFile::open(std::move(bytes), entry.file));
    const ModelConfig& config = manifest.config;
    ASSIGN_OR_RETURN(auto predictor,
                     shadow ? ShadowPredictor::create(config, entry.kind, std::move(file), resident)
                     : entry.kind == "low-rank"
                         ? LowRankPredictor::create(config, std::move(file), resident)
                         : SketchPredictor::create(config, std::move(file), resident));
    for (uint32_t l = 0; l < manifest.config.layers && l < entry.layers.size(); ++l) {
        predictor->setThreshold(LayerId(l), entry.layers[l].threshold);
    }
    return predictor;
}

}  // namespace glowworm
