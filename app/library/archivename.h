// SPDX-License-Identifier: Apache-2.0
// What the name of a file says about archives of models. Plain values without Qt; any thread.
#pragma once

#include <string>

namespace glowworm {

// Whether a file's name says that it is a model in one file (bundlearchive.h).
[[nodiscard]] bool isArchiveName(const std::string& path);
// The model's name that an archive's name suggests: its file name without the ending.
[[nodiscard]] std::string archiveBaseName(const std::string& path);

}  // namespace glowworm
