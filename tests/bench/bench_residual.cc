// SPDX-License-Identifier: Apache-2.0
// bench residual: should a record on flash hold the weights, or what the resident shadow lacks of
// them? From a model in F16: records that hold the weights in 8 bits (Q8_0) or 4 (rounded on the
// calibration text, as the 4-bit shadow is: to the nearest they are much worse), and records that
// hold the difference to the shadow, in 2 to 4 bits to the nearest. They are put into the cache as
// the values that they stand for, so that everything else is the engine's own; bytes are counted as
// what the bits take. Fewer bits a record mean more neurons: all rows read about the same bytes.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "core/base/check.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/record.h"
#include "core/sparsity/predictor_file.h"
#include "core/sparsity/shadow_predictor.h"
#include "core/train/layer_rows.h"
#include "core/train/shadow_calibration.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/policies.h"
#include "tests/bench/quality.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

enum class Holds : uint8_t { kWeights, kCalibrated, kResidual };

struct RecordKind {
    const char* name;
    Dtype dtype;
    Holds holds;
};

constexpr RecordKind kFull{"weights, 16 bits", Dtype::kF16, Holds::kWeights};
constexpr RecordKind kKinds[] = {
    {"weights, 8 bits", Dtype::kQ8_0, Holds::kWeights},
    {"weights, 4 bits", Dtype::kS4, Holds::kCalibrated},
    {"residual, 4 bits", Dtype::kS4, Holds::kResidual},
    {"residual, 3 bits", Dtype::kS3, Holds::kResidual},
    {"residual, 2 bits", Dtype::kS2, Holds::kResidual},
};
// Of the neurons read, where a record is 4 bits: what the other rows' bytes are made equal to.
constexpr double kShare = 0.1;
constexpr double kShareRelu = 0.02;
constexpr double kCacheShare = 0.25;  // of the block's weights in 4 bits: the cache, in bytes

double bitsOf(Dtype dtype) {
    return 8.0 * static_cast<double>(blockBytes(dtype)) / static_cast<double>(blockElements(dtype));
}

// Every layer's active sets.
class Traces final : public ActiveSetListener {
  public:
    explicit Traces(size_t layers) : layers_(layers) {}
    void active(LayerId layer, std::span<const NeuronId> neurons) override {
        auto& token = layers_[layer.value()].emplace_back();
        for (const NeuronId neuron : neurons) token.push_back(neuron.value());
    }
    // Neurons that a window of so many slots a layer would have read.
    [[nodiscard]] uint64_t misses(uint32_t neurons, uint32_t slots) const {
        uint64_t count = 0;
        for (const LayerTrace& trace : layers_) {
            for (const auto& token : trace) count += token.size();
            count -= policies().front().hits(trace, neurons, slots, 0);
        }
        return count;
    }

  private:
    std::vector<LayerTrace> layers_;
};

// A layer's three matrices by neuron, [ff_width, hidden]; `gate` empty where there is none.
struct LayerMatrices {
    std::vector<float> up, gate, down;
};

class ResidualTable {
  public:
    ResidualTable(const std::string& name, const std::string& bundle, size_t tokens)
        : bundle_(bundle),
          tokens_max_(tokens),
          table_(name + ": records of weights or of residuals",
                 {"shadow bits", "record", "computed", "KB named", "KB missed", "perplexity",
                  "ratio", "KL"}) {}

    Status run();
    void print(bool json) const { table_.print(json); }

  private:
    Status shadowRows(uint32_t bits);
    Status row(ModelSession& session, uint32_t bits, const RecordKind& kind, double share);
    Status fill(ModelSession& session, const RecordKind& kind);

    std::string bundle_;
    size_t tokens_max_;
    Table table_;
    QualityReference reference_;
    std::optional<PredictorFile> shadow_, shadow4_;
};

// A shadow's matrices as the weights that they stand for.
Result<LayerMatrices> shadowOf(const ModelConfig& config, const PredictorFile& file,
                               LayerId layer) {
    const size_t width = config.ff_width, hidden = config.hidden;
    const auto decode = [&](PredictorRole role, size_t rows, size_t cols, auto& out) -> Status {
        ASSIGN_OR_RETURN(const MatrixView stored, file.matrix(layer, role, rows, cols));
        out.resize(rows * cols);
        for (size_t r = 0; r < rows; ++r) {
            decodeRow(stored.dtype, stored.row(r), cols, out.data() + r * cols);
        }
        return {};
    };
    LayerMatrices m;
    std::vector<float> outputs;  // [hidden, ff_width]
    RETURN_IF_ERROR(decode(PredictorRole::kUpRows, width, hidden, m.up));
    if (config.gated) RETURN_IF_ERROR(decode(PredictorRole::kGateRows, width, hidden, m.gate));
    RETURN_IF_ERROR(decode(PredictorRole::kDownRows, hidden, width, outputs));
    m.down.resize(outputs.size());
    for (size_t n = 0; n < width; ++n) {
        for (size_t h = 0; h < hidden; ++h) m.down[n * hidden + h] = outputs[h * width + n];
    }
    return m;
}

