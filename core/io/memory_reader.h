// SPDX-License-Identifier: Apache-2.0
// The FlashReader over bytes in memory: the reference that the others must agree with, and the
// reader of tests. Bytes are copied when the completion is handed out, never earlier, in the order
// of submission.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/io/flash_reader.h"

namespace glowworm {

// Loads the whole of `path`.
Result<std::unique_ptr<FlashReader>> openMemoryReader(const std::string& path, size_t depth);

// Reads from `bytes`, which the caller keeps alive; `name` stands for the path in errors.
std::unique_ptr<FlashReader> memoryReader(std::span<const std::byte> bytes, std::string name,
                                          size_t depth);

}  // namespace glowworm
