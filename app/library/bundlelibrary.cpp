// SPDX-License-Identifier: Apache-2.0
#include "app/library/bundlelibrary.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <QFileInfo>

#include "app/library/archivename.h"
#include "app/library/bundlearchive.h"
#include "app/library/importlock.h"
#include "app/library/trash.h"
#include "core/engine/session.h"
#include "core/import/importer.h"

namespace glowworm {

namespace {

const QString kStarter = QStringLiteral("starter");

QString messageOf(const Status& status) {
    return QString::fromStdString(status.error().message);
}

bool isCancelled(const Status& status) {
    return !status && status.error().code == ErrorCode::kCancelled;
}

}  // namespace

BundleLibrary::BundleLibrary(DataPaths paths, std::function<int()> contextTokens, QObject* parent)
    : ModelLibrary(parent), m_paths(std::move(paths)), m_contextTokens(std::move(contextTokens)),
      m_quick(QStringLiteral("library")), m_long(QStringLiteral("library work")) {}

BundleLibrary::~BundleLibrary() = default;

int BundleLibrary::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant BundleLibrary::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    static const QString kStates[] = {
        QStringLiteral("ready"),     QStringLiteral("importing"), QStringLiteral("verifying"),
        QStringLiteral("exporting"), QStringLiteral("error"),     QStringLiteral("incomplete")};
    const Row& row = m_rows[index.row()];
    const LibraryEntry& facts = row.facts;
    switch (role) {
    case ModelIdRole: return facts.id;
    case Qt::DisplayRole:
    case NameRole: return row.shownName;
    case StateRole: return kStates[static_cast<size_t>(row.state)];
    case ProgressRole: return row.progress;
    case StageTextRole: return row.stageText;
    case ErrorTextRole: return facts.errorText;
    case SizeBytesRole: return facts.sizeBytes;
    case ArchitectureRole: return facts.architecture;
    case TypeTextRole: return facts.typeText;
    case ActiveShareRole: return facts.activeShare;
    case BudgetMinBytesRole: return facts.budgetMinBytes;
    case LicenseRole: return facts.license;
    case IsStarterRole: return facts.id == kStarter;
    case IsOpenRole: return facts.id == m_openModel;
    case ForecastRole: return forecastOf(facts.id);
    case FitsRole: return fits(facts.budgetMinBytes);
    default: return {};
    }
}

QString BundleLibrary::undoText() const {
    return m_removed ? tr("%1 is in the trash").arg(m_removed->shownName) : QString();
}

bool BundleLibrary::busy() const {
    return std::ranges::any_of(m_rows, [](const Row& row) {
        return row.state == State::kImporting || row.state == State::kVerifying ||
               row.state == State::kExporting;
    });
}

bool BundleLibrary::hasStarter() const { return starterState() != u"none"; }

QString BundleLibrary::starterState() const {
    const int row = rowOf(kStarter);
    if (row < 0) return QStringLiteral("none");
    switch (m_rows[row].state) {
    case State::kImporting:
        return m_rows[row].stageText.isEmpty() ? QStringLiteral("waiting")
                                               : QStringLiteral("importing");
    case State::kError:
    case State::kIncomplete: return QStringLiteral("error");
    default: return QStringLiteral("ready");
    }
}

std::optional<ModelTarget> BundleLibrary::target(const QString& modelId) const {
    const int row = rowOf(modelId);
    if (row < 0) return std::nullopt;
    const State state = m_rows[row].state;
    if (state == State::kImporting || state == State::kError || state == State::kIncomplete)
        return std::nullopt;
    const LibraryEntry& facts = m_rows[row].facts;
    return ModelTarget{
        .modelId = modelId,
        .name = m_rows[row].shownName,
        .bundlePath = QString::fromStdString(m_paths.bundle(modelId.toStdString())),
        .budgetBytesMin = facts.budgetMinBytes,
        .budgetBytesMax = facts.budgetMaxBytes,
        .starter = modelId == kStarter,
        .basis = facts.basis};
}

QString BundleLibrary::firstReadyModel() const {
    for (const Row& row : m_rows)
        if (target(row.facts.id)) return row.facts.id;
    return {};
}

