// SPDX-License-Identifier: Apache-2.0
// Rounding weights to few bits so that what counts is right: the outputs on inputs that really
// occur, not the weights. Elements of a row are rounded in order, and each one's error is made good
// by those that follow, as far as the inputs go together (GPTQ, arXiv 2210.17323; in the form of
// LDLQ, arXiv 2307.13304, section 4: with H = U D U^T, U unit upper triangular, element k is
// rounded after sum over i < k of (w_i - q_i) U_ik has been added to it).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/thread_pool.h"
#include "core/kernels/dtype.h"

namespace glowworm {

class ErrorFeedback {
  public:
    // For matrices whose inputs look like x [tokens, cols]; cols is a multiple of 32. H is
    // X^T X / tokens plus a ridge of 1 % of its mean diagonal, block diagonal where a row is longer
    // than kGroupMax elements.
    ErrorFeedback(const float* x, size_t tokens, size_t cols, ThreadPool& pool);

    // Encodes w [rows, cols] as `dtype` (S4, S3 or S2) into out [rows, rowBytes(dtype, cols)].
    void encode(Dtype dtype, const float* w, size_t rows, std::byte* out, ThreadPool& pool) const;

    static constexpr size_t kGroupMax = 4096;

  private:
    struct Group {
        size_t first = 0, cols = 0;
        std::vector<float> feedback;  // [cols, cols]: row k, element i < k: U_ik
        std::vector<float> weights;   // [cols]: D, what an element's error costs in the end
    };
    static Group makeGroup(const float* x, size_t tokens, size_t cols, size_t first,
                           size_t group_cols, ThreadPool& pool);
    static std::vector<float> innerOf(const Group& group, size_t k, size_t width);
    void encodeRows(const Group& group, Dtype dtype, const float* w, size_t count,
                    std::vector<float>& target, std::byte* out, ThreadPool& pool) const;
    size_t cols_;
    std::vector<Group> groups_;
};

}  // namespace glowworm
