// SPDX-License-Identifier: Apache-2.0
// Runs tst_*.qml: each flow of the window on the fake engine.
#include <QFont>
#include <QGuiApplication>
#include <QQmlEngine>
#include <QQmlExtensionPlugin>
#include <QQuickWindow>
#include <QtQuickTest/quicktest.h>

Q_IMPORT_QML_PLUGIN(GlowwormPlugin)
Q_IMPORT_QML_PLUGIN(Glowworm_AppPlugin)
Q_IMPORT_QML_PLUGIN(Glowworm_TestPlugin)

namespace {

class Setup : public QObject {
    Q_OBJECT

  public Q_SLOTS:
    void applicationAvailable() {
        QFont font(QStringLiteral("Inter"));
        font.setPixelSize(14);
        QGuiApplication::setFont(font);
        QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
        QGuiApplication::setApplicationName(QStringLiteral("glowworm"));
    }
};

}  // namespace

int main(int argc, char* argv[]) {
    Setup setup;
    return quick_test_main_with_setup(argc, argv, "qml", TESTS_DIR, &setup);
}

#include "main.moc"
