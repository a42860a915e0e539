// SPDX-License-Identifier: Apache-2.0
#include "core/import/synthetic_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/checksum.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"
#include "core/import/free_space.h"
#include "core/import/synthetic_rows.h"
#include "core/import/synthetic_statistics.h"
#include "core/import/synthetic_tokenizer.h"
#include "core/sparsity/predictor_file.h"
#include "core/sparsity/shadow_predictor.h"

namespace glowworm {

namespace {

// What all layers together add to the residual stream's power of 1, on its way to the head.
constexpr float kAttentionPower = 0.1F, kFeedForwardPower = 0.15F;
// Of the shared direction, which is what attention's mean over many tokens leaves.
constexpr float kAttendedPower = 0.4F;
constexpr uint32_t kRowsAtOnce = 256;

// The resident copy of a model without ReLU: a shadow of so many bits, or with 0 a sketch.
Dtype fewBits(uint32_t shadow_bits) {
    return shadow_bits == 0 ? Dtype::kQ4_0 : shadowDtype(shadow_bits);
}

Status checkShadow(const SyntheticShape& shape, uint32_t bits) {
    if (bits == 0) return {};
    if (bits < 2 || bits > 4) {
        return fail(ErrorCode::kInvalidArgument,
                    "a shadow has 2, 3 or 4 bits, not " + std::to_string(bits));
    }
    if (shape.config.activation != FfnActivation::kRelu) return {};
    return fail(ErrorCode::kInvalidArgument,
                shape.name + " has ReLU and is predicted by its planted directions; a shadow is "
                             "for models without, as silu-llama-7b");
}

RecordLayout layoutOf(const ModelConfig& config, Dtype dtype) {
    RecordDtypes dtypes;
    dtypes.up = dtypes.down = dtype;
    if (config.gated) dtypes.gate = dtype;
    return makeRecordLayout(dtypes, config.hidden);
}

class Synthesizer {
  public:
    Synthesizer(const SyntheticShape& shape, const SyntheticOptions& options,
                BundleWriter& writer);
    Status residents(const ProgressSink& progress, const StopFlag& stop);
    Status layer(uint32_t layer, const StopFlag& stop);
    Result<PredictorEntry> predictor(const std::string& folder);
    Result<FiringEntry> firing(const std::string& folder) const;

  private:
    Status resident(const TensorSpec& spec, const StopFlag& stop);
    Status noiseRows(const EncodedPool& pool, const TensorSpec& spec, uint64_t stream);
    Status plantedRows(const TensorSpec& spec, const StopFlag& stop);
    void plantedRow(const TensorSpec& spec, uint32_t index, std::span<float> row) const;
    Status vector(const TensorSpec& spec);
    Status records(uint32_t layer, uint32_t first, uint32_t count);
    void addPredictor(LayerId layer);
    void addShadowRest(LayerId layer, Dtype dtype);
    [[nodiscard]] bool relu() const { return config_.activation == FfnActivation::kRelu; }
    [[nodiscard]] float columnNorm() const {
        return column_scale_ * std::sqrt(static_cast<float>(config_.hidden));
    }
    [[nodiscard]] float growth(uint32_t layer) const;

