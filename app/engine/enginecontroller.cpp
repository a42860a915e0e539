// SPDX-License-Identifier: Apache-2.0
#include "app/engine/enginecontroller.h"

#include <algorithm>
#include <utility>

#include "app/engine/automaticbudget.h"
#include "app/engine/engineworker.h"
#include "app/engine/machinememory.h"
#include "app/engine/mailbox.h"
#include "app/engine/tokenrelay.h"

namespace glowworm {

namespace {
constexpr int kDrainMs = 33;  // about 30 updates a second
}

EngineController::EngineController(SessionFactory openSession, QObject* parent)
    : QObject(parent), m_relay(std::make_unique<TokenRelay>()),
      m_fromWorker(std::make_unique<Mailbox>()), m_toWorker(std::make_unique<Mailbox>()),
      // The session goes where it lived, whatever ended the thread.
      m_thread(QStringLiteral("engine"), [this] { m_worker->close(); }) {
    m_worker = std::make_unique<EngineWorker>(std::move(openSession), *m_fromWorker, *m_relay,
                                              events());
    m_toWorker->moveToThread(&m_thread);
    m_drainTimer.setSingleShot(true);
    m_drainTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_drainTimer, &QTimer::timeout, this, &EngineController::drainTokens);
    const MachineMemory machine = readMachineMemory();
    m_machineBytes = machine.totalBytes;
    m_machineAvailableBytes = machine.availableBytes;
    m_thread.start();
}

EngineController::~EngineController() {
    if (m_loadStop) m_loadStop->request();
    if (m_controls) m_controls->stop.request();
    m_thread.quit();
    m_thread.waitForEnd();
}

WorkerEvents EngineController::events() {
    return {
        .loadProgress = [this](double f, const QString& stage) { onLoadProgress(f, stage); },
        .opened = [this](const ModelFacts& facts) { onOpened(facts); },
        .openFailed = [this](const QString& m, bool cancelled) { onOpenFailed(m, cancelled); },
        .closed = [this] { onClosed(); },
        .leftOut = [this](int messages) { Q_EMIT messagesLeftOut(messages); },
        .prefill = [this](int done, int total) { onPrefill(done, total); },
        .tokensWaiting = [this] { onTokensWaiting(); },
        .memory = [this](const MemoryBreakdown& memory) { Q_EMIT memoryArrived(memory); },
        .budgetSet = [this](const MemoryBreakdown& memory) { onBudgetSet(memory); },
        .curve =
            [this](const WorkingSetCurve& curve) {
                if (modelOpen()) Q_EMIT curveArrived(curve);
            },
        .answerEnded =
            [this](const AnswerEnd& end) {
                drainTokens();
                setContextUsed(end.promptTokens + end.tokens);
                endAnswer();
                Q_EMIT answerFinished(end);
            },
        .answerFailed =
            [this](const QString& message, bool cancelled) {
                drainTokens();
                endAnswer();
                if (cancelled) {
                    Q_EMIT answerFinished({.finish = FinishReason::kStopped});
                } else {
                    Q_EMIT answerFailed(message);
                }
            },
    };
}

bool EngineController::modelOpen() const {
    return m_state == Ready || answering();
}

bool EngineController::answering() const { return m_controls != nullptr; }

QString EngineController::stateText() const {
    const auto percent = [](double fraction) { return static_cast<int>(fraction * 100); };
    switch (m_state) {
    case Idle: return tr("No model is open");
    case Loading: return tr("Opening %1, %2 %").arg(m_target.name).arg(percent(m_loadProgress));
    case Ready: return tr("Ready");
    case Prefilling:
        return m_promptProgress > 0
                   ? tr("Reading the prompt, %1 %").arg(percent(m_promptProgress))
                   : tr("Reading the prompt");
    case Generating: return tr("Answering");
    case Stopping: return tr("Stopping");
    case Failed: return tr("%1 could not be opened").arg(m_target.name);
    }
    return {};
}

void EngineController::setState(State state, const QString& errorText) {
    m_state = state;
    m_errorText = errorText;
    Q_EMIT stateChanged();
    Q_EMIT stateTextChanged();
}

void EngineController::setTarget(const ModelTarget& target) {
    m_target = target;
    m_model = {};
    setContextUsed(0);
    Q_EMIT modelChanged();
}

