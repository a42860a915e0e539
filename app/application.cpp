// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"

#include <utility>

#include <QClipboard>
#include <QGuiApplication>

#include "app/chat/storethread.h"
#include "app/library/speedforecast.h"

namespace glowworm {

Application::Application(ApplicationParts parts, QObject* parent)
    : QObject(parent), m_fakeEngine(parts.fakeEngine), m_settings(std::move(parts.settings)),
      m_models(std::move(parts.models)),
      m_store(std::make_unique<StoreThread>(parts.databasePath)),
      m_engine(std::make_unique<EngineController>(std::move(parts.openSession))),
      m_telemetry(std::make_unique<Telemetry>()),
      m_conversations(std::make_unique<ConversationListModel>(*m_store)),
      m_chat(std::make_unique<ChatSession>(*m_store, *m_engine)),
      m_machine(std::make_unique<MachineProbe>(std::move(parts.machine))) {
    connectStore();
    connectChat();
    connectEngine();
    connectSettings();
    connectMachine();
    m_store->open();
    m_models->refresh();
}

// Members go in reverse: the chat hands its last words to the store, the engine stops, the store
// writes what it was given.
Application::~Application() = default;

EngineController* Application::engine() const { return m_engine.get(); }
ChatSession* Application::chat() const { return m_chat.get(); }
ConversationListModel* Application::conversations() const { return m_conversations.get(); }
ModelLibrary* Application::models() const { return m_models.get(); }
Telemetry* Application::telemetry() const { return m_telemetry.get(); }
Settings* Application::settings() const { return m_settings.get(); }
MachineProbe* Application::machine() const { return m_machine.get(); }
bool Application::fakeEngine() const { return m_fakeEngine; }
QString Application::version() const { return QStringLiteral(GLOWWORM_VERSION); }
QString Application::notice() const { return m_notice.text; }
QStringList Application::noticeActions() const { return m_notice.actions; }

void Application::setNotice(Notice notice) {
    m_notice = std::move(notice);
    Q_EMIT noticeChanged();
}

void Application::runNoticeAction(int index) {
    if (index < 0 || index >= m_notice.actions.size()) return;
    const auto run = m_notice.run;
    run(index);
}

void Application::dismissNotice() { setNotice({}); }

void Application::windowShown() {
    if (std::exchange(m_windowShown, true)) return;
    openFirstModel();
    m_machine->look();
}

void Application::newChat() { m_conversations->create(); }

void Application::copyText(const QString& text) { QGuiApplication::clipboard()->setText(text); }

void Application::connectStore() {
    connect(m_store.get(), &StoreThread::opened, this, &Application::onStoreOpened);
    connect(m_store.get(), &StoreThread::failed, this, [this](const StoreError& error) {
        setNotice({error.message, {tr("Try again")}, [this](int) { m_store->retry(); }});
    });
    connect(m_store.get(), &StoreThread::recovered, this, &Application::dismissNotice);
}

void Application::onStoreOpened(const StoreOpening& opening) {
    Notice notice{opening.message, {}, {}};
    if (opening.health == StoreHealth::kCorrupt) {
        notice.actions = {tr("Set it aside and begin anew")};
        notice.run = [this](int) { m_store->setAside(); };
    }
    setNotice(notice);
    m_conversations->reload();
    if (m_conversations->currentId().isEmpty() && !m_settings->lastConversationId().isEmpty())
        m_conversations->select(m_settings->lastConversationId());
}

void Application::connectChat() {
    connect(m_conversations.get(), &ConversationListModel::currentIdChanged, this, [this] {
        m_chat->open(m_conversations->currentId());
        m_settings->setLastConversationId(m_conversations->currentId());
    });
    // The one that was asked for no longer exists.
    connect(m_chat.get(), &ChatSession::conversationChanged, this, [this] {
        if (m_chat->conversationId().isEmpty()) m_conversations->create();
    });
    connect(m_conversations.get(), &ConversationListModel::renamed, m_chat.get(),
            &ChatSession::onRenamed);
    connect(m_conversations.get(), &ConversationListModel::removed, m_chat.get(),
            &ChatSession::onRemoved);
    connect(m_chat.get(), &ChatSession::asked, m_conversations.get(),
            &ConversationListModel::touch);
}

void Application::connectEngine() {
    EngineController* engine = m_engine.get();
    engine->setResolver([this](const QString& id) { return m_models->target(id); });
    connect(engine, &EngineController::tokensArrived, m_telemetry.get(), &Telemetry::addTokens);
    connect(engine, &EngineController::memoryArrived, m_telemetry.get(), &Telemetry::setMemory);
    connect(engine, &EngineController::curveArrived, m_telemetry->curve(), &BudgetCurve::setCurve);
    connect(m_telemetry.get(), &Telemetry::visibleChanged, engine,
            [this] { m_engine->setCurveWanted(m_telemetry->visible()); });
    engine->setCurveWanted(m_telemetry->visible());
    connect(engine, &EngineController::modelChanged, this, [this] {
        m_telemetry->setSynthetic(m_fakeEngine || m_engine->model().synthetic);
    });
    connect(engine, &EngineController::stateChanged, this, [this] {
        const EngineController::State state = m_engine->state();
        if (state == EngineController::Prefilling) m_telemetry->beginAnswer();
        if (state == EngineController::Loading || state == EngineController::Idle)
            m_telemetry->clear();
        const bool open = m_engine->modelOpen();
        m_models->setOpenModel(open ? m_engine->modelId() : QString());
        if (open) m_settings->setLastModelId(m_engine->modelId());
    });
    connect(m_models.get(), &ModelLibrary::modelReady, this, [this] {
        if (m_windowShown && m_engine->state() == EngineController::Idle) openFirstModel();
    });
}

void Application::connectSettings() {
    applySettings();
    for (const auto signal : {&Settings::defaultBudgetBytesChanged, &Settings::threadsChanged,
                              &Settings::contextTokensChanged})
        connect(m_settings.get(), signal, this, &Application::applySettings);
}

void Application::connectMachine() {
    const auto judge = [this] {
        const EngineController::State state = m_engine->state();
        const bool rests = state == EngineController::Idle || state == EngineController::Ready ||
                           state == EngineController::Failed;
        m_machine->setModelOpen(state == EngineController::Ready);
        m_machine->setBusy(!rests || m_models->busy());
    };
    connect(m_engine.get(), &EngineController::stateChanged, m_machine.get(), judge);
    connect(m_models.get(), &ModelLibrary::busyChanged, m_machine.get(), judge);
    judge();
    m_machine->setSample([this] {
        const auto model = m_models->target(m_models->firstReadyModel());
        return model ? model->bundlePath.toStdString() + "/neurons.bin" : std::string();
    });
    m_models->setForecaster(
        [this](const ModelTarget& model) {
            const auto& machine = m_machine->profile();
            return machine ? speedForecast(model, m_engine->openingBudget(model), *machine)
                           : QString();
        },
        m_engine->machineBytes());
    ModelLibrary* models = m_models.get();
    connect(m_machine.get(), &MachineProbe::profileChanged, models, &ModelLibrary::renewForecasts);
    connect(m_engine.get(), &EngineController::budgetChanged, models,
            &ModelLibrary::renewForecasts);
    connect(m_engine.get(), &EngineController::stateChanged, models,
            &ModelLibrary::renewForecasts);
}

void Application::applySettings() {
    m_engine->setDefaults({.budgetBytes = m_settings->defaultBudgetBytes(),
                           .contextTokens = m_settings->contextTokens(),
                           .threads = m_settings->threads(),
                           .windowFolder =
                               m_settings->dataDirInUse() + QStringLiteral("/windows")});
    m_models->renewForecasts();
}

void Application::openFirstModel() {
    const QString last = m_settings->lastModelId();
    const QString id = m_models->target(last) ? last : m_models->firstReadyModel();
    if (!id.isEmpty()) m_engine->openModel(id);
}

}  // namespace glowworm
