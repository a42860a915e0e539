// SPDX-License-Identifier: Apache-2.0
#include "core/sparsity/predictor_file.h"

#include <cstring>
#include <utility>

#include "core/base/check.h"

namespace glowworm {

namespace {

constexpr char kMagic[8] = {'G', 'W', 'P', 'R', 'E', 'D', 'I', 'C'};
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 16;
constexpr size_t kMatrixAlignment = 64;
constexpr uint32_t kLastDtype = static_cast<uint32_t>(Dtype::kS2);
constexpr uint32_t kDecodedOnly = static_cast<uint32_t>(Dtype::kQ6_K);

size_t alignUp(size_t bytes) {
    return (bytes + kMatrixAlignment - 1) / kMatrixAlignment * kMatrixAlignment;
}

}  // namespace

Result<PredictorFile> PredictorFile::open(std::vector<std::byte> bytes, const std::string& name) {
    const auto bad = [&](const std::string& fault) {
        return fail(ErrorCode::kInvalidFile,
                    name + " is not a predictor file that we can use: " + fault +
                        "; calibrate the model again");
    };
    if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) {
        return bad("it does not begin as one");
    }
    uint32_t version = 0, count = 0;
    std::memcpy(&version, bytes.data() + 8, 4);
    std::memcpy(&count, bytes.data() + 12, 4);
    if (version != kVersion) return bad("its version is " + std::to_string(version));
    if (count == 0) return bad("it has no matrix");
    if (count > (bytes.size() - kHeaderBytes) / sizeof(Entry)) return bad("it is cut short");
    PredictorFile file;
    file.entries_.resize(count);
    std::memcpy(file.entries_.data(), bytes.data() + kHeaderBytes, count * sizeof(Entry));
    for (const Entry& entry : file.entries_) {
        if (entry.dtype > kLastDtype || entry.dtype == kDecodedOnly) {
            return bad("a matrix has an unknown type");
        }
        const auto dtype = static_cast<Dtype>(entry.dtype);
        if (entry.cols == 0 || entry.cols % blockElements(dtype) != 0 ||
            entry.cols > bytes.size() * 2 || entry.offset % kMatrixAlignment != 0 ||
            entry.offset > bytes.size() ||
            entry.rows > (bytes.size() - entry.offset) / rowBytes(dtype, entry.cols)) {
            return bad("a matrix of layer " + std::to_string(entry.layer) +
                       " does not lie inside the file");
        }
    }
    file.bytes_ = std::move(bytes);
    file.name_ = name;
    return file;
}

Result<MatrixView> PredictorFile::matrix(LayerId layer, PredictorRole role, uint64_t rows,
                                         uint64_t cols) const {
    for (const Entry& entry : entries_) {
        if (entry.layer != layer.value() || entry.role != static_cast<uint32_t>(role)) continue;
        if ((rows != 0 && entry.rows != rows) || (cols != 0 && entry.cols != cols)) break;
        const auto dtype = static_cast<Dtype>(entry.dtype);
        return MatrixView{bytes_.data() + entry.offset, dtype, entry.rows, entry.cols,
                          rowBytes(dtype, entry.cols)};
    }
    return fail(ErrorCode::kInvalidFile,
                name_ + " has no matrix of the right shape for layer " +
                    std::to_string(layer.value()) + "; calibrate the model again");
}

std::byte* PredictorFileBuilder::grow(LayerId layer, PredictorRole role, Dtype dtype,
                                      uint64_t rows, uint64_t cols) {
    CHECK(cols % blockElements(dtype) == 0);
    data_.resize(alignUp(data_.size()));
    entries_.push_back({layer.value(), static_cast<uint32_t>(role), static_cast<uint32_t>(dtype),
                        0, rows, cols, data_.size()});
    const size_t begin = data_.size();
    data_.resize(begin + rows * rowBytes(dtype, cols));
    return data_.data() + begin;
}

void PredictorFileBuilder::add(LayerId layer, PredictorRole role, Dtype dtype, uint64_t rows,
                               uint64_t cols, const float* values) {
    std::byte* out = grow(layer, role, dtype, rows, cols);
    const size_t row_bytes = rowBytes(dtype, cols);
    for (uint64_t r = 0; r < rows; ++r) {
        encodeRow(dtype, values + r * cols, cols, out + r * row_bytes);
    }
}

void PredictorFileBuilder::addStored(LayerId layer, PredictorRole role, const MatrixView& matrix) {
    std::byte* out = grow(layer, role, matrix.dtype, matrix.rows, matrix.cols);
    const size_t row_bytes = rowBytes(matrix.dtype, matrix.cols);
    for (size_t r = 0; r < matrix.rows; ++r) {
        std::memcpy(out + r * row_bytes, matrix.row(r), row_bytes);
    }
}

std::vector<std::byte> PredictorFileBuilder::finish() const {
    CHECK(!entries_.empty());
    const size_t data_begin = alignUp(kHeaderBytes + entries_.size() * sizeof(entries_[0]));
    std::vector<std::byte> bytes(data_begin + data_.size());
    const auto count = static_cast<uint32_t>(entries_.size());
    std::memcpy(bytes.data(), kMagic, sizeof kMagic);
    std::memcpy(bytes.data() + 8, &kVersion, 4);
    std::memcpy(bytes.data() + 12, &count, 4);
    auto entries = entries_;
    for (auto& entry : entries) entry.offset += data_begin;
    std::memcpy(bytes.data() + kHeaderBytes, entries.data(), count * sizeof(entries[0]));
    std::memcpy(bytes.data() + data_begin, data_.data(), data_.size());
    return bytes;
}

}  // namespace glowworm
