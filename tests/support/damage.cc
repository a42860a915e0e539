// SPDX-License-Identifier: Apache-2.0
#include "tests/support/damage.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "core/base/check.h"

namespace glowworm {

std::string readText(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    CHECK(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

void writeText(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    CHECK(out.good());
}

void flipBit(const std::string& path, size_t bit) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(bit / 8));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(bit / 8));
    file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
    CHECK(file.good());
}

int inChild(const std::function<int()>& body) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(body());
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

void limitFileSize(uint64_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

bool becomeNobody() {
    static constexpr uid_t kNobody = 65534;
    return geteuid() != 0 || (setgid(kNobody) == 0 && setuid(kNobody) == 0);
}

}  // namespace glowworm
