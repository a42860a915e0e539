// SPDX-License-Identifier: Apache-2.0
#include "app/engine/engineworker.h"

#include <optional>
#include <utility>

#include "app/engine/mailbox.h"
#include "app/engine/tokenrelay.h"

namespace glowworm {

namespace {

constexpr qint64 kProgressMs = 33;   // between two progress reports
constexpr qint64 kMemoryMs = 100;    // between two looks at the memory while an answer runs
constexpr qint64 kCurveMs = 500;     // between two working-set curves

ModelFacts factsOf(const Session& session) {
    const ModelInfo& info = session.info();
    ModelFacts facts;
    facts.name = QString::fromStdString(info.name);
    facts.architecture = QString::fromStdString(info.architecture);
    facts.reader = QString::fromStdString(info.reader);
    facts.simdTarget = QString::fromStdString(info.simd_target);
    facts.budgetBytesMin = static_cast<qint64>(info.budget_bytes_min);
    facts.budgetBytesMax = static_cast<qint64>(info.budget_bytes_max);
    facts.bundleBytes = static_cast<qint64>(info.bundle_bytes);
    facts.contextTokens = static_cast<int>(info.context_tokens);
    facts.activeShare = info.active_share;
    facts.synthetic = info.synthetic;
    facts.memory = session.memory();
    return facts;
}

AnswerEnd endOf(const GenerateSummary& summary) {
    return {.finish = summary.finish,
            .promptTokens = static_cast<int>(summary.prompt_tokens),
            .promptTokensReused = static_cast<int>(summary.prompt_tokens_reused),
            .tokens = static_cast<int>(summary.tokens),
            .prefillMs = summary.prefill_ms,
            .decodeMs = summary.decode_ms,
            .seed = summary.seed};
}

// Whether `timer` has run for `ms`; if so it starts again.
bool due(QElapsedTimer& timer, qint64 ms) {
    if (timer.isValid() && timer.elapsed() < ms) return false;
    timer.start();
    return true;
}

}  // namespace

EngineWorker::EngineWorker(SessionFactory openSession, Mailbox& gui, TokenRelay& relay,
                           WorkerEvents events)
    : m_openSession(std::move(openSession)), m_gui(gui), m_relay(relay),
      m_events(std::move(events)) {}

void EngineWorker::open(const OpenOptions& options, const StopFlag& stop) {
    leave();
    m_sinceProgress.invalidate();
    const auto progress = [this](const Progress& p) {
        if (!due(m_sinceProgress, kProgressMs)) return;
        m_gui.post([this, fraction = p.fraction,
                    stage = QString::fromUtf8(p.stage.data(),
                                              static_cast<qsizetype>(p.stage.size()))] {
            m_events.loadProgress(fraction, stage);
        });
    };
    auto session = m_openSession(options, progress, stop);
    if (!session) {
        const Error& error = session.error();
        m_gui.post([this, message = QString::fromStdString(error.message),
                    cancelled = error.code == ErrorCode::kCancelled] {
            m_events.openFailed(message, cancelled);
        });
        return;
    }
    m_session = *std::move(session);
    m_gui.post([this, facts = factsOf(*m_session)] { m_events.opened(facts); });
}

// A window that cannot be kept is only a slower beginning next time.
void EngineWorker::leave() {
    if (m_session) static_cast<void>(m_session->keepWindow());
    m_session.reset();
}

void EngineWorker::close() {
    leave();
    m_gui.post([this] { m_events.closed(); });
}

void EngineWorker::generate(const GenerateRequest& request, Controls& controls) {
    m_sinceProgress.invalidate();
    m_sinceMemory.invalidate();
    m_sinceCurve.start();
    auto summary = m_session
                       ? m_session->generate(fitted(request), sink(), controls)
                       : fail(ErrorCode::kInvalidArgument, "No model is open; open one first.");
    if (summary) {
        m_gui.post([this, end = endOf(*summary)] { m_events.answerEnded(end); });
    } else {
        m_gui.post([this, message = QString::fromStdString(summary.error().message),
                    cancelled = summary.error().code == ErrorCode::kCancelled] {
            m_events.answerFailed(message, cancelled);
        });
    }
    if (m_session) {
        m_gui.post([this, memory = m_session->memory()] { m_events.memory(memory); });
        if (m_curveWanted) sendCurve();
    }
}

GenerateRequest EngineWorker::fitted(GenerateRequest request) {
    const auto count = [this](std::string_view text) {
        return m_session->tokenize(text, false).size();
    };
    const size_t leftOut =
        m_fit.apply(request.messages, m_session->info().context_tokens, count);
    m_gui.post([this, leftOut = static_cast<int>(leftOut)] { m_events.leftOut(leftOut); });
    return request;
}

GenerateSink EngineWorker::sink() {
    return {.prefill = [this](uint32_t done, uint32_t total) { onPrefill(done, total); },
            .token = [this](const TokenEvent& event) { onToken(event); }};
}

void EngineWorker::onPrefill(uint32_t done, uint32_t total) {
    if (done < total && !due(m_sinceProgress, kProgressMs)) return;
    m_gui.post([this, done = static_cast<int>(done), total = static_cast<int>(total)] {
        m_events.prefill(done, total);
    });
}

void EngineWorker::onToken(const TokenEvent& event) {
    std::optional<MemoryBreakdown> memory;
    if (due(m_sinceMemory, kMemoryMs)) memory = m_session->memory();
    if (m_relay.add(event.text, event.stats, memory))
        m_gui.post([this] { m_events.tokensWaiting(); });
    if (m_curveWanted && due(m_sinceCurve, kCurveMs)) sendCurve();
}

void EngineWorker::sendCurve() {
    if (!m_session) return;
    m_gui.post([this, curve = m_session->curve()] { m_events.curve(curve); });
}

void EngineWorker::setBudget(qint64 bytes) {
    MemoryBreakdown memory;
    if (m_session) {
        // A budget that does not work leaves the old one; the session then says which.
        static_cast<void>(m_session->setBudget(static_cast<uint64_t>(bytes)));
        memory = m_session->memory();
    }
    m_gui.post([this, memory] { m_events.budgetSet(memory); });
}

void EngineWorker::setWindow(int tokens) {
    if (m_session) m_session->setWindow(static_cast<uint32_t>(tokens));
    if (m_curveWanted) sendCurve();
}

}  // namespace glowworm