    const SyntheticShape& shape_;
    const ModelConfig& config_;
    const SyntheticOptions& options_;
    BundleWriter& writer_;
    ThreadPool threads_;
    NoisePool noise_;
    SyntheticRows rows_;
    std::vector<PlantedGate> gates_;  // [layers]
    float column_scale_ = 0;          // of a down column's elements
    EncodedPool unit_rows_, attention_out_, down_columns_;
    size_t row_bytes_;
    std::vector<std::byte> encoded_;  // [kRowsAtOnce] rows
    std::vector<float> expand_;       // [ff_width, rank] of the layer
    // The layer's gate and up rows and down columns, where few bits of them stay resident.
    std::vector<float> gate_rows_, up_rows_, down_;
    PredictorFileBuilder builder_;
};

std::vector<PlantedGate> plantGates(const SyntheticShape& shape) {
    // Few fire in the first layer and many in the last: in OPT-6.7B 1.6, 2.7 and 5.4 % of layers 1,
    // 16 and 32 (LLM in a Flash, table 6).
    const ModelConfig& c = shape.config;
    PlantedNoise noise;
    noise.noise = static_cast<double>(shape.noise);
    noise.spread = static_cast<double>(shape.spread);
    std::vector<PlantedGate> gates;
    for (uint32_t l = 0; l < c.layers; ++l) {
        const double place = c.layers > 1 ? static_cast<double>(l) / (c.layers - 1) : 0.5;
        const double share =
            std::min(0.9, (1 - static_cast<double>(shape.zero_share)) * (0.5 + place));
        const bool relu = c.activation == FfnActivation::kRelu;
        gates.push_back(relu ? plantRelu(share, noise) : plantSilu(share, noise));
    }
    return gates;
}

// Every layer adds its part of kFeedForwardPower, on average.
float columnScale(const ModelConfig& config, const std::vector<PlantedGate>& gates) {
    float power = 0;
    for (const PlantedGate& gate : gates) power += gate.power;
    return std::sqrt(kFeedForwardPower / (power * static_cast<float>(config.ff_width)));
}

Synthesizer::Synthesizer(const SyntheticShape& shape, const SyntheticOptions& options,
                         BundleWriter& writer)
    : shape_(shape),
      config_(shape.config),
      options_(options),
      writer_(writer),
      threads_(options.threads),
      noise_(options.seed),
      rows_(shape, noise_, options.seed),
      gates_(plantGates(shape)),
      column_scale_(columnScale(config_, gates_)),
      unit_rows_(noise_, options.dtype, 1 / std::sqrt(static_cast<float>(config_.hidden))),
      attention_out_(noise_, options.dtype,
                     std::sqrt(kAttentionPower / kAttendedPower /
                               static_cast<float>(config_.layers * config_.hidden))),
      down_columns_(noise_, options.dtype, column_scale_),
      row_bytes_(rowBytes(options.dtype, config_.hidden)),
      encoded_(kRowsAtOnce * row_bytes_) {}

// Power of what a layer's feed-forward block sees, before its norm.
float Synthesizer::growth(uint32_t layer) const {
    const auto layers = static_cast<float>(config_.layers);
    const auto before = static_cast<float>(layer);
    const float attended = config_.parallel_attention ? before : before + 1;
    return 1 + (attended * kAttentionPower + before * kFeedForwardPower) / layers;
}

Status Synthesizer::residents(const ProgressSink& progress, const StopFlag& stop) {
    if (progress) progress({"writing what stays in memory", 0});
    for (const TensorSpec& spec : expectedTensors(config_, layoutOf(config_, options_.dtype))) {
        if (spec.role == TensorRole::kWords || spec.name.ends_with(".down_norm")) continue;
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        RETURN_IF_ERROR(resident(spec, stop));
    }
    return {};
}

Status Synthesizer::resident(const TensorSpec& spec, const StopFlag& stop) {
    if (spec.role == TensorRole::kVector) return vector(spec);
    if (!spec.name.starts_with("layers.")) return plantedRows(spec, stop);
    const bool out = spec.name.ends_with(".o");
    return noiseRows(out ? attention_out_ : unit_rows_, spec, checksumOf(spec.name));
}

// Norm weights are 1; biases 0 but those that hold the neurons shut.
Status Synthesizer::vector(const TensorSpec& spec) {
    std::vector<float> values(spec.shape[0], spec.name.ends_with("norm.weight") ? 1.0F : 0.0F);
    if (spec.name.ends_with(".up.bias")) {
        const auto layer = static_cast<uint32_t>(std::stoul(spec.name.substr(7)));
        for (uint32_t n = 0; n < values.size(); ++n) {
            values[n] = rows_.offset(layer, n) - gates_[layer].shift;
        }
    }
    return writer_.addVector(spec.name, values);
}

Status Synthesizer::noiseRows(const EncodedPool& pool, const TensorSpec& spec, uint64_t stream) {
    RETURN_IF_ERROR(writer_.beginTensor(spec.name, options_.dtype, spec.shape));
    CounterRandom random(options_.seed, stream, spec.shape[0]);
    for (uint64_t r = 0; r < spec.shape[0]; ++r) {
        RETURN_IF_ERROR(writer_.appendTensor(pool.row(spec.shape[1], random)));
    }
    return writer_.endTensor();
}

// The embedding, the positions and the head.
Status Synthesizer::plantedRows(const TensorSpec& spec, const StopFlag& stop) {
    RETURN_IF_ERROR(writer_.beginTensor(spec.name, options_.dtype, spec.shape));
    const auto count = static_cast<uint32_t>(spec.shape[0]);
    for (uint32_t first = 0; first < count; first += kRowsAtOnce) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        const uint32_t some = std::min(kRowsAtOnce, count - first);
        threads_.forSlices(some, 1, [&](size_t begin, size_t end, size_t) {
            std::vector<float> row(config_.hidden);
            for (size_t i = begin; i < end; ++i) {
                std::ranges::fill(row, 0.0F);
                plantedRow(spec, first + static_cast<uint32_t>(i), row);
                encodeRow(options_.dtype, row.data(), row.size(),
                          encoded_.data() + i * row_bytes_);
            }
        });
        RETURN_IF_ERROR(writer_.appendTensor(std::span(encoded_).first(some * row_bytes_)));
    }
    return writer_.endTensor();
}

// With learned positions these drift and the words hardly count. Otherwise the words drift, each
// one a step from the one before, and the head answers each with the next: so a text that the
// model writes walks along the drift, whatever the prompt was.
void Synthesizer::plantedRow(const TensorSpec& spec, uint32_t index, std::span<float> row) const {
    constexpr float kWordScale = 0.05F;
    const bool by_position = config_.positions == PositionKind::kLearned;
    CounterRandom random(options_.seed, 0, index);
    if (spec.name == "positions" || (spec.name == "embedding" && !by_position)) {
        rows_.addDrift(index, row);
        rows_.addShared(row);
        return;
    }
    const auto hidden = static_cast<float>(row.size());
    if (by_position || index < kFirstSyntheticWord) {
        noise_.addTo(row, by_position ? kWordScale : kWordScale / std::sqrt(hidden), random);
        return;
    }
    const bool first = index == kFirstSyntheticWord;
    rows_.addDrift(first ? config_.vocabulary - 1 : index - 1, row);
    for (float& value : row) value *= 2 / std::sqrt(hidden);
}

Status Synthesizer::layer(uint32_t layer, const StopFlag& stop) {
    const uint32_t width = config_.ff_width;
    expand_.resize(size_t{width} * rows_.rank());
    for (std::vector<float>* rows : {&gate_rows_, &up_rows_, &down_}) {
        if (!relu()) rows->resize(size_t{width} * config_.hidden);
    }
    RETURN_IF_ERROR(writer_.beginLayer());
    for (uint32_t first = 0; first < width; first += kRowsAtOnce) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        RETURN_IF_ERROR(records(layer, first, std::min(kRowsAtOnce, width - first)));
    }
    RETURN_IF_ERROR(writer_.endLayer());
    addPredictor(LayerId(layer));
    return {};
}

