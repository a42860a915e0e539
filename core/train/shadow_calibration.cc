// SPDX-License-Identifier: Apache-2.0
#include "core/train/shadow_calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/check.h"
#include "core/bundle/bundle_writer.h"
#include "core/engine/model_info.h"
#include "core/sparsity/activation.h"
#include "core/sparsity/predictor_file.h"
#include "core/sparsity/shadow_predictor.h"
#include "core/train/error_feedback.h"
#include "core/train/layer_pass.h"
#include "core/train/layer_rows.h"
#include "core/train/recorder.h"

namespace glowworm {

namespace {

constexpr uint64_t kRecordingBytesMax = uint64_t{512} << 20;
constexpr uint32_t kContext = 1024;

// The shadow of one number of bits, as it grows layer by layer.
struct Growing {
    uint32_t bits = 0;
    PredictorFileBuilder builder;
    PredictorEntry entry;
    double lost_share = 0;  // summed over layers
};

class ShadowMaker {
  public:
    ShadowMaker(ModelSession& session, const std::vector<uint32_t>& bits,
                const ShadowOptions& options, const ProgressSink& progress, const StopFlag& stop)
        : session_(session),
          options_(options),
          progress_(progress),
          stop_(stop),
          config_(session.config()),
          recorder_(config_, tokensMax(config_, options)) {
        for (const uint32_t b : bits) {
            shadows_.push_back({b, {}, {}, 0});
            shadows_.back().entry.kind = shadowKind(b);
        }
    }

    Result<std::vector<MadeShadow>> run();

  private:
    static uint32_t tokensMax(const ModelConfig& config, const ShadowOptions& options) {
        const uint64_t fits = kRecordingBytesMax / InputRecorder::bytesNeeded(config, 1);
        return static_cast<uint32_t>(
            std::min<uint64_t>(std::max<uint64_t>(fits, 64), std::max(options.tokens_max, 1U)));
    }
    Status record();
    Status layer(LayerId layer);
    void addLayer(LayerId layer, Growing& shadow, const ErrorFeedback& inputs);
    void encode(LayerId layer, Growing& shadow, PredictorRole role, const ErrorFeedback& feedback,
                const std::vector<float>& w, size_t rows, size_t cols);
    void project(Dtype dtype, const float* bias, std::vector<float>& y);
    void calibrate(LayerId layer, Growing& shadow);
    [[nodiscard]] std::vector<float> contributions(LayerId layer, const float* values,
                                                   size_t stride_tokens) const;
    std::vector<float> levelTokens(LayerId layer);
    void fitDown(LayerId layer, Growing& shadow);
    [[nodiscard]] double lostShare(LayerId layer, const Growing& shadow,
                                   const std::vector<float>& scales);
    [[nodiscard]] ThreadPool& pool() { return session_.backend().pool(); }
    [[nodiscard]] const LayerWeights& weights(LayerId layer) const {
        return session_.model().weights.layers[layer.value()];
    }