// Row n of `weights` as the record will give it back, encoded in F16. `shadow`: what a residual
// is added to, or what was rounded already.
void roundRow(const RecordKind& kind, const std::vector<float>& weights,
              const std::vector<float>& shadow, size_t n, std::span<float> row,
              std::span<std::byte> encoded, std::span<std::byte> out) {
    if (weights.empty()) return;
    const size_t cols = row.size();
    const float* base = shadow.data() + n * cols;
    if (kind.holds == Holds::kCalibrated) {
        std::copy_n(base, cols, row.data());
    } else {
        const bool residual = kind.holds == Holds::kResidual;
        for (size_t c = 0; c < cols; ++c) {
            row[c] = weights[n * cols + c] - (residual ? base[c] : 0);
        }
        encodeRow(kind.dtype, row.data(), cols, encoded.data());
        decodeRow(kind.dtype, encoded.data(), cols, row.data());
        for (size_t c = 0; residual && c < cols; ++c) row[c] += base[c];
    }
    encodeRow(Dtype::kF16, row.data(), cols, out.data());
}

// Puts every neuron into the cache, as records of this kind would give it.
Status ResidualTable::fill(ModelSession& session, const RecordKind& kind) {
    const ModelConfig& config = session.config();
    const RecordLayout& layout = session.model().bundle.manifest().record;
    NeuronCache& cache = session.model().cache;
    const size_t row_bytes = rowBytes(Dtype::kF16, config.hidden);
    std::vector<float> row(config.hidden);
    std::vector<std::byte> encoded(row_bytes), up(row_bytes), down(row_bytes);
    std::vector<std::byte> gate(config.gated ? row_bytes : 0);
    cache.clear();
    cache.beginToken();
    for (uint32_t l = 0; l < config.layers; ++l) {
        const LayerId layer(l);
        LayerMatrices w;
        RETURN_IF_ERROR(readUpRows(session, layer, w.up));
        if (config.gated) RETURN_IF_ERROR(readGateRows(session, layer, w.gate));
        RETURN_IF_ERROR(readDownColumns(session, layer, w.down));
        const PredictorFile& base = kind.holds == Holds::kCalibrated ? *shadow4_ : *shadow_;
        ASSIGN_OR_RETURN(const LayerMatrices s, shadowOf(config, base, layer));
        for (uint32_t n = 0; n < config.ff_width; ++n) {
            roundRow(kind, w.up, s.up, n, row, encoded, up);
            roundRow(kind, w.gate, s.gate, n, row, encoded, gate);
            roundRow(kind, w.down, s.down, n, row, encoded, down);
            std::byte* slot = cache.insert(layer, NeuronId(n));
            CHECK(slot != nullptr);
            packRecord(layout, up, gate, down, {slot, layout.stride});
        }
        cache.endLayer(layer);
    }
    return {};
}

Status ResidualTable::row(ModelSession& session, uint32_t bits, const RecordKind& kind,
                          double share) {
    const ModelConfig& config = session.config();
    dynamic_cast<ShadowPredictor&>(*session.model().predictor).setReadShare(share);
    Traces traces(config.layers);
    session.setListener(&traces);
    const auto measured = reference_.measure(session, false);
    session.setListener(nullptr);
    if (!measured) return std::unexpected(measured.error());
    const Quality& q = *measured;
    CHECK(q.totals.misses == 0);
    const auto tokens = static_cast<double>(reference_.tokens());
    const double record_kb =
        (config.gated ? 3.0 : 2.0) * config.hidden * bitsOf(kind.dtype) / 8 / 1e3;
    const auto slots = static_cast<uint32_t>(kCacheShare * config.ff_width * bitsOf(Dtype::kS4) /
                                             bitsOf(kind.dtype));
    const auto named = static_cast<double>(q.totals.active_neurons);
    const auto missed = static_cast<double>(traces.misses(config.ff_width, slots));
    table_.row({std::to_string(bits), kind.name,
                percent(named / static_cast<double>(q.totals.total_neurons)),
                number(named * record_kb / tokens, 1), number(missed * record_kb / tokens, 1),
                number(std::exp(q.nll), 3), number(std::exp(q.nll - reference_.nll()), 3),
                number(q.kl, 4)});
    return {};
}