void Synthesizer::addPredictor(LayerId layer) {
    const uint32_t width = config_.ff_width;
    if (relu()) {
        builder_.add(layer, PredictorRole::kReduce, Dtype::kQ8_0, rows_.rank(), config_.hidden,
                     rows_.directions().data());
        builder_.add(layer, PredictorRole::kExpand, Dtype::kQ8_0, width, rows_.rank(),
                     expand_.data());
        return;
    }
    const Dtype dtype = fewBits(options_.shadow_bits);
    builder_.add(layer, PredictorRole::kGateRows, dtype, width, config_.hidden, gate_rows_.data());
    builder_.add(layer, PredictorRole::kUpRows, dtype, width, config_.hidden, up_rows_.data());
    if (options_.shadow_bits != 0) addShadowRest(layer, dtype);
}

// What a shadow has beyond a sketch: the down matrix by outputs, and the lines of its scores.
void Synthesizer::addShadowRest(LayerId layer, Dtype dtype) {
    const size_t width = config_.ff_width, hidden = config_.hidden;
    std::vector<float>& rows = gate_rows_;  // encoded already
    threads_.forSlices(hidden, 16, [&](size_t begin, size_t end, size_t) {
        for (size_t n = 0; n < width; ++n) {
            for (size_t h = begin; h < end; ++h) rows[h * width + n] = down_[n * hidden + h];
        }
    });
    builder_.add(layer, PredictorRole::kDownRows, dtype, hidden, width, rows.data());
    std::vector<float> lines = gates_[layer.value()].score_lines;
    for (float& line : lines) line *= columnNorm();
    builder_.add(layer, PredictorRole::kScoreLines, Dtype::kF32, 1, lines.size(), lines.data());
}

