// SPDX-License-Identifier: Apache-2.0
#include "core/text/json_fields.h"

#include <limits>

namespace glowworm {
namespace {
const Json kNull;
}

Result<Json> parseJsonObject(std::string_view text, const std::string& path) {
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) {
        return fail(ErrorCode::kInvalidFile,
                    path + " is not well-formed JSON; it may be truncated");
    }
    if (!json.is_object()) return fail(ErrorCode::kInvalidFile, path + " is not a JSON object");
    return json;
}

const Json& member(const Json& object, const char* name) {
    if (!object.is_object()) return kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

std::string stringOr(const Json& object, const char* name, std::string_view otherwise) {
    const Json& value = member(object, name);
    return value.is_string() ? value.get_ref<const std::string&>() : std::string(otherwise);
}

bool boolOr(const Json& object, const char* name, bool otherwise) {
    const Json& value = member(object, name);
    return value.is_boolean() ? value.get<bool>() : otherwise;
}

int32_t idOr(const Json& value, int32_t otherwise) {
    if (!value.is_number_integer()) return otherwise;
    if (value.is_number_unsigned() && value.get<uint64_t>() > INT32_MAX) return otherwise;
    const auto id = value.get<int64_t>();
    return id < -1 || id > INT32_MAX ? otherwise : static_cast<int32_t>(id);
}

Result<std::vector<std::string>> stringArray(const Json& object, const char* name,
                                             const std::string& path) {
    const Json& array = member(object, name);
    if (!array.is_array()) {
        return fail(ErrorCode::kInvalidFile, path + ": \"" + name + "\" is not an array");
    }
    std::vector<std::string> out;
    out.reserve(array.size());
    for (const Json& value : array) {
        if (!value.is_string()) {
            return fail(ErrorCode::kInvalidFile,
                        path + ": \"" + name + "\" has something that is not a string");
        }
        out.push_back(value.get_ref<const std::string&>());
    }
    return out;
}

}  // namespace glowworm
