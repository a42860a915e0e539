// SPDX-License-Identifier: Apache-2.0
// The licence of a model folder, from the front matter of its README.md, else from the first lines
// of its LICENSE file.
#pragma once

#include <string>
#include <string_view>

namespace glowworm {

struct ModelLicense {
    std::string name;  // "apache-2.0"; "" where nothing is said
    std::string link;
};

// `readme` is README.md's text: YAML between two lines of "---". license_name counts where license
// is "other".
[[nodiscard]] ModelLicense licenseFromReadme(std::string_view readme);
// Of a folder; unreadable files are as good as absent ones.
[[nodiscard]] ModelLicense licenseOfFolder(const std::string& folder);

}  // namespace glowworm
