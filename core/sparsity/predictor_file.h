// SPDX-License-Identifier: Apache-2.0
// predictor-KIND.bin: a handful of matrices by layer and role, little endian.
//
//   byte  0  magic "GWPREDIC"
//         8  u32 version (1)
//        12  u32 count of matrices
//        16  count entries of 40 bytes: u32 layer, u32 role, u32 dtype, u32 zero,
//            u64 rows, u64 cols, u64 offset (from the file's first byte, a multiple of 64)
//         .  the matrices' rows, rowBytes(dtype, cols) each
//
// The whole file's checksum is in the manifest. Immutable after opening; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/kernels/kernels.h"

namespace glowworm {

enum class PredictorRole : uint32_t {
    kReduce = 0,  // low-rank: [rank, hidden], from the block's input to `rank` numbers
    kExpand = 1,  // low-rank: [ff_width, rank], from these to a score per neuron
    kGateRows = 2,  // sketch, shadow: [ff_width, hidden], the gate rows in few bits
    kUpRows = 3,    // sketch, shadow: [ff_width, hidden]
    kDownRows = 4,    // shadow: [hidden, ff_width], the down matrix in few bits, by outputs
    kScoreLines = 5,  // shadow: [1, 128] F32, the calibration text's scores by share (descending)
};

class PredictorFile {
  public:
    // Takes the bytes of a file and checks that every matrix lies inside. `name` is for errors.
    static Result<PredictorFile> open(std::vector<std::byte> bytes, const std::string& name);

    // kInvalidFile when there is none, or when its shape is another; a dimension of 0 fits any.
    [[nodiscard]] Result<MatrixView> matrix(LayerId layer, PredictorRole role, uint64_t rows,
                                            uint64_t cols) const;
    [[nodiscard]] uint64_t bytes() const { return bytes_.size(); }

  private:
    struct Entry {
        uint32_t layer, role, dtype, zero;
        uint64_t rows, cols, offset;
    };
    static_assert(sizeof(Entry) == 40);
    std::vector<std::byte> bytes_;
    std::vector<Entry> entries_;
    std::string name_;
    friend class PredictorFileBuilder;
};

// Collects matrices and lays the file out.
class PredictorFileBuilder {
  public:
    // `values` [rows, cols] row-major, encoded as `dtype`.
    void add(LayerId layer, PredictorRole role, Dtype dtype, uint64_t rows, uint64_t cols,
             const float* values);
    // A matrix as it is stored already.
    void addStored(LayerId layer, PredictorRole role, const MatrixView& matrix);
    // The file's bytes; at least one matrix has been added.
    [[nodiscard]] std::vector<std::byte> finish() const;

  private:
    std::byte* grow(LayerId layer, PredictorRole role, Dtype dtype, uint64_t rows, uint64_t cols);
    std::vector<PredictorFile::Entry> entries_;
    std::vector<std::byte> data_;
};

}  // namespace glowworm
