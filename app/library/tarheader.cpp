// SPDX-License-Identifier: Apache-2.0
#include "app/library/tarheader.h"

#include <algorithm>
#include <cstring>
#include <format>
#include <string_view>

namespace glowworm {

namespace {

struct Field {
    size_t offset, bytes;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUser{108, 8}, kGroup{116, 8}, kSize{124, 12},
    kTime{136, 12}, kChecksum{148, 8}, kMagic{257, 6}, kVersion{263, 2}, kPrefix{345, 155};
constexpr size_t kType = 156;
constexpr uint64_t kOctalMax = uint64_t{1} << 33;  // eleven octal digits
constexpr uint64_t kBytesMax = uint64_t{1} << 60;

std::string_view text(std::span<const char> block, Field field) {
    const std::string_view whole(block.data() + field.offset, field.bytes);
    return whole.substr(0, whole.find('\0'));
}

void put(TarBlock& block, Field field, std::string_view value) {
    std::memcpy(block.data() + field.offset, value.data(), std::min(value.size(), field.bytes));
}

// The sum of all bytes, the checksum's own counted as spaces.
uint64_t sumOf(std::span<const char> block) {
    uint64_t sum = 0;
    for (size_t i = 0; i < kTarBlockBytes; ++i) {
        const bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.bytes;
        sum += own ? uint64_t{' '} : static_cast<unsigned char>(block[i]);
    }
    return sum;
}

std::optional<uint64_t> octal(std::string_view digits) {
    while (digits.starts_with(' ')) digits.remove_prefix(1);
    while (digits.ends_with(' ')) digits.remove_suffix(1);
    if (digits.empty()) return std::nullopt;
    uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '7') return std::nullopt;
        value = value * 8 + static_cast<uint64_t>(c - '0');
    }
    return value;
}

std::optional<uint64_t> sizeOf(std::span<const char> block) {
    const auto raw = block.subspan(kSize.offset, kSize.bytes);
    if (static_cast<unsigned char>(raw[0]) != 0x80) return octal(text(block, kSize));
    uint64_t value = 0;
    for (size_t i = 1; i < raw.size(); ++i) {
        if (value > kBytesMax) return std::nullopt;
        value = (value << 8) | static_cast<unsigned char>(raw[i]);
    }
    return value;
}

std::string_view kindOf(char type) {
    switch (type) {
    case '1': return "a hard link";
    case '2': return "a symbolic link";
    case '3':
    case '4': return "a device";
    case '5': return "a folder";
    case '6': return "a pipe";
    default: return "an entry that is no plain file";
    }
}

}  // namespace

TarBlock writeTarHeader(const TarFile& file) {
    TarBlock block{};
    put(block, kName, file.name);
    put(block, kMode, "0000644");
    put(block, kUser, "0000000");
    put(block, kGroup, "0000000");
    put(block, kTime, "00000000000");  // the same bundle gives the same archive
    if (file.bytes < kOctalMax) {
        put(block, kSize, std::format("{:011o}", file.bytes));
    } else {
        block[kSize.offset] = static_cast<char>(0x80);
        for (size_t i = 0; i < 8; ++i)
            block[kSize.offset + kSize.bytes - 1 - i] = static_cast<char>(file.bytes >> (8 * i));
    }
    block[kType] = '0';
    put(block, kMagic, "ustar");
    put(block, kVersion, "00");
    put(block, kChecksum, std::format("{:06o}", sumOf(block)));
    block[kChecksum.offset + 7] = ' ';
    return block;
}

Result<std::optional<TarFile>> readTarHeader(std::span<const char> block) {
    if (std::ranges::all_of(block, [](char c) { return c == 0; })) return std::optional<TarFile>();
    const auto refuse = [](const std::string& why) {
        return fail(ErrorCode::kInvalidFile, why);
    };
    if (!text(block, kMagic).starts_with("ustar")) return refuse("has no tar file in it");
    if (octal(text(block, kChecksum)) != sumOf(block))
        return refuse("is damaged: a tar header does not match its checksum");
    TarFile file;
    // GNU's own magic "ustar  " keeps times where POSIX has the prefix.
    if (text(block, kMagic) == "ustar" && block[kPrefix.offset] != 0)
        file.name = std::string(text(block, kPrefix)) + '/';
    file.name += text(block, kName);
    if (const char type = block[kType]; type != '0' && type != '\0')
        return refuse("has " + std::string(kindOf(type)) + " in it, an archive of a model has "
                      "plain files only");
    const std::optional<uint64_t> bytes = sizeOf(block);
    if (!bytes || *bytes > kBytesMax) return refuse("has a file of an impossible size");
    file.bytes = *bytes;
    return file;
}

}  // namespace glowworm
