// SPDX-License-Identifier: Apache-2.0
#include "app/settings/settings.h"

#include <algorithm>

#include <QDir>
#include <QSettings>
#include <QStandardPaths>
#include <QThread>

namespace glowworm {

namespace {

constexpr int kContextLeast = 256, kContextDefault = 2048, kContextMost = 131072;
constexpr int kSidebarLeast = 200, kSidebarDefault = 272, kSidebarMost = 600;

int within(const QVariant& value, int least, int most, int otherwise) {
    bool isNumber = false;
    const int number = value.toInt(&isNumber);
    return isNumber && number >= least && number <= most ? number : otherwise;
}

bool isTheme(const QString& theme) {
    return QStringList{QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")}
        .contains(theme);
}

}  // namespace

Settings::Settings(const QString& file, const QString& defaultDataDir, QObject* parent)
    : QObject(parent), m_file(std::make_unique<QSettings>(file, QSettings::IniFormat)),
      m_defaultDataDir(defaultDataDir), m_dataDirInUse(dataDir()) {}

Settings::~Settings() = default;

QString Settings::standardFile() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/glowworm/glowworm.ini");
}

QString Settings::standardDataDir() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           QStringLiteral("/glowworm");
}

bool Settings::store(const char* key, const QVariant& value, const QVariant& old) {
    if (value == old) return false;
    m_file->setValue(QLatin1StringView(key), value);
    return true;
}

QString Settings::theme() const {
    const QString theme = m_file->value("theme").toString();
    return isTheme(theme) ? theme : QStringLiteral("system");
}

void Settings::setTheme(const QString& value) {
    if (isTheme(value) && store("theme", value, theme())) Q_EMIT themeChanged();
}

qint64 Settings::defaultBudgetBytes() const {
    return std::max<qint64>(0, m_file->value("engine/budgetBytes").toLongLong());
}

void Settings::setDefaultBudgetBytes(qint64 bytes) {
    bytes = std::max<qint64>(0, bytes);
    if (store("engine/budgetBytes", bytes, defaultBudgetBytes()))
        Q_EMIT defaultBudgetBytesChanged();
}

QString Settings::dataDir() const {
    const QString dir = m_file->value("dataDir").toString();
    return QDir::isAbsolutePath(dir) ? dir : m_defaultDataDir;
}

void Settings::setDataDir(const QString& dir) {
    if (!QDir::isAbsolutePath(dir)) return;
    if (store("dataDir", QDir::cleanPath(dir), dataDir())) Q_EMIT dataDirChanged();
}

bool Settings::restartNeeded() const { return dataDir() != m_dataDirInUse; }

int Settings::threadsMax() const { return std::max(1, QThread::idealThreadCount()); }

int Settings::threads() const {
    return within(m_file->value("engine/threads"), 0, threadsMax(), 0);
}

void Settings::setThreads(int value) {
    if (store("engine/threads", std::clamp(value, 0, threadsMax()), threads()))
        Q_EMIT threadsChanged();
}

int Settings::contextTokens() const {
    return within(m_file->value("engine/contextTokens"), kContextLeast, kContextMost,
                  kContextDefault);
}

void Settings::setContextTokens(int tokens) {
    if (store("engine/contextTokens", std::clamp(tokens, kContextLeast, kContextMost),
              contextTokens()))
        Q_EMIT contextTokensChanged();
}

bool Settings::panelVisible() const { return m_file->value("window/panelVisible", true).toBool(); }

void Settings::setPanelVisible(bool visible) {
    if (store("window/panelVisible", visible, panelVisible())) Q_EMIT panelVisibleChanged();
}

int Settings::sidebarWidth() const {
    return within(m_file->value("window/sidebarWidth"), kSidebarLeast, kSidebarMost,
                  kSidebarDefault);
}

void Settings::setSidebarWidth(int width) {
    if (store("window/sidebarWidth", std::clamp(width, kSidebarLeast, kSidebarMost),
              sidebarWidth()))
        Q_EMIT sidebarWidthChanged();
}

QRect Settings::windowGeometry() const { return m_file->value("window/geometry").toRect(); }

void Settings::setWindowGeometry(const QRect& geometry) {
    if (store("window/geometry", geometry, windowGeometry())) Q_EMIT windowGeometryChanged();
}

bool Settings::windowMaximized() const { return m_file->value("window/maximized").toBool(); }

void Settings::setWindowMaximized(bool maximized) {
    if (store("window/maximized", maximized, windowMaximized())) Q_EMIT windowGeometryChanged();
}

QString Settings::lastModelId() const { return m_file->value("lastModelId").toString(); }

void Settings::setLastModelId(const QString& id) {
    if (store("lastModelId", id, lastModelId())) Q_EMIT lastModelIdChanged();
}

QString Settings::lastConversationId() const {
    return m_file->value("lastConversationId").toString();
}

void Settings::setLastConversationId(const QString& id) {
    if (store("lastConversationId", id, lastConversationId())) Q_EMIT lastConversationIdChanged();
}

}  // namespace glowworm
