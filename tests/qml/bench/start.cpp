// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <vector>

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

#include "app/settings/settings.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/qml/bench/tables.h"
#include "tests/qml/conversations.h"

namespace glowworm::bench {

namespace {

constexpr int kConversations = 1000, kMessages = 4, kWords = 120;
constexpr double kBarMs = 700;

// A data folder as after months of use; with a model that opens at the start where it has one.
void fillDataDir(const QString& dir, const std::string& bundle) {
    fillConversations(dir + QStringLiteral("/chats.sqlite"), kConversations, kMessages, kWords);
    Settings settings(dir + QStringLiteral("/glowworm.ini"), dir);
    settings.setLastConversationId(QStringLiteral("conversation-%1").arg(kConversations - 1));
    if (bundle.empty()) return;
    QDir(dir).mkpath(QStringLiteral("models"));
    QFile::link(QString::fromStdString(bundle), dir + QStringLiteral("/models/starter"));
}

// Milliseconds from exec to the window's word that it can be used; negative: it did not say so.
double startOnce(const QString& dir) {
    QProcess window;
    window.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QElapsedTimer timer;
    timer.start();
    window.start(QCoreApplication::applicationDirPath() + QStringLiteral("/glowworm"),
                 {QStringLiteral("--data-dir"), dir, QStringLiteral("--first-frame")});
    while (!window.canReadLine() && window.waitForReadyRead(30'000)) {}
    const double ms = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    const bool said = window.readLine().startsWith("usable");
    window.waitForFinished(10'000);
    return said ? ms : -1;
}

bool addRow(Table& table, const std::string& what, const QString& dir, int runs) {
    startOnce(dir);  // fills the page cache and the caches of Qt
    std::vector<double> times_ms;
    for (int run = 0; run < runs; ++run) times_ms.push_back(startOnce(dir));
    std::ranges::sort(times_ms);
    if (times_ms.front() < 0) return false;
    const size_t half = times_ms.size() / 2;
    const double median =
        times_ms.size() % 2 == 1 ? times_ms[half] : (times_ms[half - 1] + times_ms[half]) / 2;
    table.row({what, std::to_string(runs), number(median, 0), number(times_ms.front(), 0),
               number(times_ms.back(), 0), median < kBarMs ? "yes" : "no"});
    return true;
}

}  // namespace

int benchStart(Arguments arguments) {
    const int runs = std::stoi(option(arguments, "--runs").value_or("10"));
    Table table("Start: exec to the first frame of a usable window, 1,000 conversations on disk",
                {"data folder", "runs", "median ms", "least ms", "most ms", "under 700 ms"});
    table.note("Usable: the list and the last conversation are read and drawn, the prompt has the "
               "focus.\nPage cache warm; one run before the measured ones.");
    const auto measured = [&](const std::string& what, const std::string& bundle) {
        const QTemporaryDir dir;
        fillDataDir(dir.path(), bundle);
        return addRow(table, what, dir.path(), runs);
    };
    bool good = measured("no model", "");
    if (const auto gguf = starterGguf(); gguf) {
        const auto bundle = importedModel(*gguf, "starter", StreamChoice::kAuto);
        if (!bundle) return failed(bundle.error());
        good = measured("the starter opens meanwhile", *bundle) && good;
    }
    table.print(has(arguments, "--json"));
    return good ? 0 : 1;
}

}  // namespace glowworm::bench
