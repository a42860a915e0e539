// SPDX-License-Identifier: Apache-2.0
#include "app/cli/textfile.h"

#include <cerrno>
#include <fstream>
#include <sstream>

namespace glowworm {

Result<std::string> readTextFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file) return std::unexpected(systemError("read", path, errno));
    if (text.view().empty()) return fail(ErrorCode::kInvalidArgument, path + " is empty");
    return std::move(text).str();
}

}  // namespace glowworm
