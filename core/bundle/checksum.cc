// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/checksum.h"

#include <xxhash.h>

#include "core/base/check.h"

namespace glowworm {

uint64_t checksumOf(std::span<const std::byte> bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

uint64_t checksumOf(std::string_view text) { return checksumOf(std::as_bytes(std::span(text))); }

struct RunningChecksum::State {
    State() : xxh(XXH3_createState()) {
        CHECK(xxh != nullptr);
        XXH3_64bits_reset(xxh);
    }
    ~State() { XXH3_freeState(xxh); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    XXH3_state_t* xxh;
};

RunningChecksum::RunningChecksum() : state_(std::make_unique<State>()) {}
RunningChecksum::~RunningChecksum() = default;
RunningChecksum::RunningChecksum(RunningChecksum&&) noexcept = default;
RunningChecksum& RunningChecksum::operator=(RunningChecksum&&) noexcept = default;

void RunningChecksum::add(std::span<const std::byte> bytes) {
    XXH3_64bits_update(state_->xxh, bytes.data(), bytes.size());
}

uint64_t RunningChecksum::value() const { return XXH3_64bits_digest(state_->xxh); }

std::string checksumText(uint64_t checksum) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (size_t i = 0; i < 16; ++i) text[i] = kDigits[(checksum >> (60 - 4 * i)) & 15];
    return text;
}

std::optional<uint64_t> checksumFromText(std::string_view text) {
    if (text.size() != 16) return std::nullopt;
    uint64_t value = 0;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
        value = value * 16 + static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
    }
    return value;
}

}  // namespace glowworm
