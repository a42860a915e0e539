// SPDX-License-Identifier: Apache-2.0
// A "full disk" for as long as it lives: no file of this process may grow beyond `bytes`.
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace glowworm {

class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        m_signal = std::signal(SIGXFSZ, SIG_IGN);  // then the write fails instead
        getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit m_before{};
    void (*m_signal)(int) = nullptr;
};

}  // namespace glowworm
