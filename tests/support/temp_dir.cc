// SPDX-License-Identifier: Apache-2.0
#include "tests/support/temp_dir.h"

#include <cstdlib>
#include <system_error>

#include "core/base/check.h"

namespace glowworm {

TempDir::TempDir() {
    namespace fs = std::filesystem;
    std::string pattern = (fs::temp_directory_path() / "glowworm-test-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace glowworm
