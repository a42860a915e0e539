// SPDX-License-Identifier: Apache-2.0
// The GUI thread's hand on the engine: what state it is in, and what it is wished to do. Talks to
// EngineWorker on its own QThread by queued calls, and by the atomics of Controls while it works.
// GUI thread; nothing here waits, but the destructor, which stops the work and joins the thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/engine/enginemessages.h"
#include "app/engine/loopthread.h"
#include "app/engine/sessionfactory.h"

namespace glowworm {

class EngineWorker;
class Mailbox;
class TokenRelay;
struct WorkerEvents;

class EngineController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    // The state in words, with percent where there is one ("Reading the prompt, 40 %").
    Q_PROPERTY(QString stateText READ stateText NOTIFY stateTextChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)  // 0..1
    Q_PROPERTY(QString modelId READ modelId NOTIFY modelChanged)  // open or loading; "" none
    Q_PROPERTY(QString modelName READ modelName NOTIFY modelChanged)
    Q_PROPERTY(QString errorText READ errorText NOTIFY stateChanged)  // in Failed: why, what to do
    // The ceiling, bytes. Written while an answer runs it acts within a token; while a model loads
    // it is kept for when it is ready; without a model it is ignored. Clamped to min..max.
    Q_PROPERTY(qint64 budgetBytes READ budgetBytes WRITE setBudgetBytes NOTIFY budgetChanged)
    Q_PROPERTY(qint64 budgetBytesMin READ budgetBytesMin NOTIFY modelChanged)
    Q_PROPERTY(qint64 budgetBytesMax READ budgetBytesMax NOTIFY modelChanged)
    Q_PROPERTY(qint64 machineBytes READ machineBytes CONSTANT)
    Q_PROPERTY(qint64 machineAvailableBytes READ machineAvailableBytes NOTIFY machineChanged)
    // 0: automatic, from the budget.
    Q_PROPERTY(int windowTokens READ windowTokens WRITE setWindowTokens NOTIFY windowChanged)
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY modelChanged)  // the model's, as opened
    Q_PROPERTY(int contextUsed READ contextUsed NOTIFY contextUsedChanged)
    Q_PROPERTY(bool modelOpen READ modelOpen NOTIFY stateChanged)  // a prompt can be answered
    Q_PROPERTY(bool answering READ answering NOTIFY stateChanged)  // or stopping an answer

  public:
    enum State { Idle, Loading, Ready, Prefilling, Generating, Stopping, Failed };
    Q_ENUM(State)

    explicit EngineController(SessionFactory openSession, QObject* parent = nullptr);
    ~EngineController() override;

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QString stateText() const;
    [[nodiscard]] double loadProgress() const { return m_loadProgress; }
    [[nodiscard]] QString modelId() const { return m_target.modelId; }
    [[nodiscard]] QString modelName() const { return m_target.name; }
    [[nodiscard]] QString errorText() const { return m_errorText; }
    [[nodiscard]] qint64 budgetBytes() const { return m_budgetBytes; }
    [[nodiscard]] qint64 budgetBytesMin() const { return m_model.budgetBytesMin; }
    [[nodiscard]] qint64 budgetBytesMax() const { return m_model.budgetBytesMax; }
    [[nodiscard]] qint64 machineBytes() const { return m_machineBytes; }
    [[nodiscard]] qint64 machineAvailableBytes() const { return m_machineAvailableBytes; }
    [[nodiscard]] int windowTokens() const { return m_windowTokens; }
    [[nodiscard]] int contextTokens() const { return m_model.contextTokens; }
    [[nodiscard]] int contextUsed() const { return m_contextUsed; }
    [[nodiscard]] bool modelOpen() const;
    [[nodiscard]] bool answering() const;
    [[nodiscard]] const ModelFacts& model() const { return m_model; }
    // 0..1 while a prompt is read, else -1.
    [[nodiscard]] double promptProgress() const { return m_promptProgress; }

    void setBudgetBytes(qint64 bytes);
    void setWindowTokens(int tokens);

    // How an id becomes a bundle's folder and name; nothing: no such model.
    void setResolver(std::function<std::optional<ModelTarget>(const QString& modelId)> resolver);
    // What a model is opened with, from the settings.
    void setDefaults(const OpenDefaults& defaults) { m_defaults = defaults; }

    // What a model would be opened with now; of the one that is open, what it has.
    [[nodiscard]] qint64 openingBudget(const ModelTarget& target) const;

    Q_INVOKABLE void openModel(const QString& modelId);
    Q_INVOKABLE void closeModel();
    // Ends the load or the answer that runs; within 200 ms.
    Q_INVOKABLE void stop();
    // After Failed: opens the same model again.
    Q_INVOKABLE void retry();
    // Reads the machine's available memory again (the panel does, once a second while it shows).
    Q_INVOKABLE void refreshMachine();

    // Whether the working-set curve is drawn: only then is it made and sent.
    void setCurveWanted(bool wanted);

    // Starts an answer, or keeps it until the model that is loading is ready. One at a time; false:
    // no model, or busy. What comes of it arrives by the four signals below.
    bool generate(const GenerateRequest& request);

  Q_SIGNALS:
    void stateChanged();
    void stateTextChanged();
    void loadProgressChanged();
    void modelChanged();
    void budgetChanged();
    void machineChanged();
    void windowChanged();
    void contextUsedChanged();
    void promptProgressChanged();

    // Before an answer: so many of the oldest messages no longer fit into the context.
    void messagesLeftOut(int messages);
    void tokensArrived(const glowworm::TokenBatch& batch);
    void memoryArrived(const glowworm::MemoryBreakdown& memory);
    void curveArrived(const glowworm::WorkingSetCurve& curve);
    void answerFinished(const glowworm::AnswerEnd& end);
    void answerFailed(const QString& message);

  private:
    WorkerEvents events();
    void setState(State state, const QString& errorText = {});
    void setTarget(const ModelTarget& target);
    void setContextUsed(int tokens);
    void setPromptProgress(double fraction);
    void startLoad();
    void startAnswer(const GenerateRequest& request);
    void onLoadProgress(double fraction, const QString& stage);
    void onOpened(const ModelFacts& facts);
    void onOpenFailed(const QString& message, bool cancelled);
    void onClosed();
    void onPrefill(int done, int total);
    void onTokensWaiting();
    void onBudgetSet(const MemoryBreakdown& memory);
    void drainTokens();
    void endAnswer();
    void failWaiting(const QString& message);

    std::shared_ptr<Controls> m_controls;   // of the present answer
    std::shared_ptr<StopFlag> m_loadStop;   // of the present load
    std::unique_ptr<TokenRelay> m_relay;
    std::unique_ptr<Mailbox> m_fromWorker;  // lives here
    std::unique_ptr<Mailbox> m_toWorker;    // lives on m_thread
    std::unique_ptr<EngineWorker> m_worker; // touched on m_thread only
    LoopThread m_thread;
    QTimer m_drainTimer;
    QElapsedTimer m_sinceDrain;
    std::function<std::optional<ModelTarget>(const QString&)> m_resolver;
    OpenDefaults m_defaults;

    State m_state = Idle;
    QString m_errorText;
    QString m_stage;
    double m_loadProgress = 0;
    double m_promptProgress = -1;
    ModelTarget m_target;
    ModelFacts m_model;
    enum class Next { kNothing, kOpen, kClose };
    Next m_next = Next::kNothing;  // to be done once the work that runs has stopped
    ModelTarget m_nextTarget;
    std::optional<GenerateRequest> m_waiting;
    qint64 m_budgetBytes = 0;
    bool m_budgetChosen = false;  // while the model loads or answers: tell the session afterwards
    int m_budgetsUnderway = 0;    // told to the session, not yet answered
    int m_windowTokens = 0;
    int m_contextUsed = 0;
    qint64 m_machineBytes = 0;
    qint64 m_machineAvailableBytes = 0;
};

}  // namespace glowworm
