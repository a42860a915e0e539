// SPDX-License-Identifier: Apache-2.0
#include "core/train/error_feedback.h"

#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/kernels/blocks.h"
#include "core/kernels/kernels.h"
#include "core/kernels/levels.h"

namespace glowworm {

namespace {

constexpr float kRidge = 0.01F;
constexpr size_t kPanel = 64;         // columns of a Cholesky step
constexpr size_t kTogether = 4 * kBlock;  // elements rounded between two updates of the rest
constexpr size_t kRowsAtOnce = 1024;

MatrixView floatRows(const float* values, size_t rows, size_t cols, size_t stride) {
    return {reinterpret_cast<const std::byte*>(values), Dtype::kF32, rows, cols,
            stride * sizeof(float)};
}

// H of the group's inputs, with its variables in reverse order: [n, n].
std::vector<float> reversedMoments(const float* x, size_t tokens, size_t cols, size_t first,
                                   size_t n, ThreadPool& pool) {
    std::vector<float> turned(n * tokens);
    for (size_t t = 0; t < tokens; ++t) {
        for (size_t i = 0; i < n; ++i) {
            turned[(n - 1 - i) * tokens + t] = x[t * cols + first + i];
        }
    }
    std::vector<float> h(n * n);
    matmul(floatRows(turned.data(), n, tokens, tokens), nullptr,
           InputRows{turned.data(), n, tokens, nullptr}, h.data(), pool);
    double trace = 0;
    for (size_t i = 0; i < n; ++i) trace += static_cast<double>(h[i * n + i]);
    const auto mean = static_cast<float>(trace / static_cast<double>(n * tokens));
    for (float& value : h) value /= static_cast<float>(tokens);
    // Inputs that are all zero: any rounding will do.
    for (size_t i = 0; i < n; ++i) h[i * n + i] += mean > 0 ? kRidge * mean : 1.0F;
    return h;
}

// The lower triangle of rows and columns [k, k + width): A -> its Cholesky factor, in place.
void factorDiagonal(std::vector<float>& a, size_t n, size_t k, size_t width) {
    for (size_t j = k; j < k + width; ++j) {
        float* row = a.data() + j * n;
        for (size_t i = k; i <= j; ++i) {
            const float* other = a.data() + i * n;
            float sum = row[i];
            for (size_t c = k; c < i; ++c) sum -= row[c] * other[c];
            row[i] = i < j ? sum / other[i] : std::sqrt(std::max(sum, 1e-12F));
        }
    }
}

// A = L L^T in place, the lower triangle, by panels: factor, solve below, update the rest.
void cholesky(std::vector<float>& a, size_t n, ThreadPool& pool) {
    std::vector<float> below, update;
    for (size_t k = 0; k < n; k += kPanel) {
        const size_t width = std::min(kPanel, n - k);
        factorDiagonal(a, n, k, width);
        const size_t from = k + width;
        const size_t rest = n - from;
        if (rest == 0) break;
        below.resize(rest * width);
        pool.forSlices(rest, 1, [&](size_t begin, size_t end, size_t) {
            for (size_t r = begin; r < end; ++r) {
                float* row = a.data() + (from + r) * n + k;
                for (size_t j = 0; j < width; ++j) {
                    const float* factor = a.data() + (k + j) * n + k;
                    float sum = row[j];
                    for (size_t c = 0; c < j; ++c) sum -= row[c] * factor[c];
                    row[j] = sum / factor[j];
                }
                std::copy_n(row, width, below.data() + r * width);
            }
        });
        update.resize(rest * rest);
        matmul(floatRows(below.data(), rest, width, width), nullptr,
               InputRows{below.data(), rest, width, nullptr}, update.data(), pool);
        for (size_t r = 0; r < rest; ++r) {
            float* row = a.data() + (from + r) * n + from;
            for (size_t c = 0; c <= r; ++c) row[c] -= update[r * rest + c];
        }
    }
}

// One row's next kTogether elements: rounded in order, each after the feedback of those before it
// among them. `target` holds the weights with all earlier feedback; `error` gets w - q.
struct RowPiece {
    Dtype dtype;
    const float* weights;  // [count] of D
    const float* inner;    // [count, count]: row i, element k > i: U_ik
    size_t count;

