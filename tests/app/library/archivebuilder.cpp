// SPDX-License-Identifier: Apache-2.0
#include "tests/app/library/archivebuilder.h"

#include <cstring>

#include <KCompressionDevice>

namespace glowworm {

namespace {

QByteArray bytesOf(const TarBlock& block) {
    return {block.data(), static_cast<qsizetype>(block.size())};
}

// After a header was changed by hand.
void mendChecksum(TarBlock& block) {
    std::memset(block.data() + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    const QByteArray digits = QByteArray::number(sum, 8).rightJustified(6, '0');
    std::memcpy(block.data() + 148, digits.constData(), 6);
    block[154] = 0;
}

}  // namespace

ArchiveBuilder& ArchiveBuilder::header(const std::string& name, uint64_t bytes) {
    m_tar += bytesOf(writeTarHeader({name, bytes}));
    return *this;
}

ArchiveBuilder& ArchiveBuilder::file(const std::string& name, const QByteArray& content) {
    const auto bytes = static_cast<uint64_t>(content.size());
    header(name, bytes);
    m_tar += content + QByteArray(static_cast<qsizetype>(tarPadding(bytes)), '\0');
    return *this;
}

ArchiveBuilder& ArchiveBuilder::entry(char type, const std::string& name,
                                      const std::string& link) {
    TarBlock block = writeTarHeader({name, 0});
    block[156] = type;
    std::memcpy(block.data() + 157, link.data(), link.size());
    mendChecksum(block);
    m_tar += bytesOf(block);
    return *this;
}

ArchiveBuilder& ArchiveBuilder::raw(const QByteArray& bytes) {
    m_tar += bytes;
    return *this;
}

void ArchiveBuilder::write(const std::string& path) {
    writeCompressed(path, m_tar + QByteArray(2 * kTarBlockBytes, '\0'));
}

void writeCompressed(const std::string& path, const QByteArray& content) {
    KCompressionDevice device(QString::fromStdString(path), KCompressionDevice::Zstd);
    device.open(QIODevice::WriteOnly);
    device.write(content);
    device.close();
}

}  // namespace glowworm
