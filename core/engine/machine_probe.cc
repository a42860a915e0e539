// SPDX-License-Identifier: Apache-2.0
#include "core/engine/machine_probe.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/base/memory_speed.h"
#include "core/bundle/bundle_reader.h"
#include "core/engine/memory_needs.h"

namespace glowworm {

namespace {

constexpr double kMemorySeconds = 0.5;
constexpr double kLittleSlower = 1.05;

// Of the resident matrices, what a token's arithmetic passes over: all but the embedding's rows and
// the positions, unless the embedding is the head as well.
uint64_t residentTouched(const Manifest& manifest) {
    uint64_t bytes = 0;
    for (const TensorEntry& tensor : manifest.tensors) {
        const bool looked_up = tensor.name == "positions" ||
                               (tensor.name == "embedding" && !manifest.config.tied_head);
        if (!looked_up) bytes += tensor.bytes;
    }
    return bytes;
}

double activeShare(const PredictorEntry* predictor) {
    if (predictor == nullptr || predictor->layers.empty()) return 1;
    double sum = 0;
    for (const LayerCalibration& layer : predictor->layers) {
        sum += static_cast<double>(layer.active_share);
    }
    return sum / static_cast<double>(predictor->layers.size());
}

Forecast forecastFor(const Manifest& manifest, const PredictorEntry* predictor, uint64_t cache,
                     const MachineProfile& machine) {
    const double active = activeShare(predictor);
    const auto neurons = static_cast<double>(manifest.neurons_bytes);
    const double asked = active * neurons;
    const uint64_t predicting = predictor == nullptr ? 0 : predictor->bytes;
    Forecast forecast;
    const bool relu = manifest.config.activation == FfnActivation::kRelu;
    forecast.hit_rate = expectedHitRate(static_cast<double>(cache) / neurons, active, relu);
    forecast.touched_bytes =
        residentTouched(manifest) + predicting + static_cast<uint64_t>(asked);
    forecast.read_bytes = static_cast<uint64_t>(asked * (1 - forecast.hit_rate));
    forecast.memory_ms =
        1e3 * static_cast<double>(forecast.touched_bytes) / machine.memory_bytes_per_s;
    // Whole layers come in long reads, single neurons one by one.
    const uint64_t one = active < 1 ? manifest.record.stride : uint64_t{1} << 20;
    const double speed = std::max(1.0, machine.disk.bytesPerSecond(one));
    forecast.disk_ms = 1e3 * static_cast<double>(forecast.read_bytes) / speed;
    forecast.token_ms = forecast.memory_ms + forecast.disk_ms;
    return forecast;
}

}  // namespace

double expectedHitRate(double cached_share, double active_share, bool relu) {
    if (cached_share >= 1) return 1;
    // A cache that cannot hold one token's neurons is overwritten before it is asked again.
    return cached_share < active_share ? 0 : std::pow(cached_share, relu ? 0.25 : 0.5);
}

Result<MachineProfile> probeMachine(const DiskProbeOptions& disk, uint32_t threads,
                                    const ProgressSink& progress, const StopFlag& stop) {
    MachineProfile profile;
    profile.threads = threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
    ASSIGN_OR_RETURN(profile.disk, probeDisk(disk, progress, stop));
    if (progress) progress({"measuring the memory", 1});
    ThreadPool pool(profile.threads);
    ASSIGN_OR_RETURN(profile.memory_bytes_per_s, measureMemory(pool, kMemorySeconds));
    return profile;
}

Result<Forecast> foretell(const std::string& folder, uint64_t budget_bytes,
                          uint32_t context_tokens, const MachineProfile& machine) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(folder));
    const Manifest& manifest = bundle.manifest();
    const PredictorEntry* predictor =
        manifest.predictors.empty() ? nullptr : &manifest.predictors.front();
    const MemoryPlan plan = memoryNeeds(manifest, predictor, context_tokens, machine.threads);
    const uint64_t least = plan.budgetBytesMin(), most = plan.budgetBytesMax();
    const uint64_t budget = std::clamp(budget_bytes == 0 ? most : budget_bytes, least, most);
    const auto at = [&](uint64_t bytes) {
        return forecastFor(manifest, predictor, bytes - (most - plan.cache_max), machine);
    };
    Forecast forecast = at(budget);
    forecast.budget_bytes = forecast.budget_bytes_enough = budget;
    const uint64_t step = std::max<uint64_t>((budget - least) / 64, 1);
    for (uint64_t smaller = least; smaller < budget; smaller += step) {
        if (at(smaller).token_ms > kLittleSlower * forecast.token_ms) continue;
        forecast.budget_bytes_enough = smaller;
        break;
    }
    return forecast;
}

}  // namespace glowworm
