// SPDX-License-Identifier: Apache-2.0
// Owns the Session. Every function runs on the engine thread (by its mailbox) and blocks it; what
// comes of it is posted to the GUI thread's mailbox.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <QElapsedTimer>

#include "app/engine/contextfit.h"
#include "app/engine/enginemessages.h"
#include "app/engine/sessionfactory.h"

namespace glowworm {

class Mailbox;
class TokenRelay;

// Called on the GUI thread.
struct WorkerEvents {
    std::function<void(double fraction, QString stage)> loadProgress;
    std::function<void(ModelFacts facts)> opened;
    std::function<void(QString message, bool cancelled)> openFailed;
    std::function<void()> closed;
    std::function<void(int messages)> leftOut;  // before an answer: how many no longer fit
    std::function<void(int done, int total)> prefill;
    std::function<void()> tokensWaiting;  // in the relay
    std::function<void(MemoryBreakdown memory)> memory;     // after an answer
    std::function<void(MemoryBreakdown memory)> budgetSet;  // once for each setBudget
    std::function<void(WorkingSetCurve curve)> curve;       // while it is wanted
    std::function<void(AnswerEnd end)> answerEnded;
    std::function<void(QString message, bool cancelled)> answerFailed;
};

class EngineWorker {
  public:
    // `gui`, `relay` outlive the worker.
    EngineWorker(SessionFactory openSession, Mailbox& gui, TokenRelay& relay, WorkerEvents events);

    void open(const OpenOptions& options, const StopFlag& stop);
    void close();
    void generate(const GenerateRequest& request, Controls& controls);
    void setBudget(qint64 bytes);
    void setWindow(int tokens);
    void sendCurve();  // if a model is open
    // Any thread: whether the curve is drawn, and sent while an answer runs.
    void wantCurve(bool wanted) { m_curveWanted = wanted; }

  private:
    GenerateRequest fitted(GenerateRequest request);
    void leave();
    GenerateSink sink();
    void onPrefill(uint32_t done, uint32_t total);
    void onToken(const TokenEvent& event);

    SessionFactory m_openSession;
    Mailbox& m_gui;
    TokenRelay& m_relay;
    WorkerEvents m_events;
    std::unique_ptr<Session> m_session;
    ContextFit m_fit;
    QElapsedTimer m_sinceProgress;
    QElapsedTimer m_sinceMemory;
    QElapsedTimer m_sinceCurve;
    std::atomic<bool> m_curveWanted{false};
};

}  // namespace glowworm
