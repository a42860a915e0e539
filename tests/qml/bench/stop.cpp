// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>

#include <fcntl.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QTest>

#include "app/engine/enginecontroller.h"
#include "core/engine/session.h"
#include "core/import/synthetic_model.h"
#include "core/import/synthetic_shapes.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/table.h"
#include "tests/qml/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr double kStopBarMs = 200, kCloseBarMs = 1000;
constexpr int kWaitMs = 120'000;
constexpr int kWarmTokens = 3, kPauseMsMax = 300;

struct Subject {
    std::string name, bundle;
    int promptWords = 0;  // most of the context
};

// What is in the page cache of a bundle goes, so that a load reads the disk.
void dropCache(const std::string& bundle) {
    for (const auto& entry : std::filesystem::directory_iterator(bundle)) {
        const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        ::close(file);
    }
}

GenerateRequest request(int words) {
    GenerateRequest request;
    std::string text = "Tell me more.";
    for (int word = 0; word < words; ++word) text += word % 7 == 0 ? " light" : " and";
    request.messages.push_back({Message::Role::kUser, text});
    request.ignore_end = true;
    return request;
}

double since(const QElapsedTimer& timer) { return static_cast<double>(timer.nsecsElapsed()) / 1e6; }

// One engine thread with one model, driven as the window does. Times are -1 where the phase was
// over before it could be stopped.
class Driver {
  public:
    explicit Driver(const Subject& subject) : m_subject(subject) {
        m_engine = std::make_unique<EngineController>(openSession);
        m_engine->setResolver([this](const QString& id) {
            return ModelTarget{.modelId = id, .name = id,
                               .bundlePath = QString::fromStdString(m_subject.bundle)};
        });
        const auto info = inspectBundle(subject.bundle, 2048);
        if (info) {
            const auto half = (info->budget_bytes_min + info->budget_bytes_max) / 2;
            m_engine->setDefaults({.budgetBytes = static_cast<qint64>(half)});
        }
    }

    // Milliseconds to load; how long it may be stopped in.
    double load() {
        dropCache(m_subject.bundle);
        QElapsedTimer timer;
        timer.start();
        m_engine->openModel(QStringLiteral("m"));
        const bool over =
            waitFor([&] { return m_engine->state() != EngineController::Loading; });
        return over ? since(timer) : -1;
    }
    bool ready() const { return m_engine->state() == EngineController::Ready; }
    void close() {
        m_engine->closeModel();
        static_cast<void>(waitFor([&] { return m_engine->state() == EngineController::Idle; }));
    }

    double stopInLoad(int afterMs) {
        dropCache(m_subject.bundle);
        m_engine->openModel(QStringLiteral("m"));
        QTest::qWait(afterMs);
        if (m_engine->state() != EngineController::Loading) {
            close();
            return -1;
        }
        return timeStop([&] { return m_engine->state() == EngineController::Idle; });
    }
    double stopInPrefill(int afterMs) {
        m_engine->generate(request(m_subject.promptWords + ++m_prompts));
        static_cast<void>(
            waitFor([&] { return m_engine->promptProgress() > 0 || !m_engine->answering(); }));
        QTest::qWait(afterMs);
        if (m_engine->state() != EngineController::Prefilling) {
            timeStop([&] { return !m_engine->answering(); });
            return -1;
        }
        return timeStop([&] { return !m_engine->answering(); });
    }
    double stopInDecode(int afterMs) {
        if (!decoding()) return -1;
        QTest::qWait(afterMs);
        return timeStop([&] { return !m_engine->answering(); });
    }
    // The window goes while an answer is being written.
    double endInDecode() {
        if (!decoding()) return -1;
        QElapsedTimer timer;
        timer.start();
        m_engine.reset();
        return since(timer);
    }

  private:
    template <typename Condition>
    static bool waitFor(Condition condition) {
        return QTest::qWaitFor(condition, kWaitMs);
    }
    template <typename Condition>
    double timeStop(Condition condition) {
        QElapsedTimer timer;
        timer.start();
        m_engine->stop();
        // Not by qWaitFor: that sleeps 10 ms between two looks.
        while (!condition() && since(timer) < kWaitMs)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
        return since(timer);
    }
    bool decoding() {
        int tokens = 0;
        const auto counting = QObject::connect(
            m_engine.get(), &EngineController::tokensArrived,
            [&](const TokenBatch& batch) { tokens += static_cast<int>(batch.stats.size()); });
        m_engine->generate(request(10));
        const bool begun =
            waitFor([&] { return tokens >= kWarmTokens || !m_engine->answering(); });
        QObject::disconnect(counting);
        return begun && m_engine->answering();
    }

