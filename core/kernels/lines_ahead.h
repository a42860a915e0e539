// SPDX-License-Identifier: Apache-2.0
// Asks for rows that come later, line by line and row by row while others are used: an order that
// the processor's own prefetcher recognises, even where rows are short or lie anywhere. Into the
// second-level cache, since the first has too few misses in flight to keep the memory busy.
#pragma once

#include <cstddef>

namespace glowworm {

class LinesAhead {
  public:
    // Bytes [begin, begin + bytes) of each of `n_rows` rows.
    LinesAhead(const std::byte* const* rows, size_t n_rows, size_t begin, size_t bytes)
        : row_(rows), last_(rows + n_rows - 1), begin_(begin), bytes_(bytes) {}

    void ask(size_t lines) {
        for (size_t i = 0; i < lines; ++i) {
            __builtin_prefetch(*row_ + begin_ + offset_, 0, 2);
            offset_ += 64;
            if (offset_ >= bytes_) {
                offset_ = 0;
                row_ += row_ != last_ ? 1 : 0;
            }
        }
    }

  private:
    const std::byte* const* row_;
    const std::byte* const* last_;
    size_t begin_;
    size_t bytes_;
    size_t offset_ = 0;
};

}  // namespace glowworm
