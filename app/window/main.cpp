// SPDX-License-Identifier: Apache-2.0
// The window: reads the command line, makes the application, shows Main.qml with it.
#include <QCommandLineParser>
#include <QFont>
#include <QGuiApplication>
#include <QIcon>
#include <QQmlApplicationEngine>
#include <QQmlExtensionPlugin>
#include <QQuickStyle>
#include <QQuickWindow>
#include <QUrl>

#include "app/application.h"
#include "app/window/figurelog.h"
#include "app/window/firstframe.h"

Q_IMPORT_QML_PLUGIN(GlowwormPlugin)
Q_IMPORT_QML_PLUGIN(Glowworm_AppPlugin)

namespace {

struct Arguments {
    bool fakeEngine = false, firstFrame = false, sayFigures = false;
    QString fakeState, dataDir;
    QStringList models;
};

Arguments readArguments(const QGuiApplication& app) {
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QGuiApplication::tr("Chat with language models larger than your memory."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption fake(QStringLiteral("fake-engine"),
        QGuiApplication::tr("Scripted answers and figures instead of a model."));
    const QCommandLineOption state(QStringLiteral("fake-state"),
        QGuiApplication::tr("With --fake-engine: keep chats and settings in <folder>."),
        QGuiApplication::tr("folder"));
    const QCommandLineOption dataDir(QStringLiteral("data-dir"),
        QGuiApplication::tr("Keep models, chats and settings in <folder>."),
        QGuiApplication::tr("folder"));
    QCommandLineOption firstFrame(QStringLiteral("first-frame"));  // for measuring the start
    QCommandLineOption sayFigures(QStringLiteral("say-figures"));  // for the driven run
    for (QCommandLineOption* hidden : {&firstFrame, &sayFigures})
        hidden->setFlags(QCommandLineOption::HiddenFromHelp);
    parser.addOptions({fake, state, dataDir, firstFrame, sayFigures});
    parser.addPositionalArgument(QStringLiteral("models"),
        QGuiApplication::tr("Models to import: GGUF files, folders, archives."),
        QStringLiteral("[models...]"));
    parser.process(app);
    return {.fakeEngine = parser.isSet(fake), .firstFrame = parser.isSet(firstFrame),
            .sayFigures = parser.isSet(sayFigures),
            .fakeState = parser.value(state), .dataDir = parser.value(dataDir),
            .models = parser.positionalArguments()};
}

void setLook() {
    QFont font(QStringLiteral("Inter"));
    font.setPixelSize(14);
    QGuiApplication::setFont(font);
    QGuiApplication::setWindowIcon(QIcon(QStringLiteral(":/glowworm/icons/glowworm.svg")));
    // Drawn as the desktop draws its words, and at half the cost where no GPU helps.
    QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
    QQuickStyle::setStyle(QStringLiteral("Basic"));  // of the file dialogs; ours are Templates
}

}  // namespace

int main(int argc, char* argv[]) {
    QGuiApplication app(argc, argv);
    QGuiApplication::setApplicationName(QStringLiteral("glowworm"));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Glowworm"));
    QGuiApplication::setApplicationVersion(QStringLiteral(GLOWWORM_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.glowworm.Glowworm"));
    const Arguments arguments = readArguments(app);
    setLook();

    glowworm::Application application(arguments.fakeEngine
                                           ? glowworm::fakeParts(arguments.fakeState)
                                           : glowworm::realParts(arguments.dataDir));
    for (const QString& model : arguments.models)
        application.models()->importPath(QUrl::fromUserInput(model, QStringLiteral(".")));

    QQmlApplicationEngine engine;
    engine.setInitialProperties({{QStringLiteral("app"), QVariant::fromValue(&application)}});
    QObject::connect(&engine, &QQmlApplicationEngine::objectCreationFailed, &app,
                     [] { QCoreApplication::exit(1); }, Qt::QueuedConnection);
    engine.loadFromModule("Glowworm", "Main");
    auto* window =
        qobject_cast<QQuickWindow*>(engine.rootObjects().value(0));
    if (arguments.sayFigures && window) new glowworm::FigureLog(*window, application);
    if (arguments.firstFrame && window) new glowworm::FirstFrame(*window, application);
    return QGuiApplication::exec();
}
