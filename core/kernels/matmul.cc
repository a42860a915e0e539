// SPDX-License-Identifier: Apache-2.0
// matmul and gatherDot: the same dot products over rows at a stride or anywhere.
#include <array>

#include "core/base/check.h"
#include "core/kernels/for_dtype.h"
#include "core/kernels/kernels.h"
#include "core/kernels/simd_targets.h"
#include "core/kernels/work.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/matmul.cc"
#include "hwy/foreach_target.h"

#include "core/kernels/dot-inl.h"
#include "core/kernels/panel-inl.h"

#ifndef GLOWWORM_MATMUL_TASK
#define GLOWWORM_MATMUL_TASK
namespace glowworm {

// Rows by number: at a stride, or anywhere.
struct RowSource {
    const MatrixView* matrix = nullptr;
    const std::byte* const* pointers = nullptr;
    [[nodiscard]] const std::byte* row(size_t r) const {
        return matrix != nullptr ? matrix->row(r) : pointers[r];
    }
    // Rows [r, r + kRows), the last one repeated past `end`.
    template <size_t kRows>
    [[nodiscard]] std::array<const std::byte*, kRows> group(size_t r, size_t end) const {
        std::array<const std::byte*, kRows> rows;
        for (size_t i = 0; i < kRows; ++i) rows[i] = row(r + i < end ? r + i : end - 1);
        return rows;
    }
};

struct DotTask {
    RowSource source;
    Dtype dtype = Dtype::kF32;
    InputRows x;          // whole
    size_t token = 0;     // the first one wanted
    size_t n_tokens = 0;  // how many
    const float* bias = nullptr;
    float* y = nullptr;
    size_t y_stride = 0;
};

}  // namespace glowworm
#endif

HWY_BEFORE_NAMESPACE();
namespace glowworm::HWY_NAMESPACE {

// From this many inputs on, unpacking a panel of rows pays.
inline constexpr size_t kPanelFrom = 4;

// Rows are asked for about this many bytes before they are used: what memory delivers while it lets
// one wait once.
inline constexpr size_t kAheadBytes = 8192;

// The group of rows to ask for while the one at `r` is used.
template <size_t kRows>
HWY_INLINE auto groupAhead(const DotTask& task, size_t r, size_t end) {
    const size_t group_bytes = rowBytes(task.dtype, task.x.cols) * kRows;
    const size_t groups = 1 + kAheadBytes / group_bytes;
    return task.source.group<kRows>(HWY_MIN(r + groups * kRows, end - 1), end);
}

template <Dtype kType>
void dotFloatRows(const DotTask& task, size_t begin, size_t end) {
    const size_t cols = task.x.cols;
    for (size_t r = begin; r < end; r += kRowTile) {
        const auto rows = task.source.group<kRowTile>(r, end);
        const auto ahead = groupAhead<kRowTile>(task, r, end);
        dotRows4Many<kType>(rows.data(), ahead.data(), task.x.values + task.token * cols, cols,
                            task.n_tokens, cols, task.y + r, task.y_stride,
                            HWY_MIN(kRowTile, end - r));
    }
}

template <Dtype kType>
void dotBlockRows(const DotTask& task, size_t begin, size_t end) {
    const QuantisedInput x = quantisedInput(task.x).from(task.token);
    if (task.n_tokens >= kPanelFrom) {
        for (size_t r = begin; r < end; r += kPanelRows) {
            const auto rows = task.source.group<kPanelRows>(r, end);
            dotPanel<kType>(rows.data(), x, task.n_tokens, task.y + r, task.y_stride,
                            HWY_MIN(kPanelRows, end - r));
        }
        return;
    }
    for (size_t r = begin; r < end; r += kRowGroup) {
        const auto rows = task.source.group<kRowGroup>(r, end);
        const auto ahead = groupAhead<kRowGroup>(task, r, end);
        for (size_t t = 0; t < task.n_tokens; ++t) {
            dotRowGroup<kType>(rows.data(), ahead.data(), x.from(t), task.y + t * task.y_stride + r,
                               HWY_MIN(kRowGroup, end - r));
        }
    }
}

template <Dtype kType>
void dotDecodedRows(const DotTask& task, size_t begin, size_t end) {
    const size_t cols = task.x.cols;
    for (size_t r = begin; r < end; ++r) {
        for (size_t t = 0; t < task.n_tokens; ++t) {
            const float* x = task.x.values + (task.token + t) * cols;
            task.y[t * task.y_stride + r] = dotDecoded<kType>(task.source.row(r), x, cols);
        }
    }
}

// Rows [begin, end) of the task.
void dotTaskRows(const DotTask& task, size_t begin, size_t end) {
    forDtype(task.dtype, [&]<Dtype kType>() HWY_ATTR {
        if constexpr (isFloat(kType)) {
            dotFloatRows<kType>(task, begin, end);
        } else if (task.x.quantised != nullptr) {
            dotBlockRows<kType>(task, begin, end);
        } else {
            dotDecodedRows<kType>(task, begin, end);
        }
    });
    if (task.bias == nullptr) return;
    for (size_t t = 0; t < task.n_tokens; ++t) {
        float* y = task.y + t * task.y_stride;
        for (size_t r = begin; r < end; ++r) y[r] += task.bias[r];
    }
}

const char* targetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace glowworm::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace glowworm {
namespace {
HWY_EXPORT(dotTaskRows);
HWY_EXPORT(targetName);

constexpr size_t kGrain = 16;  // rows: a multiple of every tile's

void runTask(const DotTask& task, size_t rows, ThreadPool& pool) {
    const auto dot = HWY_DYNAMIC_POINTER(dotTaskRows);
    forPieces(pool, rows, kGrain, task.x.cols * task.n_tokens,
              [&](size_t begin, size_t end, size_t) { dot(task, begin, end); });
}
}  // namespace

void matmul(const MatrixView& w, const float* bias, const InputRows& x, float* y,
            ThreadPool& pool) {
    CHECK(w.cols == x.cols);
    CHECK(w.cols % blockElements(w.dtype) == 0);
    const DotTask task{.source = {.matrix = &w, .pointers = nullptr}, .dtype = w.dtype, .x = x,
                       .token = 0, .n_tokens = x.n_tokens, .bias = bias, .y = y,
                       .y_stride = w.rows};
    runTask(task, w.rows, pool);
}

void gatherDot(std::span<const std::byte* const> rows, Dtype dtype, const InputRows& x,
               size_t token, float* out, ThreadPool& pool) {
    CHECK(token < x.n_tokens);
    CHECK(x.cols % blockElements(dtype) == 0);
    const DotTask task{.source = {.matrix = nullptr, .pointers = rows.data()},
                       .dtype = dtype,
                       .x = x,
                       .token = token,
                       .n_tokens = 1,
                       .bias = nullptr,
                       .y = out,
                       .y_stride = rows.size()};
    runTask(task, rows.size(), pool);
}

const char* simdTargetName() { return HWY_DYNAMIC_DISPATCH(targetName)(); }

}  // namespace glowworm
#endif
