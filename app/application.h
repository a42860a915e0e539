// SPDX-License-Identifier: Apache-2.0
// The composition root: makes every part of the window's logic, wires them together, owns them all
// and ends them. `main` makes one and gives it to Main.qml (`required property Application app`).
// GUI thread. Destruction stops whatever runs (load, prefill, answer) and returns within a second.
#pragma once

#include <functional>
#include <memory>

#include <QObject>
#include <QStringList>
#include <QtQml/qqmlregistration.h>

#include "app/applicationparts.h"
#include "app/chat/chatsession.h"
#include "app/chat/conversationlistmodel.h"
#include "app/engine/enginecontroller.h"
#include "app/library/machineprobe.h"
#include "app/library/modellibrary.h"
#include "app/settings/settings.h"
#include "app/telemetry/telemetry.h"

namespace glowworm {

class StoreThread;

class Application : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Made once, by main()")
    Q_PROPERTY(glowworm::EngineController* engine READ engine CONSTANT)
    Q_PROPERTY(glowworm::ChatSession* chat READ chat CONSTANT)
    Q_PROPERTY(glowworm::ConversationListModel* conversations READ conversations CONSTANT)
    Q_PROPERTY(glowworm::ModelLibrary* models READ models CONSTANT)
    Q_PROPERTY(glowworm::Telemetry* telemetry READ telemetry CONSTANT)
    Q_PROPERTY(glowworm::Settings* settings READ settings CONSTANT)
    Q_PROPERTY(glowworm::MachineProbe* machine READ machine CONSTANT)
    // The window runs on scripted tokens and figures (`--fake-engine`).
    Q_PROPERTY(bool fakeEngine READ fakeEngine CONSTANT)
    Q_PROPERTY(QString version READ version CONSTANT)
    // A trouble that concerns the whole window (the chat database is newer, corrupt, read-only or
    // cannot be written); empty: none. `noticeActions` are the words of the ways out, in order.
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged)
    Q_PROPERTY(QStringList noticeActions READ noticeActions NOTIFY noticeChanged)

  public:
    explicit Application(ApplicationParts parts, QObject* parent = nullptr);
    ~Application() override;

    [[nodiscard]] EngineController* engine() const;
    [[nodiscard]] ChatSession* chat() const;
    [[nodiscard]] ConversationListModel* conversations() const;
    [[nodiscard]] ModelLibrary* models() const;
    [[nodiscard]] Telemetry* telemetry() const;
    [[nodiscard]] Settings* settings() const;
    [[nodiscard]] MachineProbe* machine() const;
    [[nodiscard]] bool fakeEngine() const;
    [[nodiscard]] QString version() const;
    [[nodiscard]] QString notice() const;
    [[nodiscard]] QStringList noticeActions() const;

    // Does what noticeActions()[index] says. The notice goes away when its cause has.
    Q_INVOKABLE void runNoticeAction(int index);
    Q_INVOKABLE void dismissNotice();
    // The first frame is on the screen: now the last model is opened, which takes all cores, and
    // the machine is measured when that is done, if it is not known.
    Q_INVOKABLE void windowShown();
    // An empty conversation, in the chat view.
    Q_INVOKABLE void newChat();
    // Puts text on the clipboard.
    Q_INVOKABLE void copyText(const QString& text);

  Q_SIGNALS:
    void noticeChanged();

  private:
    struct Notice {
        QString text;
        QStringList actions;
        std::function<void(int)> run;
    };
    void setNotice(Notice notice);
    void onStoreOpened(const StoreOpening& opening);
    void connectStore();
    void connectChat();
    void connectEngine();
    void connectSettings();
    void connectMachine();
    void applySettings();
    void openFirstModel();

    bool m_fakeEngine;
    bool m_windowShown = false;
    Notice m_notice;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<ModelLibrary> m_models;
    std::unique_ptr<StoreThread> m_store;
    std::unique_ptr<EngineController> m_engine;
    std::unique_ptr<Telemetry> m_telemetry;
    std::unique_ptr<ConversationListModel> m_conversations;
    std::unique_ptr<ChatSession> m_chat;
    std::unique_ptr<MachineProbe> m_machine;
};

}  // namespace glowworm
