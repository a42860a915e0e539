// SPDX-License-Identifier: Apache-2.0
// From a bundle's folder to a ModelSession: everything that may fail, in the order in which a
// failure is cheapest.
#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include <malloc.h>

#include "core/bundle/tensor_list.h"
#include "core/engine/model_info.h"
#include "core/engine/model_session.h"
#include "core/sparsity/open_predictor.h"

namespace glowworm {

namespace {

ReaderKind readerKind(ReaderChoice choice) {
    switch (choice) {
        case ReaderChoice::kAuto: return ReaderKind::kAuto;
        case ReaderChoice::kUring: return ReaderKind::kUring;
        case ReaderChoice::kPread: return ReaderKind::kPread;
        case ReaderChoice::kMemory: return ReaderKind::kMemory;
    }
    return ReaderKind::kAuto;
}

Result<std::unique_ptr<FlashReader>> openReader(const std::string& path,
                                                const OpenOptions& options) {
    ASSIGN_OR_RETURN(auto reader,
                     openFlashReader(path, readerKind(options.reader), options.reading.depth,
                                     options.techniques.direct_io && options.reading.direct));
    reader->setGapBytes(options.reading.gap_bytes);
    return reader;
}

// Bytes that the system can give without swapping; 0 where it does not say.
uint64_t availableBytes() {
    std::ifstream file("/proc/meminfo");
    std::string key, unit;
    uint64_t kib = 0;
    while (file >> key >> kib >> unit) {
        if (key == "MemAvailable:") return kib * 1024;
    }
    return 0;
}

// Without a budget of the person's: the whole model, if that leaves the machine room to breathe.
uint64_t chooseBudget(const MemoryPlan& plan, uint64_t asked) {
    if (asked != 0) return asked;
    const uint64_t comfortable = availableBytes() / 4 * 3;
    return std::max(plan.budgetBytesMin(), std::min(plan.budgetBytesMax(), comfortable));
}

Result<const PredictorEntry*> choosePredictor(const Manifest& manifest, const std::string& kind) {
    if (manifest.predictors.empty() && kind.empty()) return nullptr;
    for (const PredictorEntry& entry : manifest.predictors) {
        // "shadow" takes the first of "shadow-2", "shadow-3", "shadow-4" that is there.
        if (kind.empty() || entry.kind == kind || entry.kind.starts_with(kind + "-")) return &entry;
    }
    return fail(ErrorCode::kNotFound, "the model " + manifest.name + " has no predictor '" + kind +
                                          "'; calibrate it or leave the choice to the program");
}

CacheLayout cacheLayout(const Manifest& manifest, const PredictorEntry* predictor,
                        const Techniques& techniques) {
    CacheLayout layout;
    layout.layers = manifest.config.layers;
    layout.neurons = manifest.config.ff_width;
    layout.slot_bytes = manifest.record.stride;
    layout.slots_min = std::min(kSlotsMin, manifest.config.ff_width);
    layout.eviction =
        techniques.frequency ? EvictionOrder::kFrequency : EvictionOrder::kRecency;
    if (predictor != nullptr) {
        for (const LayerCalibration& layer : predictor->layers) {
            layout.weights.push_back(std::max(layer.active_share, 0.001F));
        }
    }
    return layout;
}

Result<std::unique_ptr<Predictor>> loadPredictor(const Bundle& bundle, const PredictorEntry* entry,
                                                 const Weights& weights) {
    if (entry == nullptr || entry->file.empty()) return nullptr;
    ASSIGN_OR_RETURN(auto bytes, bundle.predictorBytes(entry->kind));
    return openPredictor(bundle.manifest(), *entry, std::move(bytes), weights.tensors);
}

// The format allows more than the engine computes: down columns in memory, or up rows in memory and
// gate rows on flash, or resident rows of neurons that lie in another order.
Status checkLayout(const Manifest& manifest, const ResidentTensors& tensors) {
    const RecordLayout& record = manifest.record;
    bool known = record.down.bytes != 0;
    if (manifest.config.gated) known = known && (record.up.bytes == 0) == (record.gate.bytes == 0);
    for (uint32_t l = 0; l < manifest.config.layers && record.up.bytes == 0; ++l) {
        known = known && !tensors.has(layerTensorName(l, "order"));
    }
    if (known) return {};
    return fail(ErrorCode::kUnsupported,
                "the model " + manifest.name +
                    " keeps its neurons in a layout that this version cannot compute with; import "
                    "it again");
}

Status goOn(const StopFlag& stop) {
    if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
    return {};
}

Result<std::shared_ptr<const Tokenizer>> loadTokenizer(const Bundle& bundle,
                                                       const StopFlag& stop) {
    RETURN_IF_ERROR(goOn(stop));
    ASSIGN_OR_RETURN(TokenizerData data, bundle.tokenizer());
    RETURN_IF_ERROR(goOn(stop));
    auto tokenizer = Tokenizer::create(std::move(data));
    // The JSON that it came from is many times its size: give that back to the system.
    malloc_trim(0);
    RETURN_IF_ERROR(goOn(stop));
    return tokenizer;
}

}  // namespace

Result<ModelInfo> inspectBundle(const std::string& folder, uint32_t context_tokens) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(folder));
    const size_t threads = std::max(1U, std::thread::hardware_concurrency());
    ASSIGN_OR_RETURN(const PredictorEntry* entry, choosePredictor(bundle.manifest(), ""));
    return describeModel(bundle, entry, memoryNeeds(bundle.manifest(), entry, context_tokens,
                                                    threads), context_tokens, threads);
}

