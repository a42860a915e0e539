// SPDX-License-Identifier: Apache-2.0
#include "core/import/import_plan.h"

#include <algorithm>
#include <utility>

#include "core/bundle/record.h"

namespace glowworm {

namespace {

constexpr size_t kResidentBitsMax = 5;  // StreamChoice::kAuto: rows this small are their own sketch

bool quantised(Dtype dtype) { return blockElements(dtype) > 1; }

std::string fileOf(const Source& source, const StoredTensor& tensor) {
    return source.store.files[tensor.file].path();
}

// The stored tensor of an origin, its shape compared with [rows, cols] of ours (rows of the
// origin's ranges where it has some; cols 0: a vector of `rows` elements).
Result<const StoredTensor*> checkedTensor(const Source& source, const TensorOrigin& origin,
                                          uint64_t rows, uint64_t cols) {
    ASSIGN_OR_RETURN(const StoredTensor* tensor, source.store.find(origin.source));
    const uint64_t stored_rows = cols == 0 ? tensor->cols() : tensor->rows();
    const bool flat = cols != 0 || tensor->rows() == 1;
    uint64_t taken = origin.rows.empty() ? stored_rows : 0;
    bool inside = true;
    for (const RowRange& range : origin.rows) {
        taken += range.count;
        inside = inside && range.first <= stored_rows && range.count <= stored_rows - range.first;
    }
    if (!flat || !inside || taken != rows || (cols != 0 && tensor->cols() != cols))
        return fail(ErrorCode::kInvalidFile,
                    fileOf(source, *tensor) + ": tensor \"" + origin.source + "\" of " +
                        std::to_string(tensor->rows()) + " x " + std::to_string(tensor->cols()) +
                        " does not have the shape that the model's configuration says");
    return tensor;
}

Status checkBlocks(const Source& source, const StoredTensor& tensor, Dtype dtype, uint64_t cols) {
    if (cols % blockElements(dtype) == 0) return {};
    return fail(ErrorCode::kUnsupported,
                fileOf(source, tensor) + ": tensor \"" + tensor.name + "\" has rows of " +
                    std::to_string(cols) + " values, which " + std::string(dtypeName(dtype)) +
                    " cannot hold (its blocks have " + std::to_string(blockElements(dtype)) +
                    "); choose f16 or bf16");
}

Dtype keptDtype(Dtype stored) { return stored == Dtype::kQ6_K ? Dtype::kQ8_0 : stored; }

// One dtype for a part of the record in all layers: the common one, else one that holds them all.
Dtype commonDtype(const std::vector<Dtype>& dtypes) {
    if (std::ranges::count(dtypes, dtypes.front()) == std::ssize(dtypes)) return dtypes.front();
    return std::ranges::all_of(dtypes, quantised) ? Dtype::kQ8_0 : Dtype::kF32;
}

// What the up, gate or down matrices of all layers become.
Result<Dtype> ffnDtype(const Source& source, const TensorNames& names, const std::string& part,
                       std::optional<Dtype> wanted) {
    const ModelConfig& c = source.config;
    const bool down = part == "down";
    std::vector<Dtype> dtypes;
    for (uint32_t layer = 0; layer < c.layers; ++layer) {
        const TensorOrigin origin = names.origin(layerTensorName(layer, part));
        ASSIGN_OR_RETURN(const StoredTensor* tensor,
                         checkedTensor(source, origin, down ? c.hidden : c.ff_width,
                                       down ? c.ff_width : c.hidden));
        Dtype dtype = wanted.value_or(keptDtype(*tensor->dtype));
        // Blocks along the neurons cannot be kept when columns become rows.
        if (down && !wanted && quantised(dtype)) dtype = Dtype::kQ8_0;
        RETURN_IF_ERROR(checkBlocks(source, *tensor, dtype, c.hidden));
        dtypes.push_back(dtype);
    }
    return commonDtype(dtypes);
}

bool fewBits(Dtype dtype) {
    return blockBytes(dtype) * 8 <= kResidentBitsMax * blockElements(dtype);
}

}  // namespace

Result<ImportPlan> planImport(const Source& source, std::optional<Dtype> dtype,
                              StreamChoice stream) {
    const ModelConfig& c = source.config;
    if (dtype == Dtype::kQ6_K)
        return fail(ErrorCode::kInvalidArgument, "a bundle cannot be made in q6_k; take q8_0");
    const TensorNames names(source.format, c, source.store);
    ASSIGN_OR_RETURN(const Dtype up, ffnDtype(source, names, "up", dtype));
    Dtype gate = up;
    if (c.gated) {
        ASSIGN_OR_RETURN(gate, ffnDtype(source, names, "gate", dtype));
    }
    RecordDtypes in_record;
    ASSIGN_OR_RETURN(in_record.down, ffnDtype(source, names, "down", dtype));
    if (stream == StreamChoice::kWhole || !fewBits(up) || !fewBits(gate)) {
        in_record.up = up;
        if (c.gated) in_record.gate = gate;
    }
    ImportPlan plan;
    plan.record = makeRecordLayout(in_record, c.hidden);
    plan.bytes = uint64_t{c.layers} * c.ff_width * (plan.record.stride + 8);
    for (TensorSpec& spec : expectedTensors(c, plan.record)) {
        if (spec.role == TensorRole::kWords || spec.name.ends_with(".down_norm")) continue;
        PlannedTensor planned{std::move(spec), {}, Dtype::kF32};
        planned.origin = names.origin(planned.spec.name);
        const std::vector<uint64_t>& shape = planned.spec.shape;
        const bool matrix = planned.spec.role == TensorRole::kMatrix;
        const uint64_t cols = matrix ? shape[1] : 0;
        ASSIGN_OR_RETURN(const StoredTensor* tensor,
                         checkedTensor(source, planned.origin, shape[0], cols));
        if (matrix) {
            planned.dtype = dtype.value_or(keptDtype(*tensor->dtype));
            if (planned.spec.name.ends_with(".up")) planned.dtype = up;
            if (planned.spec.name.ends_with(".gate")) planned.dtype = gate;
            RETURN_IF_ERROR(checkBlocks(source, *tensor, planned.dtype, cols));
        }
        plan.bytes += matrix ? shape[0] * rowBytes(planned.dtype, cols) : shape[0] * 4;
        plan.tensors.push_back(std::move(planned));
    }
    return plan;
}

}  // namespace glowworm