void EngineController::setContextUsed(int tokens) {
    if (std::exchange(m_contextUsed, tokens) != tokens) Q_EMIT contextUsedChanged();
}

void EngineController::setPromptProgress(double fraction) {
    m_promptProgress = fraction;
    Q_EMIT promptProgressChanged();
    Q_EMIT stateTextChanged();
}

void EngineController::setResolver(
    std::function<std::optional<ModelTarget>(const QString&)> resolver) {
    m_resolver = std::move(resolver);
}

void EngineController::openModel(const QString& modelId) {
    const std::optional<ModelTarget> target = m_resolver ? m_resolver(modelId) : std::nullopt;
    if (!target) return;
    if (modelId == m_target.modelId && (m_state == Loading || modelOpen())) return;
    m_nextTarget = *target;
    m_next = Next::kOpen;
    if (m_state == Loading || answering()) return stop();
    if (m_state == Stopping) return;
    startLoad();
}

void EngineController::closeModel() {
    m_next = Next::kClose;
    if (m_state == Loading || answering()) return stop();
    if (m_state == Ready) {
        setState(Stopping);
        m_toWorker->post([worker = m_worker.get()] { worker->close(); });
    } else if (m_state != Stopping) {
        onClosed();
    }
}

qint64 EngineController::openingBudget(const ModelTarget& target) const {
    if (modelOpen() && target.modelId == m_target.modelId) return m_budgetBytes;
    return m_defaults.budgetBytes > 0 ? std::max(m_defaults.budgetBytes, target.budgetBytesMin)
                                      : automaticBudget(target, m_machineAvailableBytes);
}

void EngineController::startLoad() {
    m_next = Next::kNothing;
    setTarget(m_nextTarget);
    refreshMachine();
    m_loadProgress = 0;
    m_budgetChosen = false;
    m_loadStop = std::make_shared<StopFlag>();
    OpenOptions options;
    options.bundle = m_target.bundlePath.toStdString();
    options.budget_bytes = static_cast<uint64_t>(openingBudget(m_target));
    options.context_tokens = static_cast<uint32_t>(m_defaults.contextTokens);
    options.threads = static_cast<uint32_t>(m_defaults.threads);
    options.window_tokens = static_cast<uint32_t>(m_windowTokens);
    options.window_folder = m_defaults.windowFolder.toStdString();
    setState(Loading);
    Q_EMIT loadProgressChanged();
    m_toWorker->post([worker = m_worker.get(), options, stop = m_loadStop] {
        worker->open(options, *stop);
    });
}

void EngineController::onLoadProgress(double fraction, const QString& stage) {
    if (m_state != Loading) return;
    m_loadProgress = fraction;
    m_stage = stage;
    Q_EMIT loadProgressChanged();
    Q_EMIT stateTextChanged();
}

void EngineController::onOpened(const ModelFacts& facts) {
    m_loadStop.reset();
    if (m_state == Stopping) {  // the load ended before it saw the stop
        m_toWorker->post([worker = m_worker.get()] { worker->close(); });
        return;
    }
    m_model = facts;
    if (!m_budgetChosen) m_budgetBytes = static_cast<qint64>(facts.memory.budget_bytes);
    Q_EMIT modelChanged();
    Q_EMIT budgetChanged();
    Q_EMIT memoryArrived(facts.memory);
    setState(Ready);
    if (std::exchange(m_budgetChosen, false)) setBudgetBytes(m_budgetBytes);
    if (m_waiting) startAnswer(*std::exchange(m_waiting, std::nullopt));
}

void EngineController::onOpenFailed(const QString& message, bool cancelled) {
    m_loadStop.reset();
    if (cancelled || m_state == Stopping) return onClosed();
    setState(Failed, message);
    failWaiting(message);
}

void EngineController::onClosed() {
    if (m_next == Next::kOpen) return startLoad();
    m_next = Next::kNothing;
    setTarget({});
    setState(Idle);
    if (std::exchange(m_waiting, std::nullopt))
        Q_EMIT answerFinished({.finish = FinishReason::kStopped});
}

void EngineController::failWaiting(const QString& message) {
    if (std::exchange(m_waiting, std::nullopt)) Q_EMIT answerFailed(message);
}

void EngineController::stop() {
    if (m_state != Loading && m_state != Prefilling && m_state != Generating) return;
    if (m_loadStop) m_loadStop->request();
    if (m_controls) m_controls->stop.request();
    setState(Stopping);
}

