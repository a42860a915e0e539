// SPDX-License-Identifier: Apache-2.0
#include "core/import/model_card.h"

#include <algorithm>

#include "core/io/file.h"

namespace glowworm {

namespace {

constexpr uint64_t kCardBytesMax = uint64_t{4} << 20;
constexpr size_t kValueBytesMax = 300;

std::string_view trimmed(std::string_view text) {
    static constexpr std::string_view kAround = " \t\r\n\"'#*";
    const size_t begin = text.find_first_not_of(kAround);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kAround) - begin + 1);
}

// Takes the first line off `text`.
std::string_view takeLine(std::string_view& text) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

}  // namespace

ModelLicense licenseFromReadme(std::string_view readme) {
    ModelLicense license;
    std::string own_name;
    if (trimmed(takeLine(readme)) != "---") return license;
    while (!readme.empty()) {
        const std::string_view line = takeLine(readme);
        if (trimmed(line) == "---") break;
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string value(trimmed(line.substr(colon + 1)).substr(0, kValueBytesMax));
        const std::string_view key = line.substr(0, colon);
        if (key == "license") license.name = value;
        if (key == "license_name") own_name = value;
        if (key == "license_link") license.link = value;
    }
    if (license.name == "other" && !own_name.empty()) license.name = own_name;
    return license;
}

ModelLicense licenseOfFolder(const std::string& folder) {
    if (const auto readme = readWholeFile(folder + "/README.md", kCardBytesMax)) {
        const ModelLicense license = licenseFromReadme(*readme);
        if (!license.name.empty()) return license;
    }
    for (const char* file : {"/LICENSE", "/LICENSE.txt", "/LICENSE.md"}) {
        const auto text = readWholeFile(folder + file, kCardBytesMax);
        if (!text) continue;
        std::string_view left = *text;
        while (!left.empty()) {
            const std::string_view line = trimmed(takeLine(left));
            if (!line.empty()) return {std::string(line.substr(0, kValueBytesMax)), ""};
        }
    }
    return {};
}

}  // namespace glowworm