Status verifyBundle(const std::string& folder, const ProgressSink& progress,
                    const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(folder));
    return bundle.verify(progress, stop);
}

Result<std::unique_ptr<Session>> openSession(const OpenOptions& options,
                                             const ProgressSink& progress, const StopFlag& stop) {
    ASSIGN_OR_RETURN(auto session, openModelSession(options, progress, stop));
    return session;
}

Result<std::unique_ptr<ModelSession>> openModelSession(const OpenOptions& options,
                                                       const ProgressSink& progress,
                                                       const StopFlag& stop) {
    ASSIGN_OR_RETURN(Bundle bundle, Bundle::open(options.bundle));
    const Manifest& manifest = bundle.manifest();
    const size_t threads = options.threads != 0
                               ? options.threads
                               : std::max(1U, std::thread::hardware_concurrency());
    ASSIGN_OR_RETURN(const PredictorEntry* entry, choosePredictor(manifest, options.predictor));
    if (!options.techniques.predictor) entry = nullptr;
    const MemoryPlan plan = memoryNeeds(manifest, entry, options.context_tokens, threads,
                                        options.techniques);
    const uint64_t budget = chooseBudget(plan, options.budget_bytes);
    RETURN_IF_ERROR(plan.cacheBytes(budget));  // too small is said before anything is loaded
    ASSIGN_OR_RETURN(auto reader, openReader(bundle.neuronsPath(), options));
    std::unique_ptr<FlashReader> row_reader;
    if (manifest.record.split && !options.techniques.predictor) {
        ASSIGN_OR_RETURN(row_reader, openReader(bundle.neuronsPath(), options));
    }
    std::unique_ptr<FlashReader> resident_reader;
    if (!options.techniques.persistence) {
        ASSIGN_OR_RETURN(resident_reader,
                         openReader(bundle.folder() + "/" + kResidentFile, options));
    }
    ASSIGN_OR_RETURN(auto tokenizer, loadTokenizer(bundle, stop));
    ASSIGN_OR_RETURN(Weights weights, loadWeights(bundle, progress, stop));
    RETURN_IF_ERROR(checkLayout(manifest, weights.tensors));
    ASSIGN_OR_RETURN(NeuronTable table, bundle.neuronTable(weights.tensors));
    ASSIGN_OR_RETURN(auto predictor, loadPredictor(bundle, entry, weights));
    ASSIGN_OR_RETURN(NeuronCache cache, NeuronCache::create(cacheLayout(manifest, entry,
                                                                          options.techniques)));
    const uint32_t context = usableContext(manifest.config, options.context_tokens);
    ASSIGN_OR_RETURN(KvCache kv_cache,
                     KvCache::create(manifest.config, context, kvDtype(manifest)));
    ModelInfo info = describeModel(bundle, entry, plan, options.context_tokens, threads);
    info.reader = reader->name();
    info.direct_io = reader->directIo();
    auto session = std::make_unique<ModelSession>(
        OpenedModel{std::move(bundle), std::move(weights), std::move(table), std::move(predictor),
                    std::move(tokenizer), std::move(reader), std::move(row_reader),
                    std::move(resident_reader), std::move(cache),
                    std::move(kv_cache), plan, std::move(info)},
        options, budget, steadyClock());
    RETURN_IF_ERROR(session->start());
    // The baselines choose for themselves what lies in memory.
    const bool warm = options.warm && options.techniques.window && options.techniques.predictor;
    if (warm) RETURN_IF_ERROR(session->warm(progress, stop));
    return session;
}

}  // namespace glowworm
