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
constexpr double kMemoryPieceSeconds = 0.1;
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

Forecast forecastFor(const ForecastBasis& model, uint64_t budget, const MachineProfile& machine) {
    const uint64_t cache = model.cache_bytes_max - (model.budget_bytes_max - budget);
    const auto neurons = static_cast<double>(model.neurons_bytes);
    const double asked = model.active_share * neurons;
    Forecast forecast;
    forecast.budget_bytes = forecast.budget_bytes_enough = budget;
    forecast.hit_rate =
        expectedHitRate(static_cast<double>(cache) / neurons, model.active_share, model.relu);
    forecast.touched_bytes = model.touched_bytes + static_cast<uint64_t>(asked);
    forecast.read_bytes = static_cast<uint64_t>(asked * (1 - forecast.hit_rate));
    forecast.memory_ms =
        1e3 * static_cast<double>(forecast.touched_bytes) / machine.memory_bytes_per_s;
    // Whole layers come in long reads, single neurons one by one.
    const uint64_t one = model.active_share < 1 ? model.record_bytes : uint64_t{1} << 20;
    const double speed = std::max(1.0, machine.disk.bytesPerSecond(one));
    forecast.disk_ms = 1e3 * static_cast<double>(forecast.read_bytes) / speed;
    forecast.token_ms = forecast.memory_ms + forecast.disk_ms;
    return forecast;
}

// In short pieces, so that a stop need not wait for the whole.
Result<double> measureMemoryInPieces(ThreadPool& pool, const StopFlag& stop) {
    double best = 0;
    for (double spent = 0; spent < kMemorySeconds; spent += kMemoryPieceSeconds) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        ASSIGN_OR_RETURN(const double speed, measureMemory(pool, kMemoryPieceSeconds));
        best = std::max(best, speed);
    }
    return best;
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
    ASSIGN_OR_RETURN(profile.memory_bytes_per_s, measureMemoryInPieces(pool, stop));
    return profile;
}

Result<ForecastBasis> forecastBasis(const std::string& folder, uint32_t context_tokens,
                                    uint32_t threads) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(folder));
    const Manifest& manifest = bundle.manifest();
    const PredictorEntry* predictor =
        manifest.predictors.empty() ? nullptr : &manifest.predictors.front();
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    const MemoryPlan plan = memoryNeeds(manifest, predictor, context_tokens, threads);
    return ForecastBasis{
        .budget_bytes_min = plan.budgetBytesMin(),
        .budget_bytes_max = plan.budgetBytesMax(),
        .cache_bytes_max = plan.cache_max,
        .touched_bytes = residentTouched(manifest) + (predictor == nullptr ? 0 : predictor->bytes),
        .neurons_bytes = manifest.neurons_bytes,
        .record_bytes = manifest.record.stride,
        .active_share = activeShare(predictor),
        .relu = manifest.config.activation == FfnActivation::kRelu};
}

Forecast foretell(const ForecastBasis& model, uint64_t budget_bytes,
                  const MachineProfile& machine) {
    const uint64_t least = model.budget_bytes_min, most = model.budget_bytes_max;
    const uint64_t budget = std::clamp(budget_bytes == 0 ? most : budget_bytes, least, most);
    Forecast forecast = forecastFor(model, budget, machine);
    const uint64_t step = std::max<uint64_t>((budget - least) / 64, 1);
    for (uint64_t smaller = least; smaller < budget; smaller += step) {
        const double ms = forecastFor(model, smaller, machine).token_ms;
        if (ms > kLittleSlower * forecast.token_ms) continue;
        forecast.budget_bytes_enough = smaller;
        break;
    }
    return forecast;
}

Result<Forecast> foretell(const std::string& bundle, uint64_t budget_bytes,
                          uint32_t context_tokens, const MachineProfile& machine) {
    ASSIGN_OR_RETURN(const ForecastBasis basis,
                     forecastBasis(bundle, context_tokens, machine.threads));
    return foretell(basis, budget_bytes, machine);
}

}  // namespace glowworm
