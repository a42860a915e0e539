// SPDX-License-Identifier: Apache-2.0
#include "core/import/tensor_store.h"

#include "core/base/check.h"

namespace glowworm {

Result<const StoredTensor*> TensorStore::find(const std::string& name) const {
    CHECK(!files.empty());
    const auto it = tensors.find(name);
    if (it == tensors.end())
        return fail(ErrorCode::kNotFound, files.front().path() + " has no tensor \"" + name +
                                              "\"; is the download complete?");
    const StoredTensor& tensor = it->second;
    if (!tensor.dtype)
        return fail(ErrorCode::kUnsupported,
                    files[tensor.file].path() + ": tensor \"" + name + "\" is stored as " +
                        tensor.type_name +
                        "; Glowworm reads F32, F16, BF16, Q8_0, Q4_0, Q4_1 and Q6_K");
    return &tensor;
}

Status TensorStore::readRows(const StoredTensor& tensor, uint64_t first, uint64_t count,
                             std::span<std::byte> out) const {
    CHECK(tensor.dtype && first <= tensor.rows() && count <= tensor.rows() - first);
    const uint64_t row_bytes = rowBytes(*tensor.dtype, tensor.cols());
    CHECK(out.size() == count * row_bytes);
    const InputFile& file = files[tensor.file];
    RETURN_IF_ERROR(file.read(tensor.offset + first * row_bytes, out));
    file.dropCache(tensor.offset + first * row_bytes, out.size());
    return {};
}

uint64_t TensorStore::bytes() const {
    uint64_t total = 0;
    for (const InputFile& file : files) total += file.sizeBytes();
    return total;
}

}  // namespace glowworm
