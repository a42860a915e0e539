// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flash_models.h"

#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/bundle/split_bundle.h"
#include "core/import/synthetic_model.h"
#include "tests/bench/options.h"

namespace glowworm::bench {

Result<FlashModel> FlashModel::open(std::span<const std::string> args) {
    FlashModel model;
    model.keep_ = has(args, "--keep");
    if (const auto named = option(args, "--model")) {
        model.bundle_ = *named;
        model.split_ = benchFolder() + "/flash-split";
        return model;
    }
    const std::string name = option(args, "--shape").value_or("opt-6.7b");
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape(name));
    if (const auto layers = option(args, "--layers")) {
        shape.config.layers = static_cast<uint32_t>(std::stoul(*layers));
    }
    model.bundle_ = benchFolder() + "/flash-" + name + "-" + std::to_string(shape.config.layers);
    model.split_ = model.bundle_ + "-split";
    model.planted_ = true;
    if (std::filesystem::exists(model.bundle_)) return model;
    SyntheticOptions options;
    StopFlag stop;
    std::fprintf(stderr, "writing a synthetic model\n");
    ASSIGN_OR_RETURN(const Manifest m,
                     writeSynthetic(model.bundle_, shape, options, nullptr, stop));
    return model;
}

FlashModel::FlashModel(FlashModel&& other) noexcept
    : bundle_(std::exchange(other.bundle_, {})),
      split_(std::exchange(other.split_, {})),
      planted_(other.planted_),
      keep_(other.keep_) {}

FlashModel::~FlashModel() {
    std::error_code ignored;
    if (keep_ || bundle_.empty()) return;
    if (planted_) std::filesystem::remove_all(bundle_, ignored);
    std::filesystem::remove_all(split_, ignored);
}

Result<std::string> FlashModel::split() {
    if (!std::filesystem::exists(split_)) {
        std::fprintf(stderr, "writing the same model without bundling\n");
        StopFlag stop;
        RETURN_IF_ERROR(splitBundle(bundle_, split_, nullptr, stop));
    }
    return split_;
}

std::string FlashModel::label() const {
    return std::filesystem::path(bundle_).filename().string() + (planted_ ? " (planted)" : "");
}

Result<FlashFigures> runFlash(const FlashRun& run) {
    OpenOptions options;
    options.bundle = run.bundle;
    options.budget_bytes = run.budget;
    options.context_tokens = kFlashContext;
    options.techniques = run.techniques;
    StopFlag stop;
    ASSIGN_OR_RETURN(const auto session, openSession(options, nullptr, stop));
    FlashFigures figures;
    ASSIGN_OR_RETURN(figures.measured, measure(*session, "ba be bi bo", run.tokens + run.warm,
                                               run.warm, false));
    figures.memory = session->memory();
    figures.info = session->info();
    return figures;
}

}  // namespace glowworm::bench