void BundleLibrary::setOpenModel(const QString& modelId) {
    if (modelId == m_openModel) return;
    for (const QString& id : {std::exchange(m_openModel, modelId), modelId}) {
        const int row = rowOf(id);
        if (row < 0) continue;
        // "It is open" no longer holds.
        if (m_rows[row].state == State::kReady) m_rows[row].facts.errorText.clear();
        changed(row);
    }
}

int BundleLibrary::rowOf(const QString& modelId) const {
    const auto row = std::ranges::find_if(
        m_rows, [&](const Row& candidate) { return candidate.facts.id == modelId; });
    return row == m_rows.end() ? -1 : static_cast<int>(row - m_rows.begin());
}

// Two models may call themselves the same; their folders differ.
void BundleLibrary::updateNames() {
    for (int row = 0; row < rowCount(); ++row) {
        const LibraryEntry& facts = m_rows[row].facts;
        const auto same = std::ranges::count_if(
            m_rows, [&](const Row& other) { return other.facts.name == facts.name; });
        const QString name = same > 1 ? facts.id : facts.name;
        if (std::exchange(m_rows[row].shownName, name) != name)
            Q_EMIT dataChanged(index(row), index(row), {NameRole, Qt::DisplayRole});
    }
}

QString BundleLibrary::freeId(const QString& wanted) const {
    const bool usable = wanted == kStarter || checkModelName(wanted.toStdString());
    const QString base = usable ? wanted : QStringLiteral("model");
    QString id = base;
    for (int n = 2; id == kStarter || rowOf(id) >= 0; ++n)
        id = QStringLiteral("%1-%2").arg(base).arg(n);
    return id;
}

void BundleLibrary::changed(int row) {
    Q_EMIT dataChanged(index(row), index(row));
    if (m_rows[row].facts.id == kStarter) Q_EMIT starterChanged();
}

void BundleLibrary::insertRow(Row row) {
    const int place = row.facts.id == kStarter ? 0 : static_cast<int>(m_rows.size());
    row.shownName = row.facts.name;
    beginInsertRows({}, place, place);
    m_rows.insert(place, std::move(row));
    endInsertRows();
    updateNames();
    Q_EMIT countChanged();
    if (place == 0) Q_EMIT starterChanged();
}

void BundleLibrary::removeRow(int row) {
    beginRemoveRows({}, row, row);
    const Row gone = m_rows.takeAt(row);
    endRemoveRows();
    updateNames();
    Q_EMIT countChanged();
    if (gone.facts.id == kStarter) Q_EMIT starterChanged();
}

BundleLibrary::Row& BundleLibrary::ensureRow(const QString& modelId, const QString& name) {
    if (rowOf(modelId) < 0) insertRow({.facts = {.id = modelId, .name = name}});
    return m_rows[rowOf(modelId)];
}

void BundleLibrary::showFailure(const QString& modelId, const QString& name,
                                const QString& message, std::function<void()> again) {
    Row& row = ensureRow(modelId, name);
    row.state = State::kIncomplete;
    row.stageText.clear();
    row.facts.errorText = message;
    row.again = std::move(again);
    changed(rowOf(modelId));
}

void BundleLibrary::setErrorText(const QString& modelId, const QString& message) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    m_rows[row].facts.errorText = message;
    changed(row);
}

void BundleLibrary::quickly(Work work, std::function<void(const Status&)> done) {
    m_quick.add({.id = {}, .work = std::move(work), .progress = {}, .done = std::move(done)});
}

void BundleLibrary::refresh() {
    if (std::exchange(m_scanWaits, true)) {
        m_scanStale = true;
        return;
    }
    const auto contents = std::make_shared<LibraryContents>();
    quickly(
        [paths = m_paths, tokens = m_contextTokens(), contents](const ProgressSink&,
                                                                const StopFlag&) -> Status {
            *contents = scanLibrary(paths, tokens);
            return {};
        },
        [this, contents](const Status&) {
            m_scanWaits = false;
            // What changed meanwhile may have come too late to be seen.
            if (std::exchange(m_scanStale, false)) return refresh();
            onScanned(*contents);
        });
    if (std::exchange(m_tidied, true)) return;
    // After the first look, so that the window has its models first.
    quickly(
        [paths = m_paths](const ProgressSink&, const StopFlag& stop) -> Status {
            RETURN_IF_ERROR(clearUnfinished(paths));
            return emptyTrash(paths, stop);
        },
        [](const Status&) {});  // what cannot be tidied now is tried again at the next start
}