    void encode(float* target, const float* w, float* error, std::byte* out) const {
        for (size_t b = 0; b < count; b += kBlock, out += blockBytes(dtype)) {
            const uint8_t scale_code = chooseScale(dtype, target + b, weights + b);
            const float scale = kScaleOf[scale_code];
            const auto levels = levelsOf(dtype);
            uint8_t codes[kBlock];
            for (size_t j = 0; j < kBlock; ++j) {
                const size_t i = b + j;
                codes[j] = nearestCode(dtype, scale, target[i]);
                error[i] = w[i] - scale * static_cast<float>(levels[codes[j]]);
                const float* along = inner + i * count;
                for (size_t k = i + 1; k < count; ++k) target[k] += error[i] * along[k];
            }
            packBlock(dtype, scale_code, codes, out);
        }
    }
};

}  // namespace

ErrorFeedback::Group ErrorFeedback::makeGroup(const float* x, size_t tokens, size_t cols,
                                              size_t first, size_t n, ThreadPool& pool) {
    std::vector<float> a = reversedMoments(x, tokens, cols, first, n, pool);
    cholesky(a, n, pool);
    Group group{first, n, std::vector<float>(n * n), std::vector<float>(n)};
    for (size_t k = 0; k < n; ++k) {
        const size_t column = n - 1 - k;
        const float diagonal = a[column * n + column];
        group.weights[k] = diagonal * diagonal;
        for (size_t i = 0; i < k; ++i) {
            group.feedback[k * n + i] = a[(n - 1 - i) * n + column] / diagonal;
        }
    }
    return group;
}

ErrorFeedback::ErrorFeedback(const float* x, size_t tokens, size_t cols, ThreadPool& pool)
    : cols_(cols) {
    CHECK(cols % kBlock == 0 && tokens > 0);
    const size_t count = (cols + kGroupMax - 1) / kGroupMax;
    const size_t wanted = (cols / kBlock + count - 1) / count * kBlock;
    for (size_t first = 0; first < cols; first += wanted) {
        groups_.push_back(
            makeGroup(x, tokens, cols, first, std::min(wanted, cols - first), pool));
    }
}

// U of elements [k, k + width) among themselves: [i][j] = U_ij for i < j.
std::vector<float> ErrorFeedback::innerOf(const Group& group, size_t k, size_t width) {
    std::vector<float> inner(width * width);
    for (size_t i = 0; i < width; ++i) {
        for (size_t j = 0; j < i; ++j) {
            inner[j * width + i] = group.feedback[(k + i) * group.cols + k + j];
        }
    }
    return inner;
}

// Some rows of one group: `target` [count, group.cols] begins as their weights.
void ErrorFeedback::encodeRows(const Group& group, Dtype dtype, const float* w, size_t count,
                               std::vector<float>& target, std::byte* out,
                               ThreadPool& pool) const {
    const size_t n = group.cols;
    const size_t row_bytes = rowBytes(dtype, cols_);
    std::vector<float> error, update;
    for (size_t k = 0; k < n; k += kTogether) {
        const size_t width = std::min(kTogether, n - k);
        const std::vector<float> inner = innerOf(group, k, width);
        const RowPiece piece{dtype, group.weights.data() + k, inner.data(), width};
        error.resize(count * width);
        pool.forSlices(count, 1, [&](size_t begin, size_t end, size_t) {
            for (size_t r = begin; r < end; ++r) {
                piece.encode(target.data() + r * n + k, w + r * cols_ + group.first + k,
                             error.data() + r * width,
                             out + r * row_bytes + rowBytes(dtype, group.first + k));
            }
        });
        const size_t from = k + width;
        const size_t rest = n - from;
        if (rest == 0) break;
        update.resize(count * rest);
        matmul(floatRows(group.feedback.data() + from * n + k, rest, width, n), nullptr,
               InputRows{error.data(), count, width, nullptr}, update.data(), pool);
        for (size_t r = 0; r < count; ++r) {
            addInPlace(target.data() + r * n + from, update.data() + r * rest, rest);
        }
    }
}

void ErrorFeedback::encode(Dtype dtype, const float* w, size_t rows, std::byte* out,
                           ThreadPool& pool) const {
    std::vector<float> target;
    for (const Group& group : groups_) {
        for (size_t first = 0; first < rows; first += kRowsAtOnce) {
            const size_t count = std::min(kRowsAtOnce, rows - first);
            target.resize(count * group.cols);
            for (size_t r = 0; r < count; ++r) {
                std::copy_n(w + (first + r) * cols_ + group.first, group.cols,
                            target.data() + r * group.cols);
            }
            encodeRows(group, dtype, w + first * cols_, count, target,
                       out + first * rowBytes(dtype, cols_), pool);
        }
    }
}

}  // namespace glowworm
