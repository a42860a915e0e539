// SPDX-License-Identifier: Apache-2.0
// A folder of its own for one test, removed when the test ends.
#pragma once

#include <filesystem>
#include <string>

namespace glowworm {

class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace glowworm
