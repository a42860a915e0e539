// SPDX-License-Identifier: Apache-2.0
#include "app/library/plainfile.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace glowworm {

namespace {
constexpr qint64 kDropEvery = qint64{32} << 20;
}

PlainFile::~PlainFile() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

Status PlainFile::fail(const char* action) {
    if (m_fault) m_fault = std::unexpected(systemError(action, m_path, errno));
    return m_fault;
}

Status PlainFile::openFor(Use use) {
    const bool reads = use == Use::kRead;
    // O_NONBLOCK: opening a pipe that nobody writes would wait for ever.
    m_descriptor = ::open(m_path.c_str(),
                          (reads ? O_RDONLY | O_NONBLOCK : O_WRONLY | O_CREAT | O_TRUNC) |
                              O_CLOEXEC, 0666);
    if (m_descriptor < 0) return fail(reads ? "open" : "write");
    struct stat info{};
    if (::fstat(m_descriptor, &info) != 0) return fail("look at");
    if (!S_ISREG(info.st_mode)) {
        m_fault = glowworm::fail(ErrorCode::kInvalidFile, m_path + " is not a regular file");
        return m_fault;
    }
    QIODevice::open(reads ? QIODevice::ReadOnly : QIODevice::WriteOnly);
    return {};
}

bool PlainFile::atEnd() const { return m_atEnd && QIODevice::atEnd(); }

Status PlainFile::sync() {
    if (m_fault && ::fdatasync(m_descriptor) != 0) return fail("write");
    return m_fault;
}

void PlainFile::advance(qint64 bytes) {
    m_position += bytes;
    if (m_position - m_dropped < kDropEvery) return;
    if (openMode() == QIODevice::WriteOnly) static_cast<void>(sync());
    ::posix_fadvise(m_descriptor, m_dropped, m_position - m_dropped, POSIX_FADV_DONTNEED);
    m_dropped = m_position;
}

qint64 PlainFile::readData(char* data, qint64 bytesMax) {
    if (!m_fault) return 0;
    ssize_t got = 0;
    do {
        got = ::read(m_descriptor, data, static_cast<size_t>(bytesMax));
    } while (got < 0 && errno == EINTR);
    if (got < 0) static_cast<void>(fail("read"));
    m_atEnd = got <= 0;
    if (got <= 0) return 0;
    advance(got);
    return got;
}

qint64 PlainFile::writeData(const char* data, qint64 bytes) {
    if (!m_fault) return -1;
    for (qint64 done = 0; done < bytes;) {
        const ssize_t wrote =
            ::write(m_descriptor, data + done, static_cast<size_t>(bytes - done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) {
            static_cast<void>(fail("write"));
            return -1;
        }
        done += wrote;
        advance(wrote);
    }
    return m_fault ? bytes : -1;
}

}  // namespace glowworm
