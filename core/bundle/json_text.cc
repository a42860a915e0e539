// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/json_text.h"

namespace glowworm {

namespace {

constexpr size_t kDepthMax = 64;

bool nestedTooDeep(std::string_view text) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kDepthMax) return true;
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

}  // namespace

Result<nlohmann::json> parseJson(std::string_view text, const std::string& path) {
    if (nestedTooDeep(text))
        return fail(ErrorCode::kInvalidFile, path + " is nested too deep to be what it should be");
    try {
        return nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& e) {
        return fail(ErrorCode::kInvalidFile,
                    path + " is not valid JSON (truncated or damaged near byte " +
                        std::to_string(e.byte) + ")");
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::kInvalidFile, path + " has a number that is out of range");
    }
}

}  // namespace glowworm