    ModelSession& session_;
    const ShadowOptions& options_;
    const ProgressSink& progress_;
    const StopFlag& stop_;
    const ModelConfig& config_;
    InputRecorder recorder_;
    std::unique_ptr<LayerPass> pass_;
    std::vector<Growing> shadows_;
    uint32_t tokens_ = 0;
    std::vector<float> x_;               // [tokens, hidden] of the present layer
    std::vector<float> gate_, up_;       // [ff_width, hidden]
    std::vector<float> down_;            // [ff_width, hidden]
    std::vector<float> true_values_;     // [tokens, ff_width]
    std::vector<float> values_;          // [tokens, ff_width], the shadow's
    std::vector<std::byte> encoded_;     // the matrix encoded last
};

Result<std::vector<MadeShadow>> ShadowMaker::run() {
    RETURN_IF_ERROR(record());
    tokens_ = recorder_.tokens();
    ASSIGN_OR_RETURN(pass_, LayerPass::create(session_, tokens_));
    for (uint32_t l = 0; l < config_.layers; ++l) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (progress_) progress_({"making the shadow", 0.3 + 0.7 * l / config_.layers});
        RETURN_IF_ERROR(layer(LayerId(l)));
    }
    std::vector<MadeShadow> made;
    for (Growing& shadow : shadows_) {
        ASSIGN_OR_RETURN(PredictorEntry written,
                         writePredictorFile(session_.model().bundle.folder(), shadow.entry.kind,
                                            shadow.builder.finish()));
        written.layers = std::move(shadow.entry.layers);
        made.push_back({std::move(written), shadow.lost_share / config_.layers});
    }
    return made;
}

Status ShadowMaker::record() {
    const auto tokens = session_.tokenize(options_.text, false);
    if (tokens.empty()) {
        return fail(ErrorCode::kInvalidArgument, "the calibration text is empty");
    }
    const size_t count = std::min<size_t>(tokensMax(config_, options_), tokens.size());
    session_.setObserver(&recorder_);
    const auto relay = [&](const Progress& progress) {
        if (progress_) progress_({"reading the calibration text", progress.fraction * 0.3});
    };
    const Status status = session_.readThrough(std::span(tokens).first(count), relay, stop_);
    session_.setObserver(nullptr);
    return status;
}

Status ShadowMaker::layer(LayerId layer) {
    recorder_.decode(layer, x_);
    RETURN_IF_ERROR(pass_->activations(layer, x_, tokens_, stop_));
    true_values_.assign(pass_->values(0), pass_->values(tokens_));
    RETURN_IF_ERROR(readUpRows(session_, layer, up_));
    if (config_.gated) RETURN_IF_ERROR(readGateRows(session_, layer, gate_));
    RETURN_IF_ERROR(readDownColumns(session_, layer, down_));
    const ErrorFeedback inputs(x_.data(), tokens_, config_.hidden, pool());
    for (Growing& shadow : shadows_) {
        if (stop_.requested()) return fail(ErrorCode::kCancelled, "stopped");
        addLayer(layer, shadow, inputs);
    }
    return {};
}

void ShadowMaker::encode(LayerId layer, Growing& shadow, PredictorRole role,
                         const ErrorFeedback& feedback, const std::vector<float>& w, size_t rows,
                         size_t cols) {
    const Dtype dtype = shadowDtype(shadow.bits);
    encoded_.resize(rows * rowBytes(dtype, cols));
    feedback.encode(dtype, w.data(), rows, encoded_.data(), pool());
    shadow.builder.addStored(layer, role,
                             {encoded_.data(), dtype, rows, cols, rowBytes(dtype, cols)});
}

// y [tokens, ff_width] = x W^T with W as it was encoded last: what the shadow will see.
void ShadowMaker::project(Dtype dtype, const float* bias, std::vector<float>& y) {
    std::vector<std::byte> scratch(InputRows::bytesNeeded(tokens_, config_.hidden));
    InputRows in{x_.data(), tokens_, config_.hidden, scratch.data()};
    session_.backend().prepare(in);
    y.resize(size_t{tokens_} * config_.ff_width);
    session_.backend().matmul({encoded_.data(), dtype, config_.ff_width, config_.hidden,
                               rowBytes(dtype, config_.hidden)},
                              bias, in, y.data());
}

void ShadowMaker::addLayer(LayerId layer, Growing& shadow, const ErrorFeedback& inputs) {
    const Dtype dtype = shadowDtype(shadow.bits);
    const size_t width = config_.ff_width;
    std::vector<float> up;
    encode(layer, shadow, PredictorRole::kUpRows, inputs, up_, width, config_.hidden);
    project(dtype, weights(layer).up_bias, config_.gated ? up : values_);
    if (config_.gated) {
        encode(layer, shadow, PredictorRole::kGateRows, inputs, gate_, width, config_.hidden);
        project(dtype, nullptr, values_);
    }
    activateNeurons(config_, values_.data(), config_.gated ? up.data() : nullptr, values_.size());
    calibrate(layer, shadow);
    fitDown(layer, shadow);
}

// |value| * norm(down column) of every neuron and token.
std::vector<float> ShadowMaker::contributions(LayerId layer, const float* values,
                                              size_t count) const {
    const float* norm = weights(layer).down_norm;
    std::vector<float> out(count);
    for (size_t i = 0; i < count; ++i) out[i] = std::abs(values[i]) * norm[i % config_.ff_width];
    return out;
}

// Lines by share, and what the threshold at the wanted one finds of the neurons that matter.
void ShadowMaker::calibrate(LayerId layer, Growing& shadow) {
    const size_t count = values_.size();
    const std::vector<float> scores = contributions(layer, values_.data(), count);
    const std::vector<float> truth = contributions(layer, true_values_.data(), count);
    const auto lineAt = [&](std::vector<float>& sorted, double share) {
        const auto at = static_cast<size_t>(share * static_cast<double>(count));
        return sorted[std::min(at, count - 1)];
    };
    std::vector<float> sorted = scores;
    std::ranges::sort(sorted, std::greater());
    std::vector<float> lines(kScoreLines);
    for (uint32_t i = 0; i < kScoreLines; ++i) {
        lines[i] = lineAt(sorted, (i + 1.0) / kScoreLines);
    }
    shadow.builder.add(layer, PredictorRole::kScoreLines, Dtype::kF32, 1, kScoreLines,
                       lines.data());
    LayerCalibration found;
    found.threshold = lineAt(sorted, options_.read_share);
    sorted = truth;
    std::ranges::sort(sorted, std::greater());
    found.contribution_threshold = lineAt(sorted, options_.read_share);
    size_t named = 0, important = 0, both = 0;
    for (size_t i = 0; i < count; ++i) {
        const bool is_named = scores[i] > found.threshold;
        const bool matters = truth[i] > found.contribution_threshold;
        named += is_named;
        important += matters;
        both += is_named && matters;
    }
    const auto share = [](size_t part, size_t whole) {
        return whole == 0 ? 1.0F : static_cast<float>(part) / static_cast<float>(whole);
    };
    found.active_share = share(named, count);
    found.recall = share(both, important);
    found.precision = share(both, named);
    found.false_positive_rate = share(named - both, std::max<size_t>(count - important, 1));
    shadow.entry.layers.push_back(found);
}

// Makes all tokens' activations, true and approximate, weigh the same: the first of a text carry
// activations a hundred times as large as all others, and would decide alone. Returns the factors.
std::vector<float> ShadowMaker::levelTokens(LayerId layer) {
    const size_t width = config_.ff_width;
    const float* norm = weights(layer).down_norm;
    std::vector<float> scales(tokens_);
    for (size_t t = 0; t < tokens_; ++t) {
        const float* truth = true_values_.data() + t * width;
        double sum = 0;
        for (size_t n = 0; n < width; ++n) {
            const auto contribution = static_cast<double>(truth[n] * norm[n]);
            sum += contribution * contribution;
        }
        scales[t] = sum > 0 ? static_cast<float>(1 / std::sqrt(sum)) : 0.0F;
        for (size_t n = 0; n < width; ++n) values_[t * width + n] *= scales[t];
    }
    return scales;
}

// The down matrix, as rows of outputs, rounded for the activations that the shadow will have. Each
// neuron's column is scaled by what its approximate activation is worth: <true, shadow> over
// <shadow, shadow>.
void ShadowMaker::fitDown(LayerId layer, Growing& shadow) {
    const size_t width = config_.ff_width;
    const size_t hidden = config_.hidden;
    const std::vector<float> scales = levelTokens(layer);
    std::vector<double> along(width), power(width);
    for (size_t t = 0; t < tokens_; ++t) {
        const float* mine = values_.data() + t * width;
        const float* truth = true_values_.data() + t * width;
        for (size_t n = 0; n < width; ++n) {
            along[n] += static_cast<double>(mine[n]) * static_cast<double>(truth[n] * scales[t]);
            power[n] += static_cast<double>(mine[n]) * static_cast<double>(mine[n]);
        }
    }
    double ridge = 0;
    for (const double p : power) ridge += 0.01 * p / static_cast<double>(width);
    ridge = std::max(ridge, static_cast<double>(std::numeric_limits<float>::min()));
    std::vector<float> rows(hidden * width);
    for (size_t n = 0; n < width; ++n) {
        const auto gain = static_cast<float>((along[n] + ridge) / (power[n] + ridge));
        for (size_t h = 0; h < hidden; ++h) rows[h * width + n] = gain * down_[n * hidden + h];
    }
    const ErrorFeedback feedback(values_.data(), tokens_, width, pool());
    encode(layer, shadow, PredictorRole::kDownRows, feedback, rows, hidden, width);
    shadow.lost_share += lostShare(layer, shadow, scales);
}

// Of some tokens' output power, what the approximation of the rest gets wrong. The down matrix is
// the one encoded last.
double ShadowMaker::lostShare(LayerId layer, const Growing& shadow,
                              const std::vector<float>& scales) {
    constexpr uint32_t kTokensMax = 64;
    const size_t width = config_.ff_width;
    const size_t hidden = config_.hidden;
    const float* norm = weights(layer).down_norm;
    const float line = shadow.entry.layers.back().threshold;
    const size_t count = std::min(tokens_, kTokensMax);
    std::vector<float> rest(count * width), missed(count * width), whole(count * width);
    for (size_t i = 0; i < count; ++i) {
        const size_t t = i * tokens_ / count;
        for (size_t n = 0; n < width; ++n) {
            const float mine = values_[t * width + n];
            const bool read = std::abs(mine) * norm[n] > line * scales[t];
            whole[i * width + n] = true_values_[t * width + n] * scales[t];
            rest[i * width + n] = read ? 0 : mine;
            missed[i * width + n] = read ? 0 : whole[i * width + n];
        }
    }
    std::vector<std::byte> scratch(InputRows::bytesNeeded(count, width));
    InputRows in{rest.data(), count, width, scratch.data()};
    session_.backend().prepare(in);
    const Dtype dtype = shadowDtype(shadow.bits);
    std::vector<float> approximated(count * hidden), truth(count * hidden), exact(count * hidden);
    session_.backend().matmul({encoded_.data(), dtype, hidden, width, rowBytes(dtype, width)},
                              nullptr, in, approximated.data());
    std::vector<const std::byte*> columns(width);
    for (size_t n = 0; n < width; ++n) {
        columns[n] = reinterpret_cast<const std::byte*>(down_.data() + n * hidden);
    }
    accumulateColumnsBatch(columns, Dtype::kF32, hidden, missed.data(), count, truth.data(),
                           pool());
    accumulateColumnsBatch(columns, Dtype::kF32, hidden, whole.data(), count, exact.data(),
                           pool());
    double lost = 0, power = 0;
    for (size_t i = 0; i < exact.size(); ++i) {
        const auto error = static_cast<double>(truth[i] - approximated[i]);
        lost += error * error;
        power += static_cast<double>(exact[i]) * static_cast<double>(exact[i]);
    }
    return power > 0 ? lost / power : 0;
}

}  // namespace

