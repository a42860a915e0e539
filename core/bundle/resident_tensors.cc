// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/resident_tensors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.h"

namespace glowworm {

namespace {

std::string shapeText(std::span<const uint64_t> shape) {
    std::string text = "[";
    for (const uint64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

}  // namespace

ResidentTensors::ResidentTensors(std::shared_ptr<const Manifest> manifest, const std::byte* base)
    : manifest_(std::move(manifest)), base_(base) {
    CHECK(reinterpret_cast<uintptr_t>(base) % kTensorAlignment == 0);
}

bool ResidentTensors::has(std::string_view name) const {
    return manifest_ && std::ranges::contains(manifest_->tensors, name, &TensorEntry::name);
}

Result<const TensorEntry*> ResidentTensors::find(std::string_view name,
                                                 std::span<const uint64_t> shape) const {
    CHECK(manifest_ != nullptr);
    const auto it = std::ranges::find(manifest_->tensors, name, &TensorEntry::name);
    if (it == manifest_->tensors.end())
        return fail(ErrorCode::kNotFound,
                    "the model has no tensor \"" + std::string(name) + "\"; import it again");
    if (!std::ranges::equal(it->shape, shape))
        return fail(ErrorCode::kInvalidFile, "tensor \"" + std::string(name) + "\" has the shape " +
                                                 shapeText(it->shape) + " instead of " +
                                                 shapeText(shape));
    return &*it;
}

Result<MatrixView> ResidentTensors::matrix(std::string_view name, uint64_t rows,
                                           uint64_t cols) const {
    ASSIGN_OR_RETURN(const TensorEntry* entry, find(name, std::array{rows, cols}));
    return MatrixView{base_ + entry->offset, entry->dtype, rows, cols,
                      rowBytes(entry->dtype, cols)};
}

Result<MatrixView> ResidentTensors::matrix(std::string_view name, Dtype dtype, uint64_t rows,
                                           uint64_t cols) const {
    ASSIGN_OR_RETURN(const MatrixView view, matrix(name, rows, cols));
    if (view.dtype != dtype)
        return fail(ErrorCode::kInvalidFile, "tensor \"" + std::string(name) + "\" is " +
                                                 std::string(dtypeName(view.dtype)) +
                                                 " instead of " + std::string(dtypeName(dtype)));
    return view;
}

Result<const std::byte*> ResidentTensors::fourByteValues(std::string_view name,
                                                         uint64_t size) const {
    ASSIGN_OR_RETURN(const TensorEntry* entry, find(name, std::array{size}));
    if (entry->dtype != Dtype::kF32)
        return fail(ErrorCode::kInvalidFile, "tensor \"" + std::string(name) + "\" is not f32");
    return base_ + entry->offset;
}

Result<std::span<const float>> ResidentTensors::vector(std::string_view name, uint64_t size) const {
    ASSIGN_OR_RETURN(const std::byte* values, fourByteValues(name, size));
    return std::span(reinterpret_cast<const float*>(values), size);
}

Result<std::span<const uint32_t>> ResidentTensors::words(std::string_view name,
                                                         uint64_t size) const {
    ASSIGN_OR_RETURN(const std::byte* values, fourByteValues(name, size));
    return std::span(reinterpret_cast<const uint32_t*>(values), size);
}

}  // namespace glowworm
