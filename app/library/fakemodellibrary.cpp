// SPDX-License-Identifier: Apache-2.0
#include "app/library/fakemodellibrary.h"

#include <algorithm>
#include <utility>

namespace glowworm {

namespace {

const QString kReady = QStringLiteral("ready");
constexpr double kStep = 0.02;
constexpr auto kCacheBytes =
    static_cast<qint64>(FakeFigures::kWholeBytes - FakeFigures::kLeastBytes);

ForecastBasis basisOf(const FakeModel& model) {
    const auto least = static_cast<uint64_t>(model.budgetMinBytes);
    return {.budget_bytes_min = least,
            .budget_bytes_max = least + kCacheBytes,
            .cache_bytes_max = kCacheBytes,
            .touched_bytes = least,
            .neurons_bytes = kCacheBytes,
            .record_bytes = kCacheBytes / FakeFigures::kNeurons,
            .active_share = FakeFigures::kActiveShare,
            .relu = true};
}

bool isWork(const QString& state) {
    return state == u"importing" || state == u"verifying" || state == u"exporting";
}

}  // namespace

QList<FakeModel> FakeModelLibrary::everyKind() {
    return {
        {.id = QStringLiteral("fake-3b"), .name = QStringLiteral("Fake 3B"), .state = kReady,
         .typeText = QStringLiteral("Q8_0 · ReLU · 30 layers"), .starter = true},
        {.id = QStringLiteral("fake-importing"), .name = QStringLiteral("Fake 7B Instruct"),
         .state = QStringLiteral("importing"), .stageText = QStringLiteral("reading layer 3 of 32"),
         .typeText = QStringLiteral("F16 · SiLU · 32 layers"), .progress = 0.1},
        {.id = QStringLiteral("fake-broken"), .name = QStringLiteral("Fake broken 1B"),
         .state = QStringLiteral("error"),
         .errorText = QStringLiteral("neurons.bin is 12 bytes shorter than its manifest says. "
                                     "Import the model again."),
         .typeText = QStringLiteral("Q4_1 · SiLU · 16 layers")},
        {.id = QStringLiteral("fake-incomplete"), .name = QStringLiteral("Fake 13B"),
         .state = QStringLiteral("incomplete"),
         .errorText = QStringLiteral("Its import was interrupted. Import it again or remove it."),
         .typeText = QStringLiteral("Q8_0 · SiLU · 40 layers")},
    };
}

FakeModelLibrary::FakeModelLibrary(QList<FakeModel> models, int stepMs, QObject* parent)
    : ModelLibrary(parent), m_models(std::move(models)) {
    m_timer.setInterval(stepMs);
    connect(&m_timer, &QTimer::timeout, this, &FakeModelLibrary::step);
    if (busy()) m_timer.start();
}

int FakeModelLibrary::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_models.size());
}

QVariant FakeModelLibrary::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const FakeModel& model = m_models[index.row()];
    switch (role) {
    case ModelIdRole: return model.id;
    case Qt::DisplayRole:
    case NameRole: return model.name;
    case StateRole: return model.state;
    case ProgressRole: return model.progress;
    case StageTextRole: return model.stageText;
    case ErrorTextRole: return model.errorText;
    case SizeBytesRole: return static_cast<qint64>(FakeFigures::kWholeBytes);
    case ArchitectureRole: return QStringLiteral("llama");
    case TypeTextRole: return model.typeText;
    case ActiveShareRole: return FakeFigures::kActiveShare;
    case BudgetMinBytesRole: return model.budgetMinBytes;
    case LicenseRole: return QStringLiteral("Apache-2.0");
    case IsStarterRole: return model.starter;
    case IsOpenRole: return model.id == m_openModel;
    case ForecastRole: return forecastOf(model.id);
    case FitsRole: return fits(model.budgetMinBytes);
    default: return {};
    }
}

QString FakeModelLibrary::undoText() const {
    return m_removed.id.isEmpty() ? QString() : tr("%1 is in the trash").arg(m_removed.name);
}

bool FakeModelLibrary::busy() const {
    return std::ranges::any_of(m_models, [](const FakeModel& m) { return isWork(m.state); });
}

bool FakeModelLibrary::hasStarter() const { return starterState() != u"none"; }

QString FakeModelLibrary::starterState() const {
    for (const FakeModel& model : m_models)
        if (model.starter) return model.state;
    return QStringLiteral("none");
}