    Subject m_subject;
    std::unique_ptr<EngineController> m_engine;
    int m_prompts = 0;  // no two begin alike: nothing of them is in the KV cache
};

void addRow(Table& table, const Subject& subject, const char* phase, std::vector<double> times_ms,
            double bar_ms) {
    std::erase_if(times_ms, [](double ms) { return ms < 0; });
    if (times_ms.empty()) {
        table.row({subject.name, phase, "0", "-", "-", "over before it could be stopped"});
        return;
    }
    std::ranges::sort(times_ms);
    table.row({subject.name, phase, std::to_string(times_ms.size()),
               number(times_ms[times_ms.size() / 2], 1), number(times_ms.back(), 1),
               times_ms.back() < bar_ms ? "yes" : "no"});
}

bool measureSubject(Table& table, const Subject& subject, int runs) {
    std::minstd_rand random(7);
    const auto pause = [&](double most_ms) {
        return static_cast<int>(std::uniform_real_distribution(0.0, most_ms)(random));
    };
    Driver driver(subject);
    const double load_ms = driver.load();
    if (!driver.ready()) return false;
    driver.close();
    std::vector<double> load, prefill, decode;
    for (int run = 0; run < runs; ++run) load.push_back(driver.stopInLoad(pause(load_ms * 0.9)));
    driver.load();
    for (int run = 0; run < runs; ++run) {
        prefill.push_back(driver.stopInPrefill(pause(kPauseMsMax)));
        decode.push_back(driver.stopInDecode(pause(kPauseMsMax)));
    }
    addRow(table, subject, "load", load, kStopBarMs);
    addRow(table, subject, "prefill", prefill, kStopBarMs);
    addRow(table, subject, "decode", decode, kStopBarMs);
    addRow(table, subject, "the window goes", {driver.endInDecode()}, kCloseBarMs);
    return true;
}

struct Made {
    std::string bundle;
    bool now = false;  // and not there before
};

// The shape of OPT-1.3B: 2.5 GiB.
Result<Made> synthetic() {
    const std::string folder = benchFolder() + "/synthetic-opt-1.3b";
    if (std::filesystem::exists(folder + "/manifest.json")) return Made{folder, false};
    std::filesystem::remove_all(folder);
    std::fprintf(stderr, "writing a synthetic bundle of the shape of OPT-1.3B\n");
    StopFlag stop;
    ASSIGN_OR_RETURN(const SyntheticShape shape, syntheticShape("opt-1.3b"));
    RETURN_IF_ERROR(writeSynthetic(folder, shape, {}, nullptr, stop));
    return Made{folder, true};
}

}  // namespace

int benchStop(Arguments arguments) {
    const int runs = std::stoi(option(arguments, "--runs").value_or("10"));
    Table table("Stop: from the word to its effect, through the window's engine thread",
                {"model", "in", "stops", "median ms", "most ms", "under the bar"});
    table.note("Bars: 200 ms for Stop, 1 s for the end of the engine thread in an answer. Half of "
               "each model\nmay be in memory; before each load its pages leave the page cache.");
    const auto gguf = starterGguf();
    if (!gguf) return failed(gguf.error());
    const auto starter = importedModel(*gguf, "starter", StreamChoice::kAuto);
    if (!starter) return failed(starter.error());
    bool good = measureSubject(table, {"starter", *starter, 1500}, runs);
    if (!has(arguments, "--starter-only")) {
        const auto large = synthetic();
        if (!large) return failed(large.error());
        good = measureSubject(table, {"synthetic, 2.5 GiB", large->bundle, 250}, runs) && good;
        if (large->now && !has(arguments, "--keep")) std::filesystem::remove_all(large->bundle);
    }
    table.print(has(arguments, "--json"));
    return good ? 0 : 1;
}

}  // namespace glowworm::bench