void BundleLibrary::onScanned(const LibraryContents& contents) {
    if (!contents.errorText.isEmpty()) {
        showFailure(QStringLiteral("models"), QString::fromStdString(m_paths.models()),
                    contents.errorText, [this] {
                        removeRow(rowOf(QStringLiteral("models")));
                        refresh();
                    });
        return;
    }
    const auto isThere = [&](const QString& id) {
        return std::ranges::any_of(contents.models,
                                   [&](const LibraryEntry& entry) { return entry.id == id; });
    };
    for (int row = rowCount() - 1; row >= 0; --row) {
        const State state = m_rows[row].state;
        const bool settled = state == State::kReady || state == State::kError;
        if (settled && !isThere(m_rows[row].facts.id)) removeRow(row);
    }
    QStringList found;
    for (const LibraryEntry& entry : contents.models) {
        const int row = rowOf(entry.id);
        const State state = entry.errorText.isEmpty() ? State::kReady : State::kError;
        if (row < 0) insertRow({.facts = entry, .state = state});
        else if (!update(row, entry, state)) continue;
        if (state == State::kReady) found.append(entry.id);
    }
    if (contents.starterWanted && !std::exchange(m_starterOffered, true)) importStarter();
    for (const QString& id : std::as_const(found)) Q_EMIT modelReady(id);
}

// True: it was not to be had before. What is being worked on and what a check found stay.
bool BundleLibrary::update(int row, const LibraryEntry& entry, State state) {
    const State before = m_rows[row].state;
    if (before != State::kReady && before != State::kIncomplete) return false;
    const QString trouble = std::exchange(m_rows[row].facts, entry).errorText;
    m_rows[row].state = state;
    if (before == State::kReady && state == State::kReady) m_rows[row].facts.errorText = trouble;
    m_rows[row].again = {};
    updateNames();
    changed(row);
    return before == State::kIncomplete;
}

void BundleLibrary::importStarter() {
    // Its row is there at once; what it is called is known when its file has been found.
    Row& row = ensureRow(kStarter, tr("Starter model"));
    row.state = State::kImporting;
    row.facts.errorText.clear();
    row.again = {};
    changed(rowOf(kStarter));
    const auto choice = std::make_shared<Result<ModelChoice>>(ModelChoice{});
    quickly(
        [paths = m_paths, choice](const ProgressSink&, const StopFlag&) -> Status {
            *choice = resolveModel(paths, "starter");
            return {};
        },
        [this, choice](const Status&) {
            if (*choice) return importChoice(**choice);
            showFailure(kStarter, tr("Starter model"),
                        QString::fromStdString(choice->error().message),
                        [this] { importStarter(); });
        });
}

void BundleLibrary::importPath(const QUrl& source) {
    const QString path = source.isLocalFile() ? source.toLocalFile() : source.toString();
    if (isArchiveName(path.toStdString())) return importArchive(source);
    const auto choice = std::make_shared<Result<ModelChoice>>(ModelChoice{});
    quickly(
        [paths = m_paths, choice, path](const ProgressSink&, const StopFlag&) -> Status {
            // A plain name would be looked for among the installed ones.
            std::string absolute = std::filesystem::absolute(path.toStdString()).string();
            while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
            *choice = resolveModel(paths, absolute);
            return {};
        },
        [this, source, choice](const Status&) { onResolved(source, *choice); });
}

void BundleLibrary::onResolved(const QUrl& source, const Result<ModelChoice>& choice) {
    const QString name = source.fileName().isEmpty() ? source.toString() : source.fileName();
    const QString failureId = QStringLiteral("import:") + source.toString();
    const auto again = [this, source, failureId] {
        if (const int row = rowOf(failureId); row >= 0) removeRow(row);
        importPath(source);
    };
    if (!choice)
        return showFailure(failureId, name, QString::fromStdString(choice.error().message), again);
    if (!choice->source.empty()) return importChoice(*choice);
    const std::filesystem::path bundle(choice->bundle);
    const auto id = QString::fromStdString(bundle.filename().string());
    if (bundle.parent_path() == m_paths.models()) {
        refresh();
        Q_EMIT modelReady(id);
        return;
    }
    showFailure(failureId, name,
                tr("%1 is a model of Glowworm already. Move its folder into %2 to have it here.")
                    .arg(QString::fromStdString(choice->bundle),
                         QString::fromStdString(m_paths.models())), again);
}

