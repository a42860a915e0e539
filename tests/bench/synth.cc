// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/synth.h"

#include <cmath>
#include <random>
#include <vector>

#include "core/bundle/bundle_writer.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"
#include "core/sparsity/predictor_file.h"
#include "tests/support/tiny_model.h"

namespace glowworm::bench {

namespace {

// Normal noise by the billion: slices of one pool at random places.
class NoisePool {
  public:
    explicit NoisePool(uint64_t seed) : engine_(seed), pool_(kPool) {
        std::normal_distribution<float> normal;
        for (float& value : pool_) value = normal(engine_);
    }
    void fill(float* out, size_t count, float scale) {
        for (size_t done = 0; done < count;) {
            const size_t part = std::min<size_t>(count - done, 4096);
            const size_t from = engine_() % (kPool - part);
            for (size_t i = 0; i < part; ++i) out[done + i] = scale * pool_[from + i];
            done += part;
        }
    }
    uint64_t draw() { return engine_(); }
    float one() { return pool_[engine_() % kPool]; }

  private:
    static constexpr size_t kPool = size_t{1} << 22;
    std::mt19937_64 engine_;
    std::vector<float> pool_;
};

// The quantile of the standard normal distribution, by bisection: P(X > result) = share.
float upperQuantile(double share) {
    double low = -8, high = 8;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(middle / std::sqrt(2.0)) > share ? low : high) = middle;
    }
    return static_cast<float>(low);
}

class Synthesizer {
  public:
    Synthesizer(const SynthOptions& options, BundleWriter& writer, const ModelConfig& config,
                const RecordLayout& record)
        : o_(options), writer_(writer), config_(config), record_(record), noise_(options.seed) {}

    Status residents() {
        for (const TensorSpec& spec : expectedTensors(config_, record_)) {
            if (spec.role == TensorRole::kWords || spec.name.ends_with(".down_norm")) continue;
            RETURN_IF_ERROR(resident(spec));
        }
        return {};
    }

    Status layer(uint32_t layer) {
        plantDirections();
        expand_.assign(size_t{o_.ff_width} * o_.rank, 0.0F);
        RETURN_IF_ERROR(writer_.beginLayer());
        for (uint32_t n = 0; n < o_.ff_width; ++n) RETURN_IF_ERROR(neuron(n));
        builder_.add(LayerId(layer), PredictorRole::kReduce, Dtype::kQ8_0, o_.rank, o_.hidden,
                     directions_.data());
        builder_.add(LayerId(layer), PredictorRole::kExpand, Dtype::kQ8_0, o_.ff_width, o_.rank,
                     expand_.data());
        return writer_.endLayer();
    }

    Result<PredictorEntry> predictor(const std::string& folder) {
        ASSIGN_OR_RETURN(PredictorEntry entry,
                         writePredictorFile(folder, "low-rank", builder_.finish()));
        LayerCalibration planted;
        // The score misses the noise: a little below zero finds 95 % of what fires.
        planted.threshold = -1.3F * std::sqrt(o_.noise);
        planted.active_share = o_.active_share * 2;
        planted.zero_share = 1 - o_.active_share;
        entry.layers.assign(o_.layers, planted);
        return entry;
    }

  private:
    // Rows of unit length, nearly orthogonal: [rank, hidden].
    void plantDirections() {
        directions_.resize(size_t{o_.rank} * o_.hidden);
        noise_.fill(directions_.data(), directions_.size(),
                    1.0F / std::sqrt(static_cast<float>(o_.hidden)));
    }

    // Pre-activations of normed inputs are about N(0, 1) before the bias.
    Status neuron(uint32_t n) {
        row_.resize(o_.hidden);
        const float noise = std::sqrt(o_.noise / static_cast<float>(o_.hidden));
        noise_.fill(row_.data(), o_.hidden, noise);
        const float signal = std::sqrt((1 - o_.noise) / static_cast<float>(o_.used));
        for (uint32_t i = 0; i < o_.used; ++i) {
            const size_t k = noise_.draw() % o_.rank;
            const float weight = signal * noise_.one();
            expand_[size_t{n} * o_.rank + k] += weight;
            const float* direction = directions_.data() + k * o_.hidden;
            for (uint32_t c = 0; c < o_.hidden; ++c) row_[c] += weight * direction[c];
        }
        up_ = encodeMatrix(o_.dtype, row_, o_.hidden);
        noise_.fill(row_.data(), o_.hidden, 0.3F / std::sqrt(static_cast<float>(o_.hidden)));
        return writer_.addRecord(up_, {}, encodeMatrix(o_.dtype, row_, o_.hidden));
    }

