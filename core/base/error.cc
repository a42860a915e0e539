// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <cerrno>
#include <system_error>

namespace glowworm {

namespace {

struct Cause {
    ErrorCode code;
    const char* advice;
};

Cause causeOf(int errno_value) {
    switch (errno_value) {
        case ENOENT:
        case ENOTDIR: return {ErrorCode::kNotFound, "check the path"};
        case EACCES:
        case EPERM:
        case EROFS: return {ErrorCode::kPermission, "check who may read and write there"};
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return {ErrorCode::kNoSpace, "free some space or choose another folder"};
        case ENOMEM: return {ErrorCode::kOutOfMemory, "close other programs or lower the budget"};
        case EMFILE:
        case ENFILE: return {ErrorCode::kIo, "too many open files; close other programs"};
        default: return {ErrorCode::kIo, "the disk may be failing or was unplugged"};
    }
}

}  // namespace

Error systemError(std::string action, std::string path, int errno_value) {
    const Cause cause = causeOf(errno_value);
    return Error{cause.code, "cannot " + std::move(action) + " " + std::move(path) + ": " +
                                 std::generic_category().message(errno_value) + " (" +
                                 cause.advice + ")"};
}

}  // namespace glowworm
