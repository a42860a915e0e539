// SPDX-License-Identifier: Apache-2.0
// Carries a source's weights into a bundle: the resident tensors, then the neuron records layer by
// layer. Needs the memory of one layer's down matrix as stored, and small buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/bundle/bundle_writer.h"
#include "core/import/import_plan.h"
#include "core/import/import_progress.h"
#include "core/import/source.h"

namespace glowworm {

class WeightWriter {
  public:
    // All of them outlive this.
    WeightWriter(const Source& source, const ImportPlan& plan, BundleWriter& out,
                 ImportProgress& progress)
        : source_(source), plan_(plan), out_(out), progress_(progress) {}

    // Counts source bytes into the present part of the progress.
    Status write();

  private:
    Status writeMatrix(const PlannedTensor& planned);
    Status writeVector(const PlannedTensor& planned);
    Status writeLayer(uint32_t layer, const TensorNames& names);
    Status writeTile(const TensorNames& names, uint32_t layer, uint32_t first, uint32_t count);
    // Rows [first, first + count) of a tensor, converted, into `out`.
    Status readRows(const StoredTensor& tensor, uint64_t first, uint64_t count, Dtype dtype,
                    std::vector<std::byte>& out);
    Status readDown(const StoredTensor& tensor);
    // Columns [first, first + count) of the down matrix as rows of `dtype`, into down_rows_.
    void transposeDown(const StoredTensor& tensor, uint32_t first, uint32_t count);

    const Source& source_;
    const ImportPlan& plan_;
    BundleWriter& out_;
    ImportProgress& progress_;
    std::vector<std::byte> stored_;  // rows as they lie in the source
    std::vector<std::byte> down_;    // one layer's down matrix as stored, [hidden, ff_width]
    std::vector<std::byte> up_rows_, gate_rows_, down_rows_;  // a tile, as the record has them
    std::vector<float> values_;                               // a decoded row
    std::vector<float> tile_;  // [count, hidden] down columns, decoded
};

}  // namespace glowworm