bool canHaveShadow(const Manifest& manifest) {
    constexpr uint32_t kWholeBlocks = 32;
    const ModelConfig& config = manifest.config;
    const bool whole = manifest.record.up.bytes > 0 && manifest.record.down.bytes > 0 &&
                       (!config.gated || manifest.record.gate.bytes > 0);
    return whole && config.hidden % kWholeBlocks == 0 && config.ff_width % kWholeBlocks == 0;
}

Result<std::vector<MadeShadow>> makeShadows(const std::string& bundle_folder,
                                                const std::vector<uint32_t>& bits,
                                                const ShadowOptions& options,
                                                const ProgressSink& progress,
                                                const StopFlag& stop) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(bundle_folder));
    const Manifest& manifest = bundle.manifest();
    for (const uint32_t b : bits) {
        if (b < 2 || b > 4) {
            return fail(ErrorCode::kInvalidArgument, "a shadow has 2, 3 or 4 bits, not " +
                                                         std::to_string(b));
        }
    }
    if (!canHaveShadow(manifest)) {
        return fail(ErrorCode::kUnsupported,
                    "the model " + manifest.name +
                        " cannot have a shadow: it needs whole neurons on flash, in rows of whole "
                        "blocks of 32; import it again with --stream whole");
    }
    OpenOptions open;
    open.bundle = bundle_folder;
    open.context_tokens = kContext;
    open.threads = static_cast<uint32_t>(std::max<size_t>(options.threads, 1));
    const PredictorEntry* present =
        manifest.predictors.empty() ? nullptr : &manifest.predictors.front();
    open.budget_bytes =
        memoryNeeds(manifest, present, kContext, open.threads).budgetBytesMin();
    ASSIGN_OR_RETURN(auto session, openModelSession(open, nullptr, stop));
    return ShadowMaker(*session, bits, options, progress, stop).run();
}

}  // namespace glowworm
