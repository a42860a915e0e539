// SPDX-License-Identifier: Apache-2.0
// Makes Applications on the fake engine for the tests and the screenshots of the window. One at a
// time; the object owns it. GUI thread.
#pragma once

#include <memory>

#include <QObject>
#include <QQuickWindow>
#include <QTemporaryDir>
#include <QUrl>
#include <QVariantMap>
#include <QtQml/qqmlregistration.h>

#include "app/application.h"

namespace glowworm {

class Scene : public QObject {
    Q_OBJECT
    QML_ELEMENT

  public:
    using QObject::QObject;

    // Options: "models" ("usual", "none", "starter" (being imported), "broken" (cannot be opened)),
    // "tokensPerSecond", "loadMs", "promptTokensPerSecond", "stepMs" (of the library),
    // "theme", "contextTokens"; "machine": "known" (was measured before), "resting" (is measured
    // soon), else it is measured only when asked for, in "probeMs".
    // Chats and settings live in one folder for the life of the scene: start, stop, start is a
    // restart.
    Q_INVOKABLE glowworm::Application* start(const QVariantMap& options);
    // The window must be gone before.
    Q_INVOKABLE void stop();
    Q_INVOKABLE void forget();  // empties the folder
    // Conversations of so many words each, in the database before the next start.
    Q_INVOKABLE void fill(int conversations, int messages, int words);
    // As from another program: drops `url` on the middle of the window; "": some text instead.
    Q_INVOKABLE void drop(QQuickWindow* window, const QUrl& url) const;
    // As an input method does: what is being composed, or with `done` what comes of it.
    Q_INVOKABLE void compose(const QString& text, bool done) const;
    Q_INVOKABLE QString clipboard() const;
    Q_INVOKABLE QString environment(const QString& name) const;

  private:
    [[nodiscard]] ApplicationParts parts(const QVariantMap& options) const;

    std::unique_ptr<QTemporaryDir> m_folder = std::make_unique<QTemporaryDir>();
    std::unique_ptr<Application> m_application;
};

}  // namespace glowworm
