// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/manifest.h"
#include "core/bundle/record.h"
#include "core/bundle/tensor_list.h"
#include "core/text/chat_template.h"

namespace glowworm {

namespace {

// Bounds that no model reaches; below them no sum or product of this file overflows.
constexpr uint32_t kLayersMax = 1024;
constexpr uint32_t kHiddenMax = 1 << 16;
constexpr uint32_t kNeuronsMax = 1 << 20;
constexpr uint32_t kHeadsMax = 4096;
constexpr uint32_t kHeadDimMax = 1024;
constexpr uint32_t kVocabularyMax = 1 << 24;
constexpr uint32_t kContextMax = 1 << 26;
constexpr uint32_t kPositionOffsetMax = 1024;
constexpr uint64_t kFileBytesMax = uint64_t{1} << 60;

std::unexpected<Error> fault(const std::string& path, const std::string& what) {
    return fail(ErrorCode::kInvalidFile, path + ": " + what);
}

struct Range {
    const char* field;
    uint32_t value, smallest, largest;
};

Status checkRope(const ModelConfig& c, const std::string& path) {
    if (c.positions == PositionKind::kLearned) return {};
    if (c.head_dim % 2 != 0) return fault(path, "\"head_dim\" is odd, rotary positions need pairs");
    if (!std::isfinite(c.rope_base) || c.rope_base <= 0)
        return fault(path, "\"rope_base\" is not a positive number");
    if (!std::isfinite(c.rope_scale) || c.rope_scale <= 0)
        return fault(path, "\"rope_scale\" is not a positive number");
    if (c.rope_llama3_factor == 0) return {};
    const bool valid = std::isfinite(c.rope_llama3_factor) && c.rope_llama3_factor > 0 &&
                       std::isfinite(c.rope_llama3_high) && c.rope_llama3_low > 0 &&
                       c.rope_llama3_low < c.rope_llama3_high && c.rope_llama3_context > 0;
    return valid ? Status() : fault(path, "the \"rope_llama3_...\" numbers do not go together");
}

// The record's parts, in order and without overlap.
Status checkRecord(const RecordLayout& record, const ModelConfig& c, const std::string& path) {
    struct Named {
        const char* name;
        const RecordPart* part;
    };
    uint64_t end = 0;
    for (const auto& [name, part] :
         {Named{"up", &record.up}, Named{"gate", &record.gate}, Named{"down", &record.down}}) {
        if (part->bytes == 0) continue;
        const std::string field = std::string("the record's \"") + name + "\"";
        if (part->dtype == Dtype::kQ6_K)
            return fault(path, field + " has a type not computed with");
        if (c.hidden % blockElements(part->dtype) != 0)
            return fault(path, field + " has a type whose blocks do not fit \"hidden\"");
        if (part->bytes != rowBytes(part->dtype, c.hidden))
            return fault(path, field + " has a size that is not one row's");
        if (part->offset % 4 != 0) return fault(path, field + " is not aligned to 4 bytes");
        if (record.split && part->offset % kRecordAlignment != 0)
            return fault(path, field + " of a split record is not aligned to 512 bytes");
        if (part->offset < end) return fault(path, field + " overlaps the part before it");
        end = uint64_t{part->offset} + part->bytes;
    }
    if (!c.gated && record.gate.bytes != 0)
        return fault(path, "the record has a gate row but the model is not gated");
    if (end == 0) return fault(path, "the neuron record is empty");
    if (record.stride % kRecordAlignment != 0 || record.stride < end ||
        record.stride > (uint64_t{1} << 24))
        return fault(path, "the record's \"stride\" is not a multiple of 512 that holds its parts");
    // The pieces must tile the record: what a layer's extent holds is counted by them.
    const RecordPieces pieces = recordPieces(record);
    uint32_t tiled = 0;
    for (const RecordPiece& piece : pieces.all()) {
        if (piece.offset != tiled)
            return fault(path, "the parts of the split record do not follow one another");
        tiled += piece.bytes;
    }
    if (tiled != record.stride)
        return fault(path, "the parts of the split record do not fill its \"stride\"");
    return {};
}

Status checkTensor(const TensorEntry& t, uint64_t begin, const Manifest& m,
                   const std::string& path) {
    const std::string name = "tensor \"" + t.name.substr(0, 100) + "\"";
    if (t.offset % kTensorAlignment != 0) return fault(path, name + " is not aligned to 64 bytes");
    if (t.offset < begin) return fault(path, name + " overlaps the one before it");
    if (t.offset > m.resident_bytes || t.bytes > m.resident_bytes - t.offset)
        return fault(path, name + " reaches past the end of resident.bin");
    return {};
}

Status checkAgainstSpec(const TensorEntry& t, const TensorSpec& spec, const std::string& path) {
    const std::string name = "tensor \"" + t.name + "\"";
    if (t.shape != spec.shape) return fault(path, name + " has a shape that the config denies");
    if (spec.role != TensorRole::kMatrix && t.dtype != Dtype::kF32)
        return fault(path, name + " is not F32");
    if (t.dtype == Dtype::kQ6_K) return fault(path, name + " has a type not computed with");
    const uint64_t cols = t.shape.back();
    if (cols % blockElements(t.dtype) != 0)
        return fault(path, name + " has rows that are not whole blocks of its type");
    const uint64_t rows = t.shape.size() == 2 ? t.shape[0] : 1;
    if (t.bytes != rows * rowBytes(t.dtype, cols))
        return fault(path, name + " has a size that does not follow from its shape and type");
    return {};
}

Status checkTensors(const Manifest& m, const std::string& path) {
    std::map<std::string, TensorSpec> specs;
    for (TensorSpec& spec : expectedTensors(m.config, m.record)) specs[spec.name] = std::move(spec);
    uint64_t begin = 0;
    for (const TensorEntry& t : m.tensors) {
        RETURN_IF_ERROR(checkTensor(t, begin, m, path));
        const auto spec = specs.extract(t.name);
        if (spec.empty())
            return fault(path, "tensor \"" + t.name.substr(0, 100) +
                                   "\" is there twice or does not belong to this model");
        RETURN_IF_ERROR(checkAgainstSpec(t, spec.mapped(), path));
        begin = t.offset + t.bytes;
    }
    for (const auto& [name, spec] : specs)
        if (spec.required) return fault(path, "tensor \"" + name + "\" is missing");
    return {};
}

Status checkExtents(const Manifest& m, const std::string& path) {
    if (m.extents.size() != m.config.layers)
        return fault(path, "\"neurons.layers\" does not have one entry a layer");
    uint64_t begin = 0;
    for (size_t layer = 0; layer < m.extents.size(); ++layer) {
        const LayerExtent& e = m.extents[layer];
        const std::string name = "the records of layer " + std::to_string(layer);
        if (e.neurons != m.config.ff_width)
            return fault(path, name + " are not as many as \"ff_width\"");
        if (e.offset % kFileAlignment != 0) return fault(path, name + " are not aligned to 4096");
        if (e.offset < begin) return fault(path, name + " overlap those of the layer before");
        const uint64_t bytes = uint64_t{e.neurons} * m.record.stride;
        if (e.offset > m.neurons_bytes || bytes > m.neurons_bytes - e.offset)
            return fault(path, name + " reach past the end of neurons.bin");
        begin = e.offset + bytes;
    }
    return {};
}

Status checkCalibration(const LayerCalibration& l, const std::string& path,
                        const std::string& field) {
    if (!std::isfinite(l.threshold) || !std::isfinite(l.contribution_threshold))
        return fault(path, field + " has a threshold that is no number");
    for (const float share :
         {l.zero_share, l.active_share, l.recall, l.false_positive_rate, l.precision})
        if (!(share >= 0 && share <= 1)) return fault(path, field + " has a share outside 0..1");
    return {};
}

Status checkPredictors(const Manifest& m, const std::string& path) {
    for (size_t i = 0; i < m.predictors.size(); ++i) {
        const PredictorEntry& p = m.predictors[i];
        const std::string field = "predictors[" + std::to_string(i) + "]";
        const bool plain = std::ranges::all_of(p.kind, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (p.kind.empty() || p.kind.size() > 40 || !plain)
            return fault(path, field + " has a kind that is not a plain word");
        if (std::ranges::count(m.predictors, p.kind, &PredictorEntry::kind) != 1)
            return fault(path, "the predictor \"" + p.kind + "\" is there twice");
        const bool named = p.file == predictorFileName(p.kind) ||
                           p.file == predictorFileName(p.kind, p.checksum);
        const bool file_valid = p.file.empty() ? p.bytes == 0 : named && p.bytes > 0;
        if (!file_valid || p.bytes > kFileBytesMax)
            return fault(path, field + " has a file or size that does not follow from its kind");
        if (p.layers.size() != m.config.layers)
            return fault(path, field + " does not have one entry a layer");
        for (const LayerCalibration& layer : p.layers)
            RETURN_IF_ERROR(checkCalibration(layer, path, field));
    }
    return {};
}

Status checkFiring(const FiringEntry& firing, const std::string& path) {
    if (firing.file.empty()) return {};
    const bool named =
        firing.file == firingFileName() || firing.file == firingFileName(firing.checksum);
    if (!named || firing.bytes == 0 || firing.bytes > kFileBytesMax)
        return fault(path, "\"firing\" has a file or size that cannot be");
    return {};
}

Status checkFileSizes(const Manifest& m, const std::string& path) {
    for (const uint64_t bytes : {m.resident_bytes, m.neurons_bytes})
        if (bytes == 0 || bytes % kFileAlignment != 0 || bytes > kFileBytesMax)
            return fault(path, "a file's size is not a multiple of 4096 in range");
    if (m.tokenizer_bytes > kFileBytesMax) return fault(path, "the tokenizer's size is impossible");
    return {};
}

}  // namespace

Status checkConfig(const ModelConfig& c, const std::string& path) {
    for (const auto& [field, value, smallest, largest] :
         {Range{"layers", c.layers, 1, kLayersMax}, Range{"hidden", c.hidden, 1, kHiddenMax},
          Range{"ff_width", c.ff_width, 1, kNeuronsMax}, Range{"heads", c.heads, 1, kHeadsMax},
          Range{"kv_heads", c.kv_heads, 1, kHeadsMax},
          Range{"head_dim", c.head_dim, 1, kHeadDimMax},
          Range{"vocabulary", c.vocabulary, 1, kVocabularyMax},
          Range{"context_max", c.context_max, 1, kContextMax},
          Range{"position_offset", c.position_offset, 0, kPositionOffsetMax}})
        if (value < smallest || value > largest)
            return fault(path, std::string("\"") + field + "\" is " + std::to_string(value) +
                                   ", it may be " + std::to_string(smallest) + " to " +
                                   std::to_string(largest));
    if (c.heads % c.kv_heads != 0)
        return fault(path, "\"heads\" is not a multiple of \"kv_heads\"");
    if (!(c.norm_epsilon >= 0 && c.norm_epsilon <= 1))
        return fault(path, "\"norm_epsilon\" is not between 0 and 1");
    if (!(c.activation_threshold >= 0 && c.activation_threshold <= 1))
        return fault(path, "\"activation_threshold\" is not between 0 and 1");
    const bool special = c.up_activated || c.activation_threshold > 0;
    if (special && c.activation != FfnActivation::kRelu)
        return fault(path, "dReLU and FATReLU go with the activation relu only");
    if (c.up_activated && !c.gated)
        return fault(path, "\"up_activated\" goes with a gated block only");
    if (!c.two_norms && !c.parallel_attention)
        return fault(path, "one norm a layer goes with parallel attention only");
    if (c.norm_after && (c.parallel_attention || !c.two_norms))
        return fault(path, "norms after the block go with two norms a layer only");
    return checkRope(c, path);
}

Status checkManifest(const Manifest& m, const std::string& path) {
    RETURN_IF_ERROR(checkConfig(m.config, path));
    RETURN_IF_ERROR(checkRecord(m.record, m.config, path));
    RETURN_IF_ERROR(checkFileSizes(m, path));
    RETURN_IF_ERROR(checkTensors(m, path));
    RETURN_IF_ERROR(checkExtents(m, path));
    RETURN_IF_ERROR(checkPredictors(m, path));
    RETURN_IF_ERROR(checkFiring(m.firing, path));
    if (!m.chat_template.empty() && !chatTemplateFromName(m.chat_template))
        return fault(path, "\"chat_template\" names none that we know");
    if (m.hash != weightsHash(m))
        return fault(path, "\"hash\" does not match the weights' description");
    return {};
}

}  // namespace glowworm
