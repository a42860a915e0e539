// SPDX-License-Identifier: Apache-2.0
#include "core/import/free_space.h"

#include <filesystem>

#include "core/io/file.h"

namespace glowworm {

Status checkSpace(const std::string& bundle_dir, uint64_t bytes) {
    const std::string parent = std::filesystem::path(bundle_dir).parent_path().string();
    const std::string folder = parent.empty() ? "." : parent;
    RETURN_IF_ERROR(makeFolders(folder));
    ASSIGN_OR_RETURN(const uint64_t free, freeBytes(folder));
    if (free >= bytes) return {};
    return fail(ErrorCode::kNoSpace, "the model needs " + std::to_string(bytes >> 20) + " MB in " +
                                         folder + ", which has " + std::to_string(free >> 20) +
                                         " MB free; make room or choose another folder");
}

}  // namespace glowworm