Status Synthesizer::records(uint32_t layer, uint32_t first, uint32_t count) {
    const uint32_t rank = rows_.rank();
    const float shift = config_.ffn_bias ? 0.0F : gates_[layer].shift;
    const float power = growth(layer);
    threads_.forSlices(count, 1, [&](size_t begin, size_t end, size_t) {
        std::vector<float> row(config_.hidden);
        for (size_t i = begin; i < end; ++i) {
            const uint32_t neuron = first + static_cast<uint32_t>(i);
            rows_.leading(layer, neuron, shift, power, row,
                          std::span(expand_).subspan(size_t{neuron} * rank, rank));
            encodeRow(options_.dtype, row.data(), row.size(), encoded_.data() + i * row_bytes_);
        }
    });
    for (uint32_t i = 0; i < count; ++i) {
        const auto leading = std::span<const std::byte>(encoded_).subspan(i * row_bytes_,
                                                                          row_bytes_);
        CounterRandom random(options_.seed, layer + 1, uint64_t{first} + i);
        const auto down = down_columns_.row(config_.hidden, random);
        std::span<const std::byte> up = leading, gate;
        if (config_.gated) {
            up = unit_rows_.row(config_.hidden, random);
            gate = leading;
        }
        RETURN_IF_ERROR(writer_.addRecord(up, gate, down));
        if (relu()) continue;
        const size_t at = (size_t{first} + i) * config_.hidden;
        decodeRow(options_.dtype, gate.data(), config_.hidden, gate_rows_.data() + at);
        decodeRow(options_.dtype, up.data(), config_.hidden, up_rows_.data() + at);
        decodeRow(options_.dtype, down.data(), config_.hidden, down_.data() + at);
    }
    return {};
}

Result<PredictorEntry> Synthesizer::predictor(const std::string& folder) {
    const std::string kind = relu()                     ? "low-rank"
                             : options_.shadow_bits == 0 ? "sketch"
                                                         : shadowKind(options_.shadow_bits);
    ASSIGN_OR_RETURN(PredictorEntry entry, writePredictorFile(folder, kind, builder_.finish()));
    for (const PlantedGate& gate : gates_) {
        LayerCalibration layer = gate.calibration;
        if (!relu()) layer.threshold = layer.contribution_threshold *= columnNorm();
        entry.layers.push_back(layer);
    }
    return entry;
}

