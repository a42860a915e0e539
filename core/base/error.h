// SPDX-License-Identifier: Apache-2.0
// What the outside world answers: Result<T>, a value or an Error. Files, disk, network and memory
// report through it; our own mistakes are CHECKs (check.h). No exception crosses a header of core/.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace glowworm {

// The kind of failure, for callers that act on it; people read `message`.
enum class ErrorCode {
    kInvalidArgument,  // what was asked cannot be done (a bad option, an impossible size)
    kInvalidFile,      // a file is truncated, corrupted, hostile or not what its name says
    kUnsupported,      // well formed, but a kind that we do not handle; the message names it
    kNotFound,         // no such file, model, tensor
    kPermission,       // the system refuses access
    kNoSpace,          // the disk (or a quota) is full
    kIo,               // the device failed
    kBudget,           // the memory budget is too small; the message has the smallest that works
    kOutOfMemory,      // the system has no memory to give
    kCancelled,        // the person stopped it
};

// A message says what is wrong, where (the file, the tensor, the byte), and what to do about it.
struct Error {
    ErrorCode code;
    std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}

// The Error for the present `errno` (or `errno_value`) after `action` failed on `path`:
// "cannot open /a/b: permission denied; ...". Maps ENOENT, EACCES, ENOSPC, ENOMEM to their codes.
[[nodiscard]] Error systemError(std::string action, std::string path, int errno_value);

}  // namespace glowworm

#define GLOWWORM_CONCAT_(a, b) a##b
#define GLOWWORM_CONCAT(a, b) GLOWWORM_CONCAT_(a, b)

// Returns the error of `expr` (a Result) to our own caller, or goes on.
#define RETURN_IF_ERROR(expr)                                                          \
    do {                                                                               \
        if (auto status_ = (expr); !status_) return std::unexpected(status_.error());  \
    } while (false)

// ASSIGN_OR_RETURN(auto x, f()); takes the value of a Result or returns its error.
#define ASSIGN_OR_RETURN(declaration, expr) \
    ASSIGN_OR_RETURN_(GLOWWORM_CONCAT(result_, __LINE__), declaration, expr)
#define ASSIGN_OR_RETURN_(tmp, declaration, expr)              \
    auto tmp = (expr);                                         \
    if (!tmp) return std::unexpected(std::move(tmp).error());  \
    declaration = *std::move(tmp)
