// SPDX-License-Identifier: Apache-2.0
// Archives as an enemy would write them: any tar entry, any lie about its size, compressed or not.
#pragma once

#include <QByteArray>

#include "app/library/tarheader.h"

namespace glowworm {

class ArchiveBuilder {
  public:
    // A plain file as it should be.
    ArchiveBuilder& file(const std::string& name, const QByteArray& content);
    // An entry of another type ('1' hard link, '2' symbolic link, '3' device, '5' folder...).
    ArchiveBuilder& entry(char type, const std::string& name, const std::string& link = {});
    // A header that announces `bytes`, and whatever follows.
    ArchiveBuilder& header(const std::string& name, uint64_t bytes);
    ArchiveBuilder& raw(const QByteArray& bytes);
    // Ends the tar, compresses it and writes it.
    void write(const std::string& path);
    // Writes what there is as it is.
    [[nodiscard]] const QByteArray& tar() const { return m_tar; }

  private:
    QByteArray m_tar;
};

// Compresses with zstd.
void writeCompressed(const std::string& path, const QByteArray& content);

}  // namespace glowworm
