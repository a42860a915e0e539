// SPDX-License-Identifier: Apache-2.0
// What the person chose, kept in an INI file in the XDG configuration folder. A value that cannot
// be what it says (damaged file) is read as the default. GUI thread; written back by QSettings in
// its own time and at the end.
#pragma once

#include <memory>

#include <QObject>
#include <QRect>
#include <QString>
#include <QtQml/qqmlregistration.h>

class QSettings;

namespace glowworm {

class Settings : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY themeChanged)  // system, light, dark
    // Bytes a model is opened with; 0: automatic.
    Q_PROPERTY(qint64 defaultBudgetBytes READ defaultBudgetBytes WRITE setDefaultBudgetBytes NOTIFY
                   defaultBudgetBytesChanged)
    // Where models and chats lie. A new one takes effect at the next start; restartNeeded says so.
    Q_PROPERTY(QString dataDir READ dataDir WRITE setDataDir NOTIFY dataDirChanged)
    Q_PROPERTY(bool restartNeeded READ restartNeeded NOTIFY dataDirChanged)
    Q_PROPERTY(int threads READ threads WRITE setThreads NOTIFY threadsChanged)  // 0: one per core
    Q_PROPERTY(int threadsMax READ threadsMax CONSTANT)
    Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY
                   contextTokensChanged)
    Q_PROPERTY(bool panelVisible READ panelVisible WRITE setPanelVisible NOTIFY panelVisibleChanged)
    Q_PROPERTY(int sidebarWidth READ sidebarWidth WRITE setSidebarWidth NOTIFY sidebarWidthChanged)
    // Of the window when it was last closed; empty: none kept.
    Q_PROPERTY(QRect windowGeometry READ windowGeometry WRITE setWindowGeometry NOTIFY
                   windowGeometryChanged)
    Q_PROPERTY(bool windowMaximized READ windowMaximized WRITE setWindowMaximized NOTIFY
                   windowGeometryChanged)
    Q_PROPERTY(QString lastModelId READ lastModelId WRITE setLastModelId NOTIFY lastModelIdChanged)
    Q_PROPERTY(QString lastConversationId READ lastConversationId WRITE setLastConversationId NOTIFY
                   lastConversationIdChanged)

  public:
    // `file` is the INI file; `defaultDataDir` what dataDir is until the person says otherwise.
    Settings(const QString& file, const QString& defaultDataDir, QObject* parent = nullptr);
    ~Settings() override;
    // The file and the folder that the XDG rules give.
    static QString standardFile();
    static QString standardDataDir();

    [[nodiscard]] QString theme() const;
    [[nodiscard]] qint64 defaultBudgetBytes() const;
    [[nodiscard]] QString dataDir() const;
    // The data folder of this run, whatever was chosen since.
    [[nodiscard]] QString dataDirInUse() const { return m_dataDirInUse; }
    [[nodiscard]] bool restartNeeded() const;
    [[nodiscard]] int threads() const;
    [[nodiscard]] int threadsMax() const;
    [[nodiscard]] int contextTokens() const;
    [[nodiscard]] bool panelVisible() const;
    [[nodiscard]] int sidebarWidth() const;
    [[nodiscard]] QRect windowGeometry() const;
    [[nodiscard]] bool windowMaximized() const;
    [[nodiscard]] QString lastModelId() const;
    [[nodiscard]] QString lastConversationId() const;

    void setTheme(const QString& theme);
    void setDefaultBudgetBytes(qint64 bytes);
    void setDataDir(const QString& dir);
    void setThreads(int threads);
    void setContextTokens(int tokens);
    void setPanelVisible(bool visible);
    void setSidebarWidth(int width);
    void setWindowGeometry(const QRect& geometry);
    void setWindowMaximized(bool maximized);
    void setLastModelId(const QString& id);
    void setLastConversationId(const QString& id);

  Q_SIGNALS:
    void themeChanged();
    void defaultBudgetBytesChanged();
    void dataDirChanged();
    void threadsChanged();
    void contextTokensChanged();
    void panelVisibleChanged();
    void sidebarWidthChanged();
    void windowGeometryChanged();
    void lastModelIdChanged();
    void lastConversationIdChanged();

  private:
    // Stores and tells whether it was new.
    bool store(const char* key, const QVariant& value, const QVariant& old);

    std::unique_ptr<QSettings> m_file;
    QString m_defaultDataDir;
    QString m_dataDirInUse;
};

}  // namespace glowworm
