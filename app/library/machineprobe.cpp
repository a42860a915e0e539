// SPDX-License-Identifier: Apache-2.0
#include "app/library/machineprobe.h"

#include <memory>
#include <utility>

namespace glowworm {

namespace {
const QString kMeasure = QStringLiteral("measure");
constexpr int kAttemptsMost = 3;  // each writes a file: somebody who never rests is left alone
}  // namespace

MachineProbe::MachineProbe(MachineProbeParts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_queue(QStringLiteral("machine")) {
    m_rest.setSingleShot(true);
    connect(&m_rest, &QTimer::timeout, this, &MachineProbe::begin);
}

void MachineProbe::look() {
    const auto found = std::make_shared<std::optional<MachineProfile>>();
    const auto recall = [memo = m_parts.memo, folder = m_parts.modelsFolder,
                         found](const ProgressSink&, const StopFlag&) -> Status {
        *found = memo.recall(folder);
        return {};
    };
    m_queue.add({.id = {}, .work = recall, .progress = {}, .done = [this, found](const Status&) {
                     m_profile = *found;
                     m_wanted |= !known() && m_parts.restMs >= 0;
                     Q_EMIT changed();
                     if (known()) Q_EMIT profileChanged();
                     arm();
                 }});
}

void MachineProbe::setBusy(bool busy) {
    if (std::exchange(m_busy, busy) == busy) return;
    if (busy) {
        m_rest.stop();
        m_queue.cancel(kMeasure);
    }
    arm();
}

void MachineProbe::setModelOpen(bool open) {
    if (std::exchange(m_modelOpen, open) == open) return;
    if (open && !m_asked) m_rest.stop();
    arm();
}

void MachineProbe::measure() {
    m_wanted = m_asked = true;
    m_errorText.clear();
    Q_EMIT changed();
    arm();
}

void MachineProbe::cancel() {
    m_wanted = m_asked = false;
    m_rest.stop();
    m_queue.cancel(kMeasure);
    Q_EMIT changed();
}

void MachineProbe::arm() {
    const bool welcome = m_asked || !m_modelOpen;
    if (m_wanted && welcome && !m_busy && !m_measuring) m_rest.start(m_asked ? 0 : m_parts.restMs);
}

void MachineProbe::begin() {
    m_measuring = true;
    m_progress = 0;
    Q_EMIT progressChanged();
    Q_EMIT changed();
    const auto found = std::make_shared<std::optional<MachineProfile>>();
    const DiskProbeOptions disk{.folder = m_parts.modelsFolder,
                                .file = m_sample ? m_sample() : std::string()};
    const auto work = [parts = m_parts, disk, found](const ProgressSink& progress,
                                                     const StopFlag& stop) -> Status {
        ASSIGN_OR_RETURN(*found, parts.probe(disk, 0, progress, stop));
        return parts.memo.remember(**found);
    };
    const auto progress = [this](double fraction, const QString&) {
        m_progress = fraction;
        Q_EMIT progressChanged();
    };
    m_queue.add({kMeasure, work, progress,
                 [this, found](const Status& status) { finished(status, *found); }});
}

// A machine that was measured and cannot be remembered is known all the same, for this run.
void MachineProbe::finished(const Status& status, const std::optional<MachineProfile>& found) {
    m_measuring = false;
    const bool stopped = !status && status.error().code == ErrorCode::kCancelled;
    const bool givenUp = !m_asked && ++m_attempts == kAttemptsMost;
    if (!stopped || givenUp) m_wanted = m_asked = false;
    if (!status && !stopped) m_errorText = QString::fromStdString(status.error().message);
    if (found) m_profile = found;
    Q_EMIT changed();
    if (found) Q_EMIT profileChanged();
    arm();
}

double MachineProbe::memoryBytesPerSecond() const {
    return known() ? m_profile->memory_bytes_per_s : 0;
}

int MachineProbe::threads() const { return known() ? static_cast<int>(m_profile->threads) : 0; }

QList<int> MachineProbe::readSizes() const {
    QList<int> sizes;
    if (!known()) return sizes;
    for (const DiskPoint& point : m_profile->disk.points) {
        const auto size = static_cast<int>(point.bytes);
        if (!sizes.contains(size)) sizes.append(size);
    }
    return sizes;
}

QList<double> MachineProbe::readSpeeds() const {
    QList<double> speeds;
    for (const int size : readSizes())
        speeds.append(m_profile->disk.bytesPerSecond(static_cast<uint64_t>(size)));
    return speeds;
}

double MachineProbe::cachedReadSpeed() const {
    return known() ? m_profile->disk.buffered_bytes_per_s : 0;
}

int MachineProbe::readsInFlight() const {
    return known() ? static_cast<int>(m_profile->disk.tuning.depth) : 0;
}

bool MachineProbe::directIo() const { return known() && m_profile->disk.tuning.direct; }

int MachineProbe::gapBytes() const {
    return known() ? static_cast<int>(m_profile->disk.tuning.gap_bytes) : 0;
}

}  // namespace glowworm
