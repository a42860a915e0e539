// SPDX-License-Identifier: Apache-2.0
#include "core/import/byte_reader.h"

#include <algorithm>
#include <bit>
#include <span>

namespace glowworm {

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

namespace {
constexpr uint64_t kBufferBytes = uint64_t{256} << 10;
}

Status ByteReader::copy(std::span<std::byte> out) {
    if (out.size() > left()) return fault("the file ends here (truncated?)");
    while (!out.empty()) {
        if (used_ == buffer_.size()) {
            buffer_begin_ += used_;
            used_ = 0;
            buffer_.resize(std::min(kBufferBytes, file_.sizeBytes() - buffer_begin_));
            RETURN_IF_ERROR(file_.read(buffer_begin_, buffer_));
        }
        const size_t count = std::min(out.size(), buffer_.size() - used_);
        std::ranges::copy_n(buffer_.begin() + static_cast<ptrdiff_t>(used_),
                            static_cast<ptrdiff_t>(count), out.begin());
        used_ += count;
        out = out.subspan(count);
    }
    return {};
}

Result<std::string> ByteReader::text(uint64_t length, uint64_t length_max) {
    if (length > length_max)
        return fault("a text of " + std::to_string(length) + " bytes is longer than any may be");
    if (length > left()) return fault("a text reaches past the end of the file (truncated?)");
    std::string text(length, '\0');
    RETURN_IF_ERROR(copy(std::as_writable_bytes(std::span(text))));
    return text;
}

std::unexpected<Error> ByteReader::fault(const std::string& what) const {
    return fail(ErrorCode::kInvalidFile,
                file_.path() + ", byte " + std::to_string(position()) + ": " + what);
}

}  // namespace glowworm