void BundleLibrary::importChoice(const ModelChoice& choice) {
    const std::filesystem::path bundle(choice.bundle);
    const auto id = QString::fromStdString(bundle.filename().string());
    const auto name = choice.name == "starter"
                          ? QFileInfo(QString::fromStdString(choice.source)).completeBaseName()
                          : QString::fromStdString(choice.name);
    startImport(id, name,
                [paths = m_paths, choice](const ProgressSink& progress, const StopFlag& stop) {
                    return ensureImported(paths, choice, importModel, progress, stop)
                        .transform([](const std::string&) {});
                });
}

void BundleLibrary::importArchive(const QUrl& archive) {
    const QString path = archive.isLocalFile() ? archive.toLocalFile() : archive.toString();
    const auto wanted = QString::fromStdString(archiveBaseName(path.toStdString()));
    // Behind the first look at the folder, so that the names there are known.
    quickly([](const ProgressSink&, const StopFlag&) { return Status(); },
            [this, wanted, path](const Status&) { importArchiveAs(freeId(wanted), path); });
}

void BundleLibrary::importArchiveAs(const QString& modelId, const QString& archive) {
    startImport(modelId, modelId,
                [paths = m_paths, name = modelId.toStdString(), file = archive.toStdString()](
                    const ProgressSink& progress, const StopFlag& stop) -> Status {
                    ASSIGN_OR_RETURN(const ImportLock lock,
                                     ImportLock::take(paths, progress, stop));
                    return importBundle(file, paths.bundle(name), progress, stop);
                });
}

void BundleLibrary::startImport(const QString& modelId, const QString& name, const Work& import) {
    Row& row = ensureRow(modelId, name);
    const bool underway = row.state == State::kImporting && row.again;
    if (underway) return;
    row.facts.name = name;
    updateNames();
    row.again = [this, modelId, name, import] { startImport(modelId, name, import); };
    const auto entry = std::make_shared<LibraryEntry>();
    startWork(
        modelId, State::kImporting,
        [paths = m_paths, modelId, import, entry, tokens = m_contextTokens()](
            const ProgressSink& progress, const StopFlag& stop) -> Status {
            RETURN_IF_ERROR(import(progress, stop));
            *entry = scanModel(paths, modelId, tokens);
            return {};
        },
        [this, modelId, entry](const Status& status) { onImported(modelId, status, *entry); });
}

void BundleLibrary::onImported(const QString& modelId, const Status& status,
                               const LibraryEntry& entry) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    m_scanStale |= m_scanWaits;
    if (status) {
        m_rows[row].facts = entry;
        m_rows[row].again = {};
        m_rows[row].state = entry.errorText.isEmpty() ? State::kReady : State::kError;
        updateNames();
        changed(row);
        if (m_rows[row].state == State::kReady) Q_EMIT modelReady(modelId);
        return;
    }
    const auto again = std::exchange(m_rows[row].again, {});
    showFailure(modelId, m_rows[row].facts.name,
                isCancelled(status) ? tr("Its import was stopped. Try again or remove it.")
                                    : messageOf(status), again);
}

void BundleLibrary::startWork(const QString& modelId, State state, Work work,
                              std::function<void(const Status&)> done) {
    const int row = rowOf(modelId);
    m_rows[row].state = state;
    m_rows[row].progress = 0;
    m_rows[row].stageText = tr("waiting");
    m_rows[row].facts.errorText.clear();
    changed(row);
    const auto progress = [this, modelId](double fraction, const QString& stage) {
        const int now = rowOf(modelId);
        if (now < 0) return;
        m_rows[now].progress = fraction;
        m_rows[now].stageText = stage;
        changed(now);
    };
    const auto finished = [this, modelId, done = std::move(done)](const Status& status) {
        if (const int now = rowOf(modelId); now >= 0) m_rows[now].stageText.clear();
        done(status);
        Q_EMIT busyChanged();
    };
    m_long.add({modelId, std::move(work), progress, finished});
    Q_EMIT busyChanged();
}

