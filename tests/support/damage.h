// SPDX-License-Identifier: Apache-2.0
// Ways to spoil a file, for readers that must say so and never crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace glowworm {

[[nodiscard]] std::string readText(const std::string& path);
void writeText(const std::string& path, const std::string& text);
void flipBit(const std::string& path, size_t bit);

// Runs `body` in a child process and returns what waitpid says. The child ends with body's value.
int inChild(const std::function<int()>& body);
// In a child only: files may have `bytes` at most, as on a full disk; no signal, an error.
void limitFileSize(uint64_t bytes);
// In a child only: gives up root for the user "nobody". False where that is not allowed.
bool becomeNobody();

}  // namespace glowworm
