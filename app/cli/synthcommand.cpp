// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <format>
#include <thread>

#include "app/cli/commands.h"
#include "app/cli/progressline.h"
#include "core/base/bytes.h"

namespace glowworm {

Status runSynth(const SynthOptions& options, CliEnvironment& environment) {
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape(options.shape));
    if (options.sparsity > 0) shape.zero_share = options.sparsity;
    if (options.layers > 0) shape.config.layers = std::min(options.layers, shape.config.layers);
    SyntheticOptions synthetic;
    synthetic.dtype = dtypeFromName(options.dtype).value_or(Dtype::kF16);
    synthetic.seed = options.seed;
    synthetic.shadow_bits = options.shadow_bits;
    synthetic.threads =
        options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    ProgressLine progress(environment);
    ASSIGN_OR_RETURN(const Manifest manifest,
                     environment.synthesize(options.folder, shape, synthetic, progress.sink(),
                                            environment.controls.stop));
    progress.clear();
    const uint64_t bytes = manifest.resident_bytes + manifest.neurons_bytes;
    environment.out << std::format("{}: {} in {}\nIt was not trained and writes no language: its "
                                   "weights are planted, for measurements.\n",
                                   manifest.name, formatBytes(bytes), options.folder)
                    << std::flush;
    return {};
}

}  // namespace glowworm
