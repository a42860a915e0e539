// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiny_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <span>

#include "core/bundle/bundle_writer.h"
#include "core/bundle/checksum.h"
#include "core/bundle/record.h"

namespace glowworm {

namespace {

// Bit for bit the same with every standard library, unlike std::normal_distribution.
class Noise {
  public:
    explicit Noise(uint64_t seed) : engine_(seed) {}
    // Sum of four uniforms, scaled to standard deviation 1.
    float next() {
        double sum = 0;
        for (int i = 0; i < 4; ++i) sum += static_cast<double>(engine_() >> 11) * 0x1.0p-53 - 0.5;
        return static_cast<float>(sum * std::sqrt(3.0));
    }

  private:
    std::mt19937_64 engine_;
};

RecordLayout tinyRecord(const TinyModelOptions& o, const ModelConfig& config) {
    RecordDtypes dtypes;
    dtypes.down = o.dtype;
    if (!o.resident_gate_up) {
        dtypes.up = o.dtype;
        if (config.gated) dtypes.gate = o.dtype;
    }
    return makeRecordLayout(dtypes, config.hidden, o.split);
}

std::vector<uint32_t> tinyOrder(const TinyModelOptions& o, uint32_t layer) {
    std::vector<uint32_t> order;
    if (!o.shuffled_order) return order;
    order.resize(o.ff_width);
    std::iota(order.begin(), order.end(), 0U);
    std::mt19937_64 engine(o.seed + layer);
    for (size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[engine() % (i + 1)]);
    return order;
}

Status addResident(BundleWriter& writer, const TinyModelOptions& o, const TensorSpec& spec) {
    const size_t cols = spec.shape.back();
    const size_t rows = spec.shape.size() == 2 ? spec.shape[0] : 1;
    const std::vector<float> values = tinyValues(o, spec.name, rows, cols);
    if (spec.role == TensorRole::kVector) return writer.addVector(spec.name, values);
    return writer.addTensor(spec.name, o.dtype, spec.shape, encodeMatrix(o.dtype, values, cols));
}

Status addLayer(BundleWriter& writer, const TinyModelOptions& o, const ModelConfig& config,
                const RecordLayout& record, uint32_t layer) {
    const std::vector<uint32_t> order = tinyOrder(o, layer);
    std::vector<uint32_t> logical(config.ff_width);
    for (uint32_t n = 0; n < config.ff_width; ++n) logical[order.empty() ? n : order[n]] = n;
    const auto rows = [&](const char* part) {
        const std::string name = layerTensorName(layer, part);
        return encodeMatrix(o.dtype, tinyValues(o, name, config.ff_width, config.hidden),
                            config.hidden);
    };
    const std::vector<std::byte> up = rows("up"), gate = rows("gate"), down = rows("down");
    const size_t bytes = rowBytes(o.dtype, config.hidden);
    RETURN_IF_ERROR(writer.beginLayer(order));
    for (const uint32_t n : logical) {
        const auto part = [&](const RecordPart& place, const std::vector<std::byte>& all) {
            return place.bytes == 0 ? std::span<const std::byte>()
                                    : std::span(all).subspan(n * bytes, bytes);
        };
        RETURN_IF_ERROR(writer.addRecord(part(record.up, up), part(record.gate, gate),
                                         part(record.down, down)));
    }
    return writer.endLayer();
}

}  // namespace

ModelConfig tinyConfig(const TinyModelOptions& o) {
    ModelConfig c;
    c.architecture = o.architecture;
    c.activation = o.activation;
    c.gated = o.gated;
    c.tied_head = o.tied_head;
    c.layers = o.layers;
    c.hidden = o.hidden;
    c.ff_width = o.ff_width;
    c.heads = o.heads;
    c.kv_heads = o.kv_heads;
    c.head_dim = o.hidden / o.heads;
    c.vocabulary = o.vocabulary;
    c.context_max = o.context_max;
    c.positions = o.rope_neighbours ? PositionKind::kRopeNeighbours : PositionKind::kRopeHalves;
    if (o.architecture == Architecture::kLlama) return c;
    c.gated = false;
    c.norm = NormKind::kLayerNorm;
    if (o.architecture == Architecture::kOpt) {
        c.kv_heads = o.heads;
        c.positions = PositionKind::kLearned;
        c.position_offset = 2;
        c.attention_bias = c.ffn_bias = true;
    } else {
        c.parallel_attention = true;
        c.two_norms = false;
    }
    return c;
}

std::vector<float> tinyValues(const TinyModelOptions& o, const std::string& name, size_t rows,
                              size_t cols) {
    Noise noise(o.seed * 0x9E3779B97F4A7C15U ^ checksumOf(name));
    std::vector<float> values(rows * cols);
    const bool norm_weight = name.ends_with("norm.weight");
    const bool bias = name.ends_with(".bias");
    const float scale = norm_weight || bias ? 0.1F : 1.0F / std::sqrt(static_cast<float>(cols));
    for (float& value : values) value = (norm_weight ? 1.0F : 0.0F) + scale * noise.next();
    return values;
}

std::vector<std::byte> encodeMatrix(Dtype dtype, const std::vector<float>& values, size_t cols) {
    const size_t bytes = rowBytes(dtype, cols);
    std::vector<std::byte> encoded(values.size() / cols * bytes);
    for (size_t row = 0; row < values.size() / cols; ++row)
        encodeRow(dtype, values.data() + row * cols, cols, encoded.data() + row * bytes);
    return encoded;
}

TokenizerData tinyTokenizer(uint32_t vocabulary) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    TokenizerData data;
    data.kind = TokenizerKind::kSentencePieceBpe;
    data.pieces = {"<unk>", "<s>", "</s>"};
    data.types = {TokenType::kUnknown, TokenType::kControl, TokenType::kControl};
    for (size_t byte = 0; byte < 256; ++byte) {
        data.pieces.push_back(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">");
        data.types.push_back(TokenType::kByte);
    }
    while (data.pieces.size() < vocabulary) {
        data.pieces.push_back("word" + std::to_string(data.pieces.size()));
        data.types.push_back(TokenType::kNormal);
    }
    data.scores.assign(data.pieces.size(), 0.0F);
    data.unknown = TokenId(0);
    data.bos = TokenId(1);
    data.eos = TokenId(2);
    data.add_bos = true;
    return data;
}

Result<Manifest> writeTinyBundle(const std::string& folder, const TinyModelOptions& o) {
    const ModelConfig config = tinyConfig(o);
    const RecordLayout record = tinyRecord(o, config);
    ASSIGN_OR_RETURN(const auto writer, BundleWriter::create(folder, config, record));
    for (const TensorSpec& spec : expectedTensors(config, record))
        if (spec.role != TensorRole::kWords && !spec.name.ends_with(".down_norm"))
            RETURN_IF_ERROR(addResident(*writer, o, spec));
    for (uint32_t layer = 0; layer < config.layers; ++layer)
        RETURN_IF_ERROR(addLayer(*writer, o, config, record, layer));
    RETURN_IF_ERROR(writer->setTokenizer(tinyTokenizer(o.vocabulary)));
    Manifest manifest;
    manifest.name = "tiny";
    manifest.source_name = "tiny random model";
    manifest.license = "Apache-2.0";
    manifest.created_by = "test";
    manifest.chat_template = "plain";
    ASSIGN_OR_RETURN(manifest, writer->seal(std::move(manifest)));
    RETURN_IF_ERROR(writer->publish());
    return manifest;
}

}  // namespace glowworm