Status ResidualTable::shadowRows(uint32_t bits) {
    const std::string kind = "shadow-" + std::to_string(bits);
    ASSIGN_OR_RETURN(const auto session, openForCounts(bundle_, kind));
    const Bundle& bundle = session->model().bundle;
    ASSIGN_OR_RETURN(auto bytes, bundle.predictorBytes(kind));
    ASSIGN_OR_RETURN(shadow_, PredictorFile::open(std::move(bytes), kind));
    ASSIGN_OR_RETURN(auto bytes4, bundle.predictorBytes("shadow-4"));
    ASSIGN_OR_RETURN(shadow4_, PredictorFile::open(std::move(bytes4), "shadow-4"));
    const bool relu = session->config().activation == FfnActivation::kRelu;
    const double share = relu ? kShareRelu : kShare;
    RETURN_IF_ERROR(fill(*session, kFull));
    RETURN_IF_ERROR(row(*session, bits, kFull, share));
    for (const RecordKind& record : kKinds) {
        RETURN_IF_ERROR(fill(*session, record));
        RETURN_IF_ERROR(
            row(*session, bits, record, share * bitsOf(Dtype::kS4) / bitsOf(record.dtype)));
    }
    return {};
}

Status ResidualTable::run() {
    {
        ASSIGN_OR_RETURN(const auto session, openForCounts(bundle_, ""));
        ASSIGN_OR_RETURN(reference_, QualityReference::make(*session, tokens_max_));
    }
    for (const uint32_t bits : {4U, 3U, 2U}) RETURN_IF_ERROR(shadowRows(bits));
    table_.note("16 bits: as many neurons as the 4-bit rows read, four times their bytes; all "
                "other rows of a shadow read about the same bytes a token");
    table_.note("missed: by a window in a cache of as many bytes as a quarter of the block's "
                "weights in 4 bits");
    return {};
}

// The shadows of one bundle for the same model in another: they are not made twice.
Status copyShadows(const std::string& from, const std::string& to) {
    ASSIGN_OR_RETURN(const Bundle source, Bundle::open(from));
    ASSIGN_OR_RETURN(const Bundle target, Bundle::open(to));
    Manifest manifest = target.manifest();
    for (const PredictorEntry& entry : source.manifest().predictors) {
        if (!entry.kind.starts_with("shadow")) continue;
        const auto& there = manifest.predictors;
        if (std::ranges::count(there, entry.kind, &PredictorEntry::kind) > 0) continue;
        std::error_code error;
        std::filesystem::copy_file(from + "/" + entry.file, to + "/" + entry.file, error);
        if (error) return std::unexpected(systemError("copy", entry.file, error.value()));
        manifest.predictors.push_back(entry);
    }
    return writeManifest(to, manifest);
}

// The source in F16, with the shadows that bench quality has made of it.
Status sourceTable(const std::string& title, const std::string& source, const std::string& name,
                   size_t tokens, bool json) {
    ASSIGN_OR_RETURN(const std::string shadows,
                     importedModel(source, name, StreamChoice::kWhole, 0));
    RETURN_IF_ERROR(ensureShadows(shadows));
    ASSIGN_OR_RETURN(const std::string bundle, importedPlain(source, name + "-f16", Dtype::kF16));
    RETURN_IF_ERROR(copyShadows(shadows, bundle));
    ResidualTable table(title, bundle, tokens);
    RETURN_IF_ERROR(table.run());
    table.print(json);
    return {};
}

Status usualModels(size_t tokens, bool json) {
    ASSIGN_OR_RETURN(const std::string gguf, starterGguf());
    RETURN_IF_ERROR(sourceTable("starter (SiLU)", gguf, "starter-quality", tokens, json));
    return sourceTable("ReLU fixture", reluFixture(), "relu-quality", tokens, json);
}

}  // namespace

int benchResidual(std::span<const std::string> args) {
    const size_t tokens = std::min(countOption(args, "--tokens", 256), kQualityContext);
    const Status status = usualModels(tokens, has(args, "--json"));
    return status ? 0 : failed(status.error());
}

}  // namespace glowworm::bench
