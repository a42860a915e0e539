// SPDX-License-Identifier: Apache-2.0
// The conversation in the chat view: its messages, its draft and its options, and the way from a
// prompt to a stored answer. The prompt is stored before inference starts, the answer at most
// a second behind. GUI thread.
#pragma once

#include <QObject>
#include <QStringList>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

#include "app/chat/answertally.h"
#include "app/chat/chatrecords.h"
#include "app/chat/chatstore.h"
#include "app/chat/messagelistmodel.h"
#include "app/engine/enginecontroller.h"

namespace glowworm {

class StoreThread;

class ChatSession : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("Belongs to Application")
    Q_PROPERTY(QString conversationId READ conversationId NOTIFY conversationChanged)  // "": new
    Q_PROPERTY(QString title READ title NOTIFY titleChanged)
    Q_PROPERTY(glowworm::MessageListModel* messages READ messages CONSTANT)
    Q_PROPERTY(QString draft READ draft WRITE setDraft NOTIFY draftChanged)
    Q_PROPERTY(bool loading READ loading NOTIFY conversationChanged)  // its messages are being read
    // An answer is being made, in this conversation or (then `busyElsewhere`) in another.
    Q_PROPERTY(bool busy READ busy NOTIFY busyChanged)
    Q_PROPERTY(bool busyElsewhere READ busyElsewhere NOTIFY busyChanged)
    Q_PROPERTY(double promptProgress READ promptProgress NOTIFY promptProgressChanged)  // -1: none
    Q_PROPERTY(QString errorText READ errorText NOTIFY errorTextChanged)
    // The first message that the last answer was made from; those before it no longer fit into the
    // context. Empty: all of them did.
    Q_PROPERTY(QString contextStartId READ contextStartId NOTIFY contextStartChanged)
    Q_PROPERTY(QString systemPrompt READ systemPrompt WRITE setSystemPrompt NOTIFY optionsChanged)
    Q_PROPERTY(double temperature READ temperature WRITE setTemperature NOTIFY optionsChanged)
    Q_PROPERTY(int topK READ topK WRITE setTopK NOTIFY optionsChanged)
    Q_PROPERTY(double topP READ topP WRITE setTopP NOTIFY optionsChanged)
    Q_PROPERTY(double minP READ minP WRITE setMinP NOTIFY optionsChanged)
    Q_PROPERTY(double repeatPenalty READ repeatPenalty WRITE setRepeatPenalty NOTIFY optionsChanged)
    Q_PROPERTY(qint64 seed READ seed WRITE setSeed NOTIFY optionsChanged)  // 0: a new one each time
    Q_PROPERTY(int maxTokens READ maxTokens WRITE setMaxTokens NOTIFY optionsChanged)  // 0: none
    // The view's theme is dark: code is coloured to be read on it. Bind it.
    Q_PROPERTY(bool darkTheme READ darkTheme WRITE setDarkTheme NOTIFY darkThemeChanged)

  public:
    ChatSession(StoreThread& store, EngineController& engine, QObject* parent = nullptr);
    ~ChatSession() override;

    [[nodiscard]] QString conversationId() const { return m_conversation.id; }
    [[nodiscard]] QString title() const { return m_conversation.title; }
    [[nodiscard]] MessageListModel* messages() { return &m_messages; }
    [[nodiscard]] QString draft() const { return m_conversation.draft; }
    [[nodiscard]] bool loading() const { return m_loading; }
    [[nodiscard]] bool busy() const { return !m_answer.id.isEmpty(); }
    [[nodiscard]] bool busyElsewhere() const;
    [[nodiscard]] double promptProgress() const;
    [[nodiscard]] QString errorText() const { return m_errorText; }
    [[nodiscard]] QString contextStartId() const { return m_contextStartId; }
    [[nodiscard]] QString systemPrompt() const { return m_conversation.options.systemPrompt; }
    [[nodiscard]] double temperature() const { return m_conversation.options.temperature; }
    [[nodiscard]] int topK() const { return m_conversation.options.topK; }
    [[nodiscard]] double topP() const { return m_conversation.options.topP; }
    [[nodiscard]] double minP() const { return m_conversation.options.minP; }
    [[nodiscard]] double repeatPenalty() const { return m_conversation.options.repeatPenalty; }
    [[nodiscard]] qint64 seed() const { return m_conversation.options.seed; }
    [[nodiscard]] int maxTokens() const { return m_conversation.options.maxTokens; }
    [[nodiscard]] bool darkTheme() const { return m_messages.darkTheme(); }

