// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/flash_models.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/split_bundle.h"
#include "core/import/synthetic_model.h"
#include "core/import/synthetic_tokenizer.h"
#include "core/train/order_neurons.h"
#include "tests/bench/heldout.h"
#include "tests/bench/options.h"

namespace glowworm::bench {

namespace {
constexpr uint32_t kOrderTokens = 768;
}  // namespace

Result<FlashModel> FlashModel::open(std::span<const std::string> args) {
    FlashModel model;
    model.keep_ = has(args, "--keep");
    if (const auto named = option(args, "--model")) {
        model.bundle_ = *named;
        model.split_ = benchFolder() + "/flash-split";
        model.placed_ = benchFolder() + "/flash-placed";
        return model;
    }
    const std::string name = option(args, "--shape").value_or("opt-6.7b");
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape(name));
    if (const auto layers = option(args, "--layers")) {
        shape.config.layers = static_cast<uint32_t>(std::stoul(*layers));
    }
    model.bundle_ = benchFolder() + "/flash-" + name + "-" + std::to_string(shape.config.layers);
    model.split_ = model.bundle_ + "-split";
    model.placed_ = model.bundle_ + "-placed";
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
      placed_(std::exchange(other.placed_, {})),
      planted_(other.planted_),
      keep_(other.keep_) {}

FlashModel::~FlashModel() {
    if (bundle_.empty()) return;
    if (planted_) leave(bundle_);
    leave(split_);
    leave(placed_);
}

void FlashModel::leave(const std::string& folder) const {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(folder, ignored);
}

Result<std::string> FlashModel::split() {
    if (!std::filesystem::exists(split_)) {
        std::fprintf(stderr, "writing the same model without bundling\n");
        StopFlag stop;
        RETURN_IF_ERROR(splitBundle(bundle_, split_, nullptr, stop));
    }
    return split_;
}

Result<std::string> FlashModel::text() const {
    if (!planted_) return calibrationText();
    // Its words in their order: what the model itself writes.
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_));
    const TokenizerData words = syntheticTokenizer(bundle.manifest().config.vocabulary);
    std::string text;
    const size_t end = std::min<size_t>(words.pieces.size(), kFirstSyntheticWord + kOrderTokens);
    for (size_t i = kFirstSyntheticWord; i < end; ++i) {
        text += " " + words.pieces[i].substr(std::string_view("\u2581").size());
    }
    return text;
}

Result<std::string> FlashModel::placed() {
    if (std::filesystem::exists(placed_)) return placed_;
    leave(split_);
    TrainOptions options;
    ASSIGN_OR_RETURN(options.text, text());
    options.tokens_max = kOrderTokens;
    options.order = true;
    if (planted_ && !keep_) {
        std::filesystem::rename(bundle_, placed_);
        bundle_ = placed_;
    } else {
        ASSIGN_OR_RETURN(placed_,
                         copyOf(bundle_, std::filesystem::path(placed_).filename().string()));
    }
    std::fprintf(stderr, "finding the order of its neurons\n");
    StopFlag stop;
    ASSIGN_OR_RETURN(const auto work, CalibrationWork::open(placed_, options, nullptr, stop));
    RETURN_IF_ERROR(orderNeurons(placed_, *work, nullptr, stop));
    work->job->remove();
    return placed_;
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
