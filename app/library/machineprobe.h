// SPDX-License-Identifier: Apache-2.0
// What this machine was found to do, and the few seconds in which that is found out: once for each
// machine and disk, as MachineMemo remembers, by itself when the engine and the library rest, and
// whenever a person asks. Never in the way: work that begins stops it within about a tenth of a
// second, and it begins anew when there is rest again. GUI thread; measures on a thread of its own.
#pragma once

#include <functional>
#include <optional>

#include <QList>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/library/jobqueue.h"
#include "app/library/machinememo.h"

namespace glowworm {

struct MachineProbeParts {
    ProbeFunction probe{};
    MachineMemo memo{std::string()};
    std::string modelsFolder{};  // the disk that it lies on is measured
    int restMs = 5000;           // of rest before it measures by itself; < 0: it never does
};

class MachineProbe : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(bool known READ known NOTIFY changed)  // measured, now or in an earlier run
    Q_PROPERTY(bool measuring READ measuring NOTIFY changed)
    // Somebody asked for it; it begins when the engine and the library rest.
    Q_PROPERTY(bool waiting READ waiting NOTIFY changed)
    Q_PROPERTY(double progress READ progress NOTIFY progressChanged)  // 0..1 while measuring
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed)  // the last time's; "": none
    // What was found; all 0 while it is not known.
    Q_PROPERTY(double memoryBytesPerSecond READ memoryBytesPerSecond NOTIFY changed)
    Q_PROPERTY(int threads READ threads NOTIFY changed)
    // The disk, by the size of a read, with readsInFlight of them under way.
    Q_PROPERTY(QList<int> readSizes READ readSizes NOTIFY changed)
    Q_PROPERTY(QList<double> readSpeeds READ readSpeeds NOTIFY changed)  // bytes a second
    Q_PROPERTY(double cachedReadSpeed READ cachedReadSpeed NOTIFY changed)  // page cache, cold
    // What follows from it for models that are opened from then on.
    Q_PROPERTY(int readsInFlight READ readsInFlight NOTIFY changed)
    Q_PROPERTY(bool directIo READ directIo NOTIFY changed)
    Q_PROPERTY(int gapBytes READ gapBytes NOTIFY changed)

  public:
    explicit MachineProbe(MachineProbeParts parts, QObject* parent = nullptr);

    [[nodiscard]] bool known() const { return m_profile.has_value(); }
    [[nodiscard]] bool measuring() const { return m_measuring; }
    [[nodiscard]] bool waiting() const { return m_asked && !m_measuring; }
    [[nodiscard]] double progress() const { return m_progress; }
    [[nodiscard]] QString errorText() const { return m_errorText; }
    [[nodiscard]] double memoryBytesPerSecond() const;
    [[nodiscard]] int threads() const;
    [[nodiscard]] QList<int> readSizes() const;
    [[nodiscard]] QList<double> readSpeeds() const;
    [[nodiscard]] double cachedReadSpeed() const;
    [[nodiscard]] int readsInFlight() const;
    [[nodiscard]] bool directIo() const;
    [[nodiscard]] int gapBytes() const;
    [[nodiscard]] const std::optional<MachineProfile>& profile() const { return m_profile; }

    // A model on that disk, by whose file it is measured where none can be written.
    void setSample(std::function<std::string()> file) { m_sample = std::move(file); }
    // Reads what is remembered; if that is nothing, measures when there is rest.
    void look();
    // Whether something else is at work. What runs is stopped at once.
    void setBusy(bool busy);
    // While a model is open it measures only when asked: what it measures memory with comes on top
    // of the model's budget for a moment.
    void setModelOpen(bool open);

    // Measures (again), as soon as nothing else is at work.
    Q_INVOKABLE void measure();
    // Ends that, and the machine is left in peace until somebody asks.
    Q_INVOKABLE void cancel();

  Q_SIGNALS:
    void changed();
    void progressChanged();
    void profileChanged();

  private:
    void arm();
    void begin();
    void finished(const Status& status, const std::optional<MachineProfile>& found);

    MachineProbeParts m_parts;
    std::function<std::string()> m_sample;
    std::optional<MachineProfile> m_profile;
    QTimer m_rest;
    QString m_errorText;
    double m_progress = 0;
    int m_attempts = 0;     // by itself, that were cut short
    bool m_wanted = false;  // by itself or asked for
    bool m_asked = false;
    bool m_measuring = false;
    bool m_busy = true;
    bool m_modelOpen = false;
    JobQueue m_queue;  // last: its end must find the rest there
};

}  // namespace glowworm