std::optional<ModelTarget> FakeModelLibrary::target(const QString& modelId) const {
    const int row = rowOf(modelId);
    if (row < 0) return std::nullopt;
    const FakeModel& model = m_models[row];
    return ModelTarget{.modelId = model.id,
                       .name = model.name,
                       .bundlePath = QStringLiteral("/fake/") + model.id,
                       .budgetBytesMin = model.budgetMinBytes,
                       .budgetBytesMax = model.budgetMinBytes + kCacheBytes,
                       .starter = model.starter,
                       .basis = basisOf(model)};
}

QString FakeModelLibrary::firstReadyModel() const {
    for (const FakeModel& model : m_models)
        if (model.state == kReady) return model.id;
    return {};
}

void FakeModelLibrary::setOpenModel(const QString& modelId) {
    const int before = rowOf(std::exchange(m_openModel, modelId));
    if (before >= 0) changed(before);
    if (const int now = rowOf(modelId); now >= 0) changed(now);
}

int FakeModelLibrary::rowOf(const QString& modelId) const {
    for (int row = 0; row < m_models.size(); ++row)
        if (m_models[row].id == modelId) return row;
    return -1;
}

void FakeModelLibrary::changed(int row) { Q_EMIT dataChanged(index(row), index(row)); }

void FakeModelLibrary::importPath(const QUrl& source) {
    const QString name = source.fileName();
    const int row = static_cast<int>(m_models.size());
    beginInsertRows({}, row, row);
    m_models.append({.id = QStringLiteral("fake-%1-%2").arg(row).arg(name),
                     .name = name,
                     .state = kReady,
                     .typeText = QStringLiteral("Q8_0 · SiLU · 24 layers")});
    endInsertRows();
    Q_EMIT countChanged();
    begin(m_models.last().id, QStringLiteral("importing"));
}

void FakeModelLibrary::importArchive(const QUrl& archive) { importPath(archive); }

void FakeModelLibrary::exportArchive(const QString& modelId, const QUrl&) {
    begin(modelId, QStringLiteral("exporting"));
}

void FakeModelLibrary::verify(const QString& modelId) {
    begin(modelId, QStringLiteral("verifying"));
}

void FakeModelLibrary::begin(const QString& modelId, const QString& state) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    FakeModel& model = m_models[row];
    model.state = state;
    model.progress = 0;
    model.stageText = tr("layer 1 of 30");
    model.errorText.clear();
    changed(row);
    m_timer.start();
    Q_EMIT busyChanged();
}

void FakeModelLibrary::step() {
    for (int row = 0; row < m_models.size(); ++row) {
        FakeModel& model = m_models[row];
        if (!isWork(model.state)) continue;
        model.progress += kStep;
        model.stageText = tr("layer %1 of 30").arg(static_cast<int>(model.progress * 29) + 1);
        if (model.progress >= 1) {
            model.state = kReady;
            model.stageText.clear();
            Q_EMIT modelReady(model.id);
        }
        changed(row);
    }
    if (busy()) return;
    m_timer.stop();
    Q_EMIT busyChanged();
}

void FakeModelLibrary::remove(const QString& modelId) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    beginRemoveRows({}, row, row);
    m_removed = m_models.takeAt(row);
    endRemoveRows();
    Q_EMIT countChanged();
    Q_EMIT undoTextChanged();
}

void FakeModelLibrary::undoRemove() {
    if (m_removed.id.isEmpty()) return;
    const int row = static_cast<int>(m_models.size());
    beginInsertRows({}, row, row);
    m_models.append(std::exchange(m_removed, {}));
    endInsertRows();
    Q_EMIT countChanged();
    Q_EMIT undoTextChanged();
}

void FakeModelLibrary::retry(const QString& modelId) {
    begin(modelId, QStringLiteral("importing"));
}

void FakeModelLibrary::cancel(const QString& modelId) {
    const int row = rowOf(modelId);
    if (row < 0 || !isWork(m_models[row].state)) return;
    FakeModel& model = m_models[row];
    const bool whole = model.state != u"importing";
    model.state = whole ? kReady : QStringLiteral("incomplete");
    model.stageText.clear();
    model.errorText =
        whole ? QString() : tr("Its import was stopped. Import it again or remove it.");
    changed(row);
    Q_EMIT busyChanged();
}

}  // namespace glowworm
