// SPDX-License-Identifier: Apache-2.0
// Reads little-endian numbers and counted texts front to back from a file through a small buffer,
// never past its end. For headers of binary formats.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/file.h"

namespace glowworm {

class ByteReader {
  public:
    explicit ByteReader(const InputFile& file) : file_(file) {}

    [[nodiscard]] uint64_t position() const { return buffer_begin_ + used_; }
    [[nodiscard]] uint64_t left() const { return file_.sizeBytes() - position(); }

    // An arithmetic type of 1, 2, 4 or 8 bytes; kInvalidFile where the file ends.
    template <typename T>
        requires std::integral<T> || std::floating_point<T>
    Result<T> read() {
        std::byte bytes[sizeof(T)];
        RETURN_IF_ERROR(copy(bytes));
        T value;
        std::memcpy(&value, bytes, sizeof(T));
        return value;
    }
    // A text of `length` bytes, at most `length_max`.
    Result<std::string> text(uint64_t length, uint64_t length_max);

    // kInvalidFile naming the file and the present byte.
    [[nodiscard]] std::unexpected<Error> fault(const std::string& what) const;

  private:
    Status copy(std::span<std::byte> out);

    const InputFile& file_;
    std::vector<std::byte> buffer_;
    uint64_t buffer_begin_ = 0;  // of the buffer in the file
    size_t used_ = 0;            // of the buffer
};

}  // namespace glowworm
