// SPDX-License-Identifier: Apache-2.0
// The real ModelLibrary: the bundles in DATA/models. A model's id is its folder's name. The disk is
// touched on two threads of its own: one for long work (an import, a check, an archive), one piece
// at a time; one for what is quick (looking, moving to the trash). GUI thread; destruction stops
// what runs and returns within a second, an import that was stopped leaves nothing.
//
// The starter is imported by itself where it was fetched and is not there yet. What a failed or
// stopped import was is kept in its row: retry() begins it again, remove() forgets it.
#pragma once

#include <functional>
#include <optional>

#include <QList>

#include "app/library/datapaths.h"
#include "app/library/jobqueue.h"
#include "app/library/libraryscan.h"
#include "app/library/modellibrary.h"
#include "app/library/modelresolver.h"

namespace glowworm {

class BundleLibrary : public ModelLibrary {
    Q_OBJECT

  public:
    // `contextTokens` is asked whenever budgets are computed.
    BundleLibrary(DataPaths paths, std::function<int()> contextTokens, QObject* parent = nullptr);
    ~BundleLibrary() override;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QString undoText() const override;
    [[nodiscard]] bool busy() const override;
    [[nodiscard]] bool hasStarter() const override;
    [[nodiscard]] QString starterState() const override;
    [[nodiscard]] std::optional<ModelTarget> target(const QString& modelId) const override;
    [[nodiscard]] QString firstReadyModel() const override;
    void setOpenModel(const QString& modelId) override;

    void importPath(const QUrl& source) override;
    void importArchive(const QUrl& archive) override;
    // A file that is there is replaced: the dialog that names it has asked.
    void exportArchive(const QString& modelId, const QUrl& target) override;
    void verify(const QString& modelId) override;
    void remove(const QString& modelId) override;
    void undoRemove() override;
    void cancel(const QString& modelId) override;
    void retry(const QString& modelId) override;
    void refresh() override;

  private:
    enum class State { kReady, kImporting, kVerifying, kExporting, kError, kIncomplete };
    struct Row {
        LibraryEntry facts{};
        QString shownName{};  // its name, or its id where another has the same name
        State state = State::kReady;
        double progress = 0;
        QString stageText{};
        std::function<void()> again{};  // kIncomplete: what retry() does
    };
    using Work = std::function<Status(const ProgressSink&, const StopFlag&)>;

    [[nodiscard]] int rowOf(const QString& modelId) const;
    [[nodiscard]] QString freeId(const QString& wanted) const;
    void changed(int row);
    void updateNames();
    void insertRow(Row row);
    void removeRow(int row);
    Row& ensureRow(const QString& modelId, const QString& name);
    void showFailure(const QString& modelId, const QString& name, const QString& message,
                     std::function<void()> again);
    void setErrorText(const QString& modelId, const QString& message);

    void onScanned(const LibraryContents& contents);
    bool update(int row, const LibraryEntry& entry, State state);
    void onResolved(const QUrl& source, const Result<ModelChoice>& choice);
    void importStarter();
    void startImport(const QString& modelId, const QString& name, const Work& import);
    void importChoice(const ModelChoice& choice);
    void importArchiveAs(const QString& modelId, const QString& archive);
    void onImported(const QString& modelId, const Status& status, const LibraryEntry& entry);
    void startWork(const QString& modelId, State state, Work work,
                   std::function<void(const Status&)> done);
    void onVerified(const QString& modelId, const Status& status);
    void onRemoved(const QString& modelId, const Status& status);
    void quickly(Work work, std::function<void(const Status&)> done);

    DataPaths m_paths;
    std::function<int()> m_contextTokens;
    QList<Row> m_rows;
    std::optional<Row> m_removed;  // in the trash, and may come back
    QString m_openModel;
    bool m_scanWaits = false;
    bool m_scanStale = false;       // something changed since it was asked for
    bool m_tidied = false;          // leftovers of earlier runs are cleared once
    bool m_starterOffered = false;  // imported by itself once a run
    JobQueue m_quick;
    JobQueue m_long;  // last: its end must find the rest there
};

}  // namespace glowworm