    void setDraft(const QString& draft);
    void setSystemPrompt(const QString& prompt);
    void setTemperature(double temperature);
    void setTopK(int topK);
    void setTopP(double topP);
    void setMinP(double minP);
    void setRepeatPenalty(double penalty);
    void setSeed(qint64 seed);
    void setMaxTokens(int tokens);
    void setDarkTheme(bool dark);

    // Shows this conversation ("": a new one). An answer that runs goes on where it belongs.
    void open(const QString& conversationId);
    // The list has renamed or removed a conversation.
    void onRenamed(const QString& conversationId, const QString& title);
    void onRemoved(const QString& conversationId);

    Q_INVOKABLE void send(const QString& text);
    Q_INVOKABLE void stop();
    // Answers the last prompt again; what was answered before is kept as a variant.
    Q_INVOKABLE void regenerate();
    // Replaces the person's message and everything after it, and asks again.
    Q_INVOKABLE void editAndResend(const QString& messageId, const QString& text);
    // Shows another of the answers to the same question.
    Q_INVOKABLE void showVariant(const QString& messageId, int variant);
    Q_INVOKABLE void copyText(const QString& messageId);
    Q_INVOKABLE void dismissError();

  Q_SIGNALS:
    void conversationChanged();
    void titleChanged();
    void draftChanged();
    void busyChanged();
    void promptProgressChanged();
    void errorTextChanged();
    void contextStartChanged();
    void optionsChanged();
    void darkThemeChanged();
    // Something was said in this conversation; it may be new.
    void asked(const glowworm::ConversationRecord& conversation);

  private:
    template <typename T>
    void setOption(T ChatOptions::* member, T value);
    void setError(const QString& text);
    void show(const ConversationRecord& conversation, const MessagePage& page);
    void fetchOlder(qint64 beforePosition);
    // Stores the question (nothing: the one that is there is asked again) in place of everything
    // from `replaceFrom` on (-1: behind everything), then starts the answer.
    void ask(const QString& prompt, qint64 replaceFrom);
    void askAgain(const MessageRecord& answered);
    // m_answer and the conversation are set: stores them and starts.
    void begin(AnswerStart start);
    void onMessagesLeftOut(int messages);
    void setContextStart(const QString& messageId);
    [[nodiscard]] bool canAsk();
    void collectHistory(bool stored);
    void startAnswer(const QList<MessageRecord>& history);
    void onTokens(const TokenBatch& batch);
    void onFinished(const AnswerEnd& end);
    void onFailed(const QString& message);
    void finishAnswer(MessageState state);
    void flushJournal();
    void saveDetails();

    StoreThread& m_store;
    EngineController& m_engine;
    MessageListModel m_messages;
    ConversationRecord m_conversation;
    QString m_newDraft;  // of the chat that has no conversation yet
    bool m_loading = false;
    int m_generation = 0;  // answers of the store to an older open() are ignored
    QString m_errorText;
    MessageRecord m_answer;        // the one being made, with all its text; no id: none
    ChatOptions m_answerOptions;
    QStringList m_answerHistory;   // the messages it is made from
    QString m_contextStartId;
    bool m_answerStarted = false;  // the engine has it
    bool m_stopAsked = false;
    AnswerTally m_tally;
    QString m_journal;             // text not yet handed to the store
    QTimer m_journalTimer;
    QTimer m_detailsTimer;
};

}  // namespace glowworm
