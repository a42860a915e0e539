// SPDX-License-Identifier: Apache-2.0
// The models on this machine, as the window shows them: bundles in the data folder, imports and
// archives under way. An interface, so that the window runs on a fake. GUI thread; work is done
// elsewhere, with progress and cancel in the row it concerns. Nothing waits.
#pragma once

#include <functional>
#include <optional>

#include <QAbstractListModel>
#include <QUrl>
#include <QtQml/qqmlregistration.h>

#include "app/engine/enginemessages.h"

namespace glowworm {

class ModelLibrary : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(int count READ count NOTIFY countChanged)
    // "NAME is in the trash"; empty: nothing to undo.
    Q_PROPERTY(QString undoText READ undoText NOTIFY undoTextChanged)
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged)  // an import, a check or an export runs
    Q_PROPERTY(bool hasStarter READ hasStarter NOTIFY starterChanged)
    // "none" (no file, no bundle), "waiting" (fetched, not imported), "importing", "ready", "error"
    Q_PROPERTY(QString starterState READ starterState NOTIFY starterChanged)

  public:
    enum Role {
        ModelIdRole = Qt::UserRole + 1,  // QString, stable; what openModel takes
        NameRole,                        // QString
        StateRole,          // "ready", "importing", "verifying", "exporting", "error", "incomplete"
        ProgressRole,       // double 0..1 of the work in StateRole
        StageTextRole,      // QString, "Reading layer 3 of 30"; in "ready": what was done last
        ErrorTextRole,      // QString, what is wrong and what to do; empty: nothing
        SizeBytesRole,      // qint64 on disk
        ArchitectureRole,   // QString, "llama"
        TypeTextRole,       // QString, "Q4_1 · SiLU · 30 layers"
        ActiveShareRole,    // double 0..1, mean share of neurons that a token needs
        BudgetMinBytesRole, // qint64, the smallest budget that runs
        LicenseRole,        // QString
        IsStarterRole,      // bool
        IsOpenRole,         // bool, the engine has it
        ForecastRole,       // QString, "about 12 tokens/s at 4 GiB"; empty: not to be told yet
        FitsRole,           // bool, this machine has the memory of its smallest budget
    };
    Q_ENUM(Role)

    using QAbstractListModel::QAbstractListModel;
    // How fast a model would be, in words; "": not to be told.
    using Forecaster = std::function<QString(const ModelTarget& target)>;

    [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
    [[nodiscard]] int count() const { return rowCount(); }
    [[nodiscard]] virtual QString undoText() const = 0;
    [[nodiscard]] virtual bool busy() const = 0;
    [[nodiscard]] virtual bool hasStarter() const = 0;
    [[nodiscard]] virtual QString starterState() const = 0;

    // Where the model with this id lies; nothing: no such model, or it cannot be opened now.
    [[nodiscard]] virtual std::optional<ModelTarget> target(const QString& modelId) const = 0;
    // The id of the model to open when nothing else was chosen; empty: none.
    [[nodiscard]] virtual QString firstReadyModel() const = 0;
    // The engine has opened this one ("": none); IsOpenRole follows.
    virtual void setOpenModel(const QString& modelId) = 0;

    // Who foretells; `machineBytes` is the memory of the machine.
    void setForecaster(Forecaster forecaster, qint64 machineBytes);
    // What was foretold no longer holds: it is asked for again.
    void renewForecasts();

    // A folder with config.json, a .gguf file, or an archive of ours by its name.
    Q_INVOKABLE virtual void importPath(const QUrl& source) = 0;
    Q_INVOKABLE virtual void importArchive(const QUrl& archive) = 0;
    Q_INVOKABLE virtual void exportArchive(const QString& modelId, const QUrl& target) = 0;
    Q_INVOKABLE virtual void verify(const QString& modelId) = 0;
    Q_INVOKABLE virtual void remove(const QString& modelId) = 0;
    Q_INVOKABLE virtual void undoRemove() = 0;
    Q_INVOKABLE virtual void cancel(const QString& modelId) = 0;
    // Begins an import again that failed or was stopped ("incomplete"); remove() forgets it.
    Q_INVOKABLE virtual void retry(const QString& modelId) = 0;
    // Looks at the data folder again, off the GUI thread.
    Q_INVOKABLE virtual void refresh() = 0;

  Q_SIGNALS:
    void countChanged();
    void undoTextChanged();
    void busyChanged();
    void starterChanged();
    // A model became ready to open (imported, or found): first start opens it.
    void modelReady(const QString& modelId);

  protected:
    [[nodiscard]] QString forecastOf(const QString& modelId) const;
    [[nodiscard]] bool fits(qint64 budgetMinBytes) const {
        return m_machineBytes == 0 || budgetMinBytes <= m_machineBytes;
    }

  private:
    Forecaster m_forecaster;
    qint64 m_machineBytes = 0;  // 0: not known
};

}  // namespace glowworm
