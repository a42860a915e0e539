// SPDX-License-Identifier: Apache-2.0
// Where things lie on this machine: one data folder, shared by the window and the command line.
//   DATA/models/NAME     a bundle; NAME.partial beside it is an import under way, or a broken one
//   DATA/starter/*.gguf  the starter model as packaging/run fetched it
// Plain values without Qt, so that the command line starts at once. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace glowworm {

class DataPaths {
  public:
    explicit DataPaths(std::string root) : m_root(std::move(root)) {}
    // `dataDir`, or when that is empty $XDG_DATA_HOME/glowworm, or ~/.local/share/glowworm.
    static DataPaths choose(const std::string& dataDir);

    [[nodiscard]] const std::string& root() const { return m_root; }
    [[nodiscard]] std::string models() const { return m_root + "/models"; }
    [[nodiscard]] std::string bundle(const std::string& name) const {
        return models() + "/" + name;
    }
    // The first GGUF file in DATA/starter, "" for none.
    [[nodiscard]] std::string starterFile() const;

    // Names of the bundles in DATA/models in alphabetical order, whole ones only. A folder that
    // cannot be read is an error; one that is not there yet is an empty list.
    [[nodiscard]] Result<std::vector<std::string>> installed() const;
    [[nodiscard]] bool isInstalled(const std::string& name) const;

  private:
    std::string m_root;
};

// Whether a folder is a bundle (it has a manifest).
[[nodiscard]] bool isBundle(const std::string& path);

// Whether a model may have this name: a plain file name without spaces at its ends, not hidden, not
// "starter", not ending in ".partial". The error says which.
Status checkModelName(std::string_view name);

}  // namespace glowworm
