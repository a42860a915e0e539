// SPDX-License-Identifier: Apache-2.0
// The file beneath an archive's compression: large, sequential, kept out of the page cache, faults
// remembered as our errors. (KCompressionDevice knows no error of reading, and of writing only that
// there was one: ask fault().) One thread.
#pragma once

#include <string>

#include <QIODevice>

#include "core/base/error.h"

namespace glowworm {

class PlainFile : public QIODevice {
    Q_OBJECT

  public:
    // kCreate replaces what is there.
    enum class Use { kRead, kCreate };
    explicit PlainFile(std::string path) : m_path(std::move(path)) {}
    ~PlainFile() override;

    Status openFor(Use use);
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] bool atEnd() const override;
    // The first thing that went wrong.
    [[nodiscard]] const Status& fault() const { return m_fault; }
    // Everything written is on the disk, or the error.
    Status sync();

  protected:
    // 0, never -1, after an error.
    qint64 readData(char* data, qint64 bytesMax) override;
    qint64 writeData(const char* data, qint64 bytes) override;

  private:
    void advance(qint64 bytes);
    Status fail(const char* action);

    std::string m_path;
    Status m_fault;
    int m_descriptor = -1;
    qint64 m_position = 0;
    qint64 m_dropped = 0;  // of these, out of the page cache
    bool m_atEnd = false;
};

}  // namespace glowworm
