// SPDX-License-Identifier: Apache-2.0
#include "core/base/check.h"

#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace glowworm {

namespace {
void writeText(const char* text) {
    // The program is about to end: nothing can be done about a failed write.
    [[maybe_unused]] const auto ignored = write(STDERR_FILENO, text, std::strlen(text));
}
}  // namespace

void checkFailed(const char* file, int line, const char* condition) {
    char number[16];
    char* end = number + sizeof number - 1;
    *end = '\0';
    do {
        *--end = static_cast<char>('0' + line % 10);
        line /= 10;
    } while (line > 0);
    writeText("glowworm: a mistake of ours: CHECK(");
    writeText(condition);
    writeText(") failed at ");
    writeText(file);
    writeText(":");
    writeText(end);
    writeText("\n");
    std::abort();
}

}  // namespace glowworm