    Status resident(const TensorSpec& spec) {
        const size_t cols = spec.shape.back();
        const size_t rows = spec.shape.size() == 2 ? spec.shape[0] : 1;
        if (spec.role == TensorRole::kVector) {
            std::vector<float> values(cols, spec.name.ends_with("norm.weight") ? 1.0F : 0.0F);
            if (spec.name.ends_with(".up.bias")) {
                values.assign(cols, -upperQuantile(static_cast<double>(o_.active_share)));
            }
            return writer_.addVector(spec.name, values);
        }
        RETURN_IF_ERROR(writer_.beginTensor(spec.name, o_.dtype, spec.shape));
        row_.resize(cols);
        for (size_t r = 0; r < rows; ++r) {
            noise_.fill(row_.data(), cols, 1.0F / std::sqrt(static_cast<float>(cols)));
            RETURN_IF_ERROR(writer_.appendTensor(encodeMatrix(o_.dtype, row_, cols)));
        }
        return writer_.endTensor();
    }

    const SynthOptions& o_;
    BundleWriter& writer_;
    const ModelConfig& config_;
    const RecordLayout& record_;
    NoisePool noise_;
    PredictorFileBuilder builder_;
    std::vector<float> directions_, expand_, row_;
    std::vector<std::byte> up_;
};

ModelConfig optConfig(const SynthOptions& o) {
    TinyModelOptions tiny;
    tiny.architecture = Architecture::kOpt;
    tiny.activation = FfnActivation::kRelu;
    tiny.gated = false;
    tiny.layers = o.layers;
    tiny.hidden = o.hidden;
    tiny.ff_width = o.ff_width;
    tiny.heads = tiny.kv_heads = o.heads;
    tiny.vocabulary = o.vocabulary;
    tiny.context_max = o.context_max;
    tiny.tied_head = true;
    return tinyConfig(tiny);
}

}  // namespace

Result<Manifest> writeSynthetic(const std::string& folder, const SynthOptions& options,
                                const ProgressSink& progress, const StopFlag& stop) {
    const ModelConfig config = optConfig(options);
    RecordDtypes dtypes;
    dtypes.up = dtypes.down = options.dtype;
    const RecordLayout record = makeRecordLayout(dtypes, options.hidden);
    ASSIGN_OR_RETURN(const auto writer, BundleWriter::create(folder, config, record));
    Synthesizer synthesizer(options, *writer, config, record);
    RETURN_IF_ERROR(synthesizer.residents());
    for (uint32_t l = 0; l < options.layers; ++l) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (progress) progress({"writing a synthetic model", double(l) / options.layers});
        RETURN_IF_ERROR(synthesizer.layer(l));
    }
    RETURN_IF_ERROR(writer->setTokenizer(tinyTokenizer(options.vocabulary)));
    Manifest manifest;
    manifest.name = "synthetic OPT shape";
    manifest.source_name = "planted statistics, seed " + std::to_string(options.seed);
    manifest.license = "Apache-2.0";
    manifest.created_by = "glowworm-bench";
    manifest.chat_template = "plain";
    manifest.synthetic = true;
    ASSIGN_OR_RETURN(manifest, writer->seal(std::move(manifest)));
    ASSIGN_OR_RETURN(PredictorEntry entry, synthesizer.predictor(writer->partialFolder()));
    manifest.predictors = {std::move(entry)};
    RETURN_IF_ERROR(writer->replaceManifest(manifest));
    RETURN_IF_ERROR(writer->publish());
    return manifest;
}

}  // namespace glowworm::bench
