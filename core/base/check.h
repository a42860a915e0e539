// SPDX-License-Identifier: Apache-2.0
// CHECK: our own mistakes end the program at once, with file, line and the condition. Never for
// what a file, a disk or a person may cause (that is error.h). DCHECK is a CHECK of debug builds.
#pragma once

namespace glowworm {
[[noreturn]] void checkFailed(const char* file, int line, const char* condition);
}

#define CHECK(condition)                                                         \
    do {                                                                         \
        if (!(condition)) [[unlikely]]                                           \
            ::glowworm::checkFailed(__FILE__, __LINE__, #condition);             \
    } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
    do {                  \
    } while (false)
#else
#define DCHECK(condition) CHECK(condition)
#endif