void EngineController::retry() {
    if (m_state != Failed) return;
    m_nextTarget = m_target;
    startLoad();
}

bool EngineController::generate(const GenerateRequest& request) {
    if (m_waiting || answering()) return false;
    if (m_state == Loading) {
        m_waiting = request;
        return true;
    }
    if (m_state != Ready) return false;
    startAnswer(request);
    return true;
}

void EngineController::startAnswer(const GenerateRequest& request) {
    m_controls = std::make_shared<Controls>();
    m_controls->window_tokens = static_cast<uint32_t>(m_windowTokens);
    m_sinceDrain.invalidate();
    setState(Prefilling);
    setPromptProgress(0);
    m_toWorker->post([worker = m_worker.get(), request, controls = m_controls] {
        worker->generate(request, *controls);
    });
}

void EngineController::onPrefill(int done, int total) {
    if (m_state != Prefilling) return;
    setContextUsed(total);
    setPromptProgress(total > 0 ? static_cast<double>(done) / total : 0);
}

void EngineController::onTokensWaiting() {
    const qint64 since = m_sinceDrain.isValid() ? m_sinceDrain.elapsed() : kDrainMs;
    if (since >= kDrainMs) {
        drainTokens();
    } else {
        m_drainTimer.start(static_cast<int>(kDrainMs - since));
    }
}

void EngineController::drainTokens() {
    m_drainTimer.stop();
    m_sinceDrain.start();
    std::optional<MemoryBreakdown> memory;
    const TokenBatch batch = m_relay->take(&memory);
    if (batch.stats.isEmpty()) return;
    if (m_state == Prefilling) {
        setPromptProgress(-1);
        setState(Generating);
    }
    setContextUsed(m_contextUsed + static_cast<int>(batch.stats.size()));
    Q_EMIT tokensArrived(batch);
    if (memory) Q_EMIT memoryArrived(*memory);
}

void EngineController::onBudgetSet(const MemoryBreakdown& memory) {
    if (--m_budgetsUnderway > 0 || memory.budget_bytes == 0) return;
    // The session's own word counts: what could not be had was not taken.
    if (!m_budgetChosen) {
        m_budgetBytes = static_cast<qint64>(memory.budget_bytes);
        Q_EMIT budgetChanged();
    }
    Q_EMIT memoryArrived(memory);
}

void EngineController::endAnswer() {
    m_controls.reset();
    if (m_promptProgress >= 0) setPromptProgress(-1);
    setState(Ready);
    if (std::exchange(m_budgetChosen, false)) setBudgetBytes(m_budgetBytes);
    if (m_next == Next::kOpen) return startLoad();
    if (m_next == Next::kClose) return closeModel();
}

void EngineController::setBudgetBytes(qint64 bytes) {
    if (!modelOpen() && m_state != Loading) return;
    if (modelOpen())
        bytes = std::clamp(bytes, budgetBytesMin(), std::max(budgetBytesMin(), budgetBytesMax()));
    m_budgetBytes = bytes;
    if (m_controls) {
        m_controls->budget_bytes = static_cast<uint64_t>(bytes);
        m_budgetChosen = true;
    } else if (m_state == Ready) {
        ++m_budgetsUnderway;
        m_toWorker->post([worker = m_worker.get(), bytes] { worker->setBudget(bytes); });
    } else {
        m_budgetChosen = true;
    }
    Q_EMIT budgetChanged();
}

void EngineController::setWindowTokens(int tokens) {
    tokens = std::max(tokens, 0);
    if (std::exchange(m_windowTokens, tokens) == tokens) return;
    if (m_controls) m_controls->window_tokens = static_cast<uint32_t>(tokens);
    m_toWorker->post([worker = m_worker.get(), tokens] { worker->setWindow(tokens); });
    Q_EMIT windowChanged();
}

void EngineController::setCurveWanted(bool wanted) {
    m_worker->wantCurve(wanted);
    if (wanted) m_toWorker->post([worker = m_worker.get()] { worker->sendCurve(); });
}

void EngineController::refreshMachine() {
    const MachineMemory machine = readMachineMemory();
    if (std::exchange(m_machineAvailableBytes, machine.availableBytes) != machine.availableBytes)
        Q_EMIT machineChanged();
}

}  // namespace glowworm