// How often each neuron would fire over a text, from what was planted: the hot ones are those whose
// own offset is high.
Result<FiringEntry> Synthesizer::firing(const std::string& folder) const {
    constexpr uint32_t kTokens = 2048;
    FiringCounts counts = FiringCounts::ofShape(config_, kTokens);
    for (uint32_t l = 0; l < config_.layers; ++l) {
        for (uint32_t n = 0; n < config_.ff_width; ++n) {
            const auto below = static_cast<double>(gates_[l].shift - rows_.offset(l, n));
            const double share = 0.5 * std::erfc(below / std::sqrt(2.0));
            counts.layer(LayerId(l))[n] = static_cast<uint32_t>(share * kTokens);
        }
    }
    return writeFiringCounts(folder, counts);
}

std::string title(const SyntheticShape& shape) { return "synthetic " + shape.name; }

}  // namespace

uint64_t syntheticBytes(const SyntheticShape& shape, Dtype dtype, uint32_t shadow_bits) {
    const ModelConfig& c = shape.config;
    const RecordLayout record = layoutOf(c, dtype);
    uint64_t bytes = uint64_t{c.layers} * c.ff_width * record.stride;
    for (const TensorSpec& spec : expectedTensors(c, record)) {
        const bool matrix = spec.role == TensorRole::kMatrix;
        const uint64_t rows = spec.shape.size() == 2 ? spec.shape[0] : 1;
        bytes += rows * rowBytes(matrix ? dtype : Dtype::kF32, spec.shape.back());
    }
    const bool relu = c.activation == FfnActivation::kRelu;
    const uint64_t matrices = shadow_bits == 0 ? 2 : 3;
    const uint64_t row = relu ? rowBytes(Dtype::kQ8_0, 128)
                              : matrices * rowBytes(fewBits(shadow_bits), c.hidden);
    return bytes + uint64_t{c.layers} * c.ff_width * row;
}

Result<Manifest> writeSynthetic(const std::string& folder, const SyntheticShape& shape,
                                const SyntheticOptions& options, const ProgressSink& progress,
                                const StopFlag& stop) {
    RETURN_IF_ERROR(checkShadow(shape, options.shadow_bits));
    RETURN_IF_ERROR(checkSpace(folder, syntheticBytes(shape, options.dtype,
                                                      options.shadow_bits)));
    ASSIGN_OR_RETURN(const auto writer,
                     BundleWriter::create(folder, shape.config,
                                          layoutOf(shape.config, options.dtype)));
    Synthesizer synthesizer(shape, options, *writer);
    RETURN_IF_ERROR(synthesizer.residents(progress, stop));
    for (uint32_t l = 0; l < shape.config.layers; ++l) {
        const double share = 0.1 + 0.9 * l / shape.config.layers;
        if (progress) progress({"writing neurons", share});
        RETURN_IF_ERROR(synthesizer.layer(l, stop));
    }
    RETURN_IF_ERROR(writer->setTokenizer(syntheticTokenizer(shape.config.vocabulary)));
    Manifest manifest;
    manifest.name = title(shape);
    manifest.source_name = "not trained: planted statistics in the shape of " + shape.name +
                           ", seed " + std::to_string(options.seed);
    manifest.license = "Apache-2.0";
    manifest.created_by = "glowworm synth";
    manifest.chat_template = "plain";
    manifest.synthetic = true;
    ASSIGN_OR_RETURN(manifest, writer->seal(std::move(manifest)));
    ASSIGN_OR_RETURN(PredictorEntry entry, synthesizer.predictor(writer->partialFolder()));
    manifest.predictors = {std::move(entry)};
    if (shape.config.activation == FfnActivation::kRelu) {
        ASSIGN_OR_RETURN(manifest.firing, synthesizer.firing(writer->partialFolder()));
    }
    RETURN_IF_ERROR(writer->replaceManifest(manifest));
    RETURN_IF_ERROR(writer->publish());
    return manifest;
}

}  // namespace glowworm
