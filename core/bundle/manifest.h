// SPDX-License-Identifier: Apache-2.0
// What manifest.json of a bundle says. The on-flash format is told in format.md beside this file.
// A manifest that was read has been checked: sizes, offsets and shapes agree with one another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/kernels/dtype.h"

namespace glowworm {

inline constexpr uint32_t kBundleVersion = 2;       // what we can read
inline constexpr uint32_t kBundleVersionSplit = 2;  // written for split records, else 1
inline constexpr size_t kRecordAlignment = 512;  // strides of neuron records, for direct I/O
inline constexpr size_t kFileAlignment =
    4096;  // sizes of resident.bin and neurons.bin, and extents
inline constexpr size_t kTensorAlignment = 64;  // places in resident.bin

enum class Architecture : uint8_t { kOpt, kFalcon, kLlama };
enum class NormKind : uint8_t { kLayerNorm, kRmsNorm };
enum class PositionKind : uint8_t { kLearned, kRopeHalves, kRopeNeighbours };
enum class FfnActivation : uint8_t { kRelu, kSilu, kGelu };

// The shape of the model: everything forward() needs that is not a tensor. Names as in the field.
struct ModelConfig {
    Architecture architecture = Architecture::kLlama;
    NormKind norm = NormKind::kRmsNorm;
    PositionKind positions = PositionKind::kRopeHalves;
    FfnActivation activation = FfnActivation::kSilu;
    bool gated = true;                // up * act(gate), else act(up) alone
    bool parallel_attention = false;  // Falcon: attention and feed-forward read the same norm
    bool two_norms = true;            // Falcon's new decoder / OPT / Llama: own norm before the FFN
    bool norm_after = false;  // OPT-350m: norms after the block (do_layer_norm_before false)
    bool attention_bias = false;
    bool ffn_bias = false;
    bool tied_head = false;
    bool final_norm = true;
    uint32_t layers = 0;
    uint32_t hidden = 0;    // d_model
    uint32_t ff_width = 0;  // neurons of a layer
    uint32_t heads = 0;
    uint32_t kv_heads = 0;
    uint32_t head_dim = 0;
    uint32_t vocabulary = 0;
    uint32_t context_max = 0;      // what the model was trained for
    uint32_t position_offset = 0;  // OPT: learned positions start at row 2
    float norm_epsilon = 1e-5F;
    float rope_base = 10000.0F;
    float rope_scale = 1.0F;  // linear scaling: position / rope_scale
    // Llama 3's rope scaling ("llama3"): 0 factor = none
    float rope_llama3_factor = 0, rope_llama3_low = 1, rope_llama3_high = 4;
    uint32_t rope_llama3_context = 0;
    uint32_t sliding_window = 0;  // Mistral: a query sees this many keys; 0 = all
    // dReLU (TurboSparse, arXiv 2406.05955, section 3): ReLU on the up projection as well.
    bool up_activated = false;
    // FATReLU (ProSparse, arXiv 2402.13516, section 3): ReLU that is zero up to this value.
    float activation_threshold = 0;
};

// A tensor of resident.bin.
struct TensorEntry {
    std::string name;  // names.md in this folder lists ours
    Dtype dtype = Dtype::kF32;
    std::vector<uint64_t> shape;  // row-major; the last is a row's elements
    uint64_t offset = 0;          // in resident.bin, a multiple of kTensorAlignment
    uint64_t bytes = 0;
};

// One matrix's place in a neuron record; bytes == 0: not in the record (resident, or not there).
struct RecordPart {
    Dtype dtype = Dtype::kF16;
    uint32_t offset = 0;  // from the record's first byte, a multiple of 4
    uint32_t bytes = 0;   // rowBytes(dtype, hidden)
};

// A neuron record: up row, gate row, down column side by side (row-column bundling, LLM in a Flash
// section 3.2), padded to `stride`. Every layer has the same layout.
struct RecordLayout {
    RecordPart up, gate, down;
    uint32_t stride = 0;  // a multiple of kRecordAlignment
    // Without bundling: each part begins at a multiple of kRecordAlignment, and on flash all up
    // rows of a layer come first, then all gate rows, then all down columns (format.md). In DRAM a
    // record is the same either way.
    bool split = false;
};

// Where a layer's records lie in neurons.bin: physical slot p at offset + p * stride. Logical
// neuron n lies at physical order[n] (tensor "layers.L.order", int32 as bytes; absent = identity).
struct LayerExtent {
    uint64_t offset = 0;  // a multiple of 4096
    uint32_t neurons = 0;
    uint64_t checksum = 0;  // XXH3-64 of the whole extent
};

// What calibration found, by layer; from the calibration text at import (or `calibrate`).
struct LayerCalibration {
    float threshold = 0;               // of the predictor's score
    float contribution_threshold = 0;  // SiLU: the true contribution that counts as active
    float zero_share = 0;              // share of activations that are exactly zero (ReLU)
    float active_share = 0;            // share of neurons that the predictor names per token
    float recall = 0;                  // of the neurons that matter, by count
    float false_positive_rate = 0;     // of those that do not
    float precision = 0;
};

struct PredictorEntry {
    std::string kind;  // "low-rank", "sketch", "resident" (rows resident: the score is exact),
                       // "shadow-2", "shadow-3", "shadow-4" (bits)
    std::string file;  // predictorFileName() with or without its checksum; empty for "resident"
    uint64_t bytes = 0;
    uint64_t checksum = 0;  // XXH3-64 of the file
    std::vector<LayerCalibration> layers;
};

// firing.bin: how often each neuron fired (firing_counts.h).
struct FiringEntry {
    std::string file;  // firingFileName() with or without its checksum; empty: there is none
    uint64_t bytes = 0;
    uint64_t checksum = 0;  // XXH3-64 of the file
};

struct Manifest {
    uint32_t version = 1;
    std::string name;
    std::string source_name, source_path, source_sha256, license, license_link;
    std::string created_by;  // "glowworm 0.1.0"
    bool synthetic = false;  // planted statistics (bench); figures must say so
    ModelConfig config;
    std::string chat_template;  // "chatml", "llama2", "llama3", "mistral", "plain", or "" unknown
    std::string chat_template_source;  // the Jinja text it was recognised from, for people
    std::vector<TensorEntry> tensors;
    uint64_t resident_bytes = 0, resident_checksum = 0;
    RecordLayout record;
    std::vector<LayerExtent> extents;
    uint64_t neurons_bytes = 0;
    uint64_t tokenizer_bytes = 0, tokenizer_checksum = 0;
    std::vector<PredictorEntry> predictors;  // the first is used unless told otherwise
    FiringEntry firing;
    std::string hash;  // of everything above that defines the weights: predictors are keyed by it
};

// Text of a manifest and back. The text carries a checksum of itself, so no flipped bit passes.
// manifestFromJson ends with checkManifest; unknown fields are ignored, a newer version is
// kUnsupported.
std::string manifestToJson(const Manifest& manifest);
Result<Manifest> manifestFromJson(const std::string& json, const std::string& path);

// Every invariant named in this file and in names.md: ranges, shapes, sizes, places, overlaps. The
// error is kInvalidFile with `path` and the field at fault. After it, sums and products of the
// manifest's numbers do not overflow 64 bits.
Status checkManifest(const Manifest& manifest, const std::string& path);
Status checkConfig(const ModelConfig& config, const std::string& path);

// What `hash` must be: of config, tensors, record, extents and the files' checksums.
[[nodiscard]] std::string weightsHash(const Manifest& manifest);

// How a manifest spells the kinds: "opt", "rms", "rope-halves", "silu", ...
[[nodiscard]] std::string_view architectureName(Architecture architecture);
[[nodiscard]] std::string_view normName(NormKind norm);
[[nodiscard]] std::string_view positionName(PositionKind positions);
[[nodiscard]] std::string_view activationName(FfnActivation activation);

}  // namespace glowworm
