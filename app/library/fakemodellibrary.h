// SPDX-License-Identifier: Apache-2.0
// A library of imaginary models for `--fake-engine` and tests: every state a row can be in, imports
// and checks that move by a timer. Touches no file. GUI thread.
#pragma once

#include <QList>
#include <QTimer>

#include "app/engine/fakefigures.h"
#include "app/library/modellibrary.h"

namespace glowworm {

struct FakeModel {
    QString id{}, name{}, state{}, stageText{}, errorText{}, typeText{};
    double progress = 0;
    bool starter = false;
    qint64 budgetMinBytes = FakeFigures::kLeastBytes;
};

class FakeModelLibrary : public ModelLibrary {
    Q_OBJECT

  public:
    // `stepMs` is how often work that is under way moves on.
    explicit FakeModelLibrary(QList<FakeModel> models, int stepMs = 80, QObject* parent = nullptr);
    // One model of each kind.
    static QList<FakeModel> everyKind();

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
    void exportArchive(const QString& modelId, const QUrl& target) override;
    void verify(const QString& modelId) override;
    void remove(const QString& modelId) override;
    void undoRemove() override;
    void cancel(const QString& modelId) override;
    void retry(const QString& modelId) override;
    void refresh() override {}

  private:
    [[nodiscard]] int rowOf(const QString& modelId) const;
    void begin(const QString& modelId, const QString& state);
    void step();
    void changed(int row);

    QList<FakeModel> m_models;
    FakeModel m_removed;
    QString m_openModel;
    QTimer m_timer;
};

}  // namespace glowworm
