// SPDX-License-Identifier: Apache-2.0
// glowworm-window-bench TABLE [OPTIONS]: measures one table of the window and prints it.
#include <cstdio>
#include <string>
#include <vector>

#include <QFont>
#include <QGuiApplication>
#include <QQmlExtensionPlugin>
#include <QQuickWindow>

#include "tests/qml/bench/tables.h"

Q_IMPORT_QML_PLUGIN(GlowwormPlugin)
Q_IMPORT_QML_PLUGIN(Glowworm_AppPlugin)

namespace {

struct Entry {
    const char* name;
    int (*run)(glowworm::bench::Arguments);
    const char* about;
};

constexpr Entry kTables[] = {
    {"frames", glowworm::bench::benchFrames,
     "frame intervals: streaming into 100,000 tokens, beside an idle animation"},
    {"start", glowworm::bench::benchStart,
     "exec to the first usable frame with 1,000 conversations"},
    {"stop", glowworm::bench::benchStop, "Stop in load, prefill and decode"},
};

int usage() {
    std::fprintf(stderr, "usage: glowworm-window-bench TABLE [--json] [--runs N]\n\n");
    for (const Entry& table : kTables) std::fprintf(stderr, "  %-8s %s\n", table.name, table.about);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    for (const Entry& table : kTables) {
        if (args.empty() || args[0] != table.name) continue;
        QGuiApplication app(argc, argv);
        QGuiApplication::setApplicationName(QStringLiteral("glowworm"));
        QFont font(QStringLiteral("Inter"));
        font.setPixelSize(14);
        QGuiApplication::setFont(font);
        QQuickWindow::setTextRenderType(QQuickWindow::NativeTextRendering);
        return table.run(std::span(args).subspan(1));
    }
    return usage();
}