void BundleLibrary::verify(const QString& modelId) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    const State before = m_rows[row].state;
    if (before != State::kReady && before != State::kError) return;
    const QString fault = m_rows[row].facts.errorText;
    startWork(
        modelId, State::kVerifying,
        [path = m_paths.bundle(modelId.toStdString())](const ProgressSink& progress,
                                                       const StopFlag& stop) {
            return verifyBundle(path, progress, stop);
        },
        [this, modelId, before, fault](const Status& status) {
            if (!isCancelled(status)) return onVerified(modelId, status);
            if (const int now = rowOf(modelId); now >= 0) m_rows[now].state = before;
            setErrorText(modelId, fault);
        });
}

void BundleLibrary::onVerified(const QString& modelId, const Status& status) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    m_rows[row].state = status ? State::kReady : State::kError;
    m_rows[row].facts.errorText = status ? QString() : messageOf(status);
    m_rows[row].stageText = status ? tr("Every byte is as it was written.") : QString();
    changed(row);
    // One that could not be read before may have facts now.
    if (status && m_rows[row].facts.sizeBytes == 0) refresh();
}

void BundleLibrary::exportArchive(const QString& modelId, const QUrl& target) {
    const int row = rowOf(modelId);
    if (row < 0 || m_rows[row].state != State::kReady) return;
    const QString file = target.isLocalFile() ? target.toLocalFile() : target.toString();
    startWork(
        modelId, State::kExporting,
        [bundle = m_paths.bundle(modelId.toStdString()), path = file.toStdString()](
            const ProgressSink& progress, const StopFlag& stop) {
            return exportBundle(bundle, path, IfThere::kReplace, progress, stop);
        },
        [this, modelId, file](const Status& status) {
            const int now = rowOf(modelId);
            if (now < 0) return;
            m_rows[now].state = State::kReady;
            if (status) m_rows[now].stageText = tr("Exported to %1").arg(file);
            else if (!isCancelled(status)) m_rows[now].facts.errorText = messageOf(status);
            changed(now);
        });
}

void BundleLibrary::remove(const QString& modelId) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    const State state = m_rows[row].state;
    if (state == State::kIncomplete) return removeRow(row);
    if (state != State::kReady && state != State::kError) return;
    if (modelId == m_openModel)
        return setErrorText(modelId, tr("It is open. Open another model first, then remove it."));
    quickly(
        [paths = m_paths, name = modelId.toStdString()](const ProgressSink&,
                                                        const StopFlag&) -> Status {
            RETURN_IF_ERROR(moveToTrash(paths, name));
            return name == "starter" ? setStarterDeclined(paths, true) : Status();
        },
        [this, modelId](const Status& status) { onRemoved(modelId, status); });
}

void BundleLibrary::onRemoved(const QString& modelId, const Status& status) {
    const int row = rowOf(modelId);
    if (row < 0) return;
    if (!status) return setErrorText(modelId, messageOf(status));
    m_removed = m_rows[row];
    removeRow(row);
    Q_EMIT undoTextChanged();
}

void BundleLibrary::undoRemove() {
    if (!m_removed) return;
    const Row row = *std::exchange(m_removed, std::nullopt);
    Q_EMIT undoTextChanged();
    quickly(
        [paths = m_paths, name = row.facts.id.toStdString()](const ProgressSink&,
                                                             const StopFlag&) -> Status {
            RETURN_IF_ERROR(restoreFromTrash(paths, name));
            return name == "starter" ? setStarterDeclined(paths, false) : Status();
        },
        [this, row](const Status& status) {
            if (!status)
                return showFailure(QStringLiteral("undo:") + row.facts.id, row.facts.name,
                                   messageOf(status), {});
            if (rowOf(row.facts.id) < 0) insertRow(row);
        });
}

void BundleLibrary::cancel(const QString& modelId) { m_long.cancel(modelId); }

void BundleLibrary::retry(const QString& modelId) {
    const int row = rowOf(modelId);
    if (row < 0 || m_rows[row].state != State::kIncomplete) return;
    if (const auto again = m_rows[row].again) return again();
    removeRow(row);
}

}  // namespace glowworm
