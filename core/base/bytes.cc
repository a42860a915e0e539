// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytes.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace glowworm {

namespace {

constexpr std::string_view kUnits = "BKMGTPE";

// The power of 1024 that a unit stands for; nothing for what is no unit.
std::optional<unsigned> unitPower(std::string_view unit) {
    if (unit.empty()) return 0;
    std::string upper;
    for (const unsigned char c : unit) upper += static_cast<char>(std::toupper(c));
    const size_t power = kUnits.find(upper[0]);
    if (power == std::string_view::npos) return std::nullopt;
    const std::string_view rest = std::string_view(upper).substr(1);
    const bool known = rest.empty() || (power > 0 && (rest == "B" || rest == "IB"));
    return known ? std::optional(static_cast<unsigned>(power)) : std::nullopt;
}

// The bytes of `whole` and a decimal `fraction` ("5" for .5) of 1024 to the `power`.
std::optional<uint64_t> scaled(uint64_t whole, std::string_view fraction, unsigned power) {
    const uint64_t unit = uint64_t{1} << (10 * power);
    if (whole > UINT64_MAX / unit) return std::nullopt;
    double part = 0;
    for (size_t i = fraction.size(); i > 0; --i) part = (part + (fraction[i - 1] - '0')) / 10;
    const auto extra = static_cast<uint64_t>(part * static_cast<double>(unit));
    const uint64_t bytes = whole * unit;
    return extra <= UINT64_MAX - bytes ? std::optional(bytes + extra) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<uint64_t> parsed(std::string_view text) {
    text = trimmed(text);
    uint64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    std::string_view fraction;
    if (text.starts_with('.')) {
        const size_t fraction_end = std::min(text.find_first_not_of("0123456789", 1), text.size());
        fraction = text.substr(1, fraction_end - 1);
        text.remove_prefix(fraction_end);
        if (fraction.empty()) return std::nullopt;
    }
    const std::optional<unsigned> power = unitPower(trimmed(text));
    if (!power || (*power == 0 && !fraction.empty())) return std::nullopt;
    return scaled(whole, fraction, *power);
}

}  // namespace

std::string formatBytes(uint64_t bytes) {
    size_t power = 0;
    auto value = static_cast<double>(bytes);
    // 1023.95 of a unit would be written as 1024.
    while (value >= (power == 0 ? 1024.0 : 1023.95)) {
        value /= 1024;
        ++power;
    }
    const auto tenths = static_cast<uint64_t>(value * 10 + 0.5);
    std::string text = std::to_string(tenths / 10);
    if (tenths % 10 != 0) text += '.' + std::to_string(tenths % 10);
    return text + ' ' + (power == 0 ? "B" : std::string(1, kUnits[power]) + "iB");
}

Result<uint64_t> parseBytes(std::string_view text) {
    if (const std::optional<uint64_t> bytes = parsed(text)) return *bytes;
    return fail(ErrorCode::kInvalidArgument,
                "\"" + std::string(text) + "\" is not a size (write 300M, 1.5G or plain bytes)");
}

}  // namespace glowworm
