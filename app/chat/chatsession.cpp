// SPDX-License-Identifier: Apache-2.0
#include "app/chat/chatsession.h"

#include <utility>

#include <QClipboard>
#include <QGuiApplication>
#include <QUuid>

#include "app/chat/storethread.h"

namespace glowworm {

namespace {

constexpr int kPage = 40;          // messages
constexpr int kJournalMs = 500;    // the answer's text is at most this far behind, and a write
constexpr int kDetailsMs = 600;    // after the last key in the draft
constexpr qsizetype kTitleLength = 60, kSnippetLength = 120;

QString newId() { return QUuid::createUuid().toString(QUuid::WithoutBraces); }

QString titleFrom(const QString& prompt) {
    const QString words = prompt.simplified();
    if (words.size() <= kTitleLength) return words;
    const qsizetype space = words.lastIndexOf(u' ', kTitleLength);
    return words.first(space > kTitleLength / 2 ? space : kTitleLength) + u'…';
}

GenerateRequest requestFor(const QList<MessageRecord>& history, const ChatOptions& options) {
    GenerateRequest request;
    if (!options.systemPrompt.trimmed().isEmpty())
        request.messages.push_back({Message::Role::kSystem, options.systemPrompt.toStdString()});
    for (const MessageRecord& message : history) {
        const bool user = message.role == MessageRole::kUser;
        request.messages.push_back({user ? Message::Role::kUser : Message::Role::kAssistant,
                                    message.text.toStdString()});
    }
    request.sampling = {.temperature = static_cast<float>(options.temperature),
                        .top_k = static_cast<uint32_t>(options.topK),
                        .top_p = static_cast<float>(options.topP),
                        .min_p = static_cast<float>(options.minP),
                        .repeat_penalty = static_cast<float>(options.repeatPenalty),
                        .seed = static_cast<uint64_t>(options.seed)};
    request.max_tokens = static_cast<uint32_t>(options.maxTokens);
    return request;
}

}  // namespace

ChatSession::ChatSession(StoreThread& store, EngineController& engine, QObject* parent)
    : QObject(parent), m_store(store), m_engine(engine) {
    m_journalTimer.setSingleShot(true);
    m_journalTimer.setInterval(kJournalMs);
    connect(&m_journalTimer, &QTimer::timeout, this, &ChatSession::flushJournal);
    m_detailsTimer.setSingleShot(true);
    m_detailsTimer.setInterval(kDetailsMs);
    connect(&m_detailsTimer, &QTimer::timeout, this, &ChatSession::saveDetails);
    connect(&engine, &EngineController::messagesLeftOut, this, &ChatSession::onMessagesLeftOut);
    connect(&engine, &EngineController::tokensArrived, this, &ChatSession::onTokens);
    connect(&engine, &EngineController::answerFinished, this, &ChatSession::onFinished);
    connect(&engine, &EngineController::answerFailed, this, &ChatSession::onFailed);
    connect(&engine, &EngineController::promptProgressChanged, this,
            &ChatSession::promptProgressChanged);
    connect(&m_messages, &MessageListModel::olderWanted, this, &ChatSession::fetchOlder);
}

ChatSession::~ChatSession() {
    saveDetails();
    flushJournal();
}

bool ChatSession::busyElsewhere() const {
    return busy() && m_answer.conversationId != m_conversation.id;
}

double ChatSession::promptProgress() const {
    return busy() && !busyElsewhere() ? m_engine.promptProgress() : -1;
}

void ChatSession::setError(const QString& text) {
    if (std::exchange(m_errorText, text) != text) Q_EMIT errorTextChanged();
}

void ChatSession::dismissError() { setError({}); }

void ChatSession::open(const QString& conversationId) {
    if (conversationId == m_conversation.id && !conversationId.isEmpty()) return;
    saveDetails();
    if (m_conversation.id.isEmpty()) m_newDraft = m_conversation.draft;
    const int generation = ++m_generation;
    setError({});
    setContextStart({});
    m_loading = !conversationId.isEmpty();
    ConversationRecord empty;
    empty.id = conversationId;
    if (conversationId.isEmpty()) empty.draft = m_newDraft;
    show(empty, {});
    if (!m_loading) return;
    struct Read {
        StoreResult<std::optional<ConversationRecord>> conversation;
        StoreResult<MessagePage> page;
    };
    m_store.read(
        this,
        [conversationId](ChatStore& store) {
            return Read{store.conversation(conversationId),
                        store.messages(conversationId, -1, kPage)};
        },
        [this, generation](const Read& read) {
            if (generation != m_generation) return;
            m_loading = false;
            if (!read.conversation) return setError(read.conversation.error().message);
            if (!read.page) return setError(read.page.error().message);
            show(read.conversation->value_or(ConversationRecord()), *read.page);
        });
}

void ChatSession::show(const ConversationRecord& conversation, const MessagePage& page) {
    m_conversation = conversation;
    QList<MessageRecord> messages = page.messages;
    // What the store has of a running answer may be a little behind.
    for (MessageRecord& message : messages)
        if (message.id == m_answer.id) message = m_answer;
    m_messages.reset(messages, page.hasOlder);
    Q_EMIT conversationChanged();
    Q_EMIT titleChanged();
    Q_EMIT draftChanged();
    Q_EMIT optionsChanged();
    Q_EMIT busyChanged();
    Q_EMIT promptProgressChanged();
}

void ChatSession::fetchOlder(qint64 beforePosition) {
    m_store.read(
        this,
        [id = m_conversation.id, beforePosition](ChatStore& store) {
            return store.messages(id, beforePosition, kPage);
        },
        [this, generation = m_generation](const StoreResult<MessagePage>& page) {
            if (generation != m_generation) return;
            if (!page) return setError(page.error().message);
            m_messages.prepend(page->messages, page->hasOlder);
        });
}

void ChatSession::onRenamed(const QString& conversationId, const QString& title) {
    if (conversationId != m_conversation.id) return;
    m_conversation.title = title;
    Q_EMIT titleChanged();
}

void ChatSession::onRemoved(const QString& conversationId) {
    if (busy() && m_answer.conversationId == conversationId) stop();
}

bool ChatSession::canAsk() {
    if (busy() || m_loading) return false;
    if (m_engine.modelOpen() || m_engine.state() == EngineController::Loading) return true;
    setError(m_engine.state() == EngineController::Failed
                 ? m_engine.errorText()
                 : tr("No model is open. Choose one under Models, then send again."));
    return false;
}

void ChatSession::send(const QString& text) {
    if (text.trimmed().isEmpty() || !canAsk()) return;
    m_conversation.draft.clear();
    m_detailsTimer.stop();
    ask(text, -1);
}

void ChatSession::regenerate() {
    const MessageRecord* last = m_messages.last();
    if (last == nullptr || !canAsk()) return;
    if (last->role == MessageRole::kAssistant) return askAgain(*last);
    ask({}, last->position + 1);
}

void ChatSession::askAgain(const MessageRecord& answered) {
    setError({});
    m_conversation.updated = QDateTime::currentDateTime();
    m_answer = answered;
    if (!answered.text.isEmpty()) m_answer.variant = m_answer.variants++;
    m_answer.text.clear();
    m_answer.statsText.clear();
    m_answer.state = MessageState::kStreaming;
    m_answer.created = m_conversation.updated;
    m_messages.replace(m_answer);
    AnswerStart start;
    start.again = true;
    begin(std::move(start));
}

void ChatSession::showVariant(const QString& messageId, int variant) {
    const MessageRecord* shown = m_messages.find(messageId);
    if (shown == nullptr || busy() || variant == shown->variant) return;
    if (variant < 0 || variant >= shown->variants) return;
    m_store.write(this, [messageId, variant](ChatStore& store) {
        return store.showVariant(messageId, variant);
    });
    m_store.read(
        this,
        [id = m_conversation.id, after = shown->position + 1](ChatStore& store) {
            return store.messages(id, after, 1);
        },
        [this](const StoreResult<MessagePage>& page) {
            if (page && !page->messages.isEmpty() && !busy())
                m_messages.replace(page->messages.constFirst());
        });
}

void ChatSession::editAndResend(const QString& messageId, const QString& text) {
    const MessageRecord* edited = m_messages.find(messageId);
    if (edited == nullptr || edited->role != MessageRole::kUser || text.trimmed().isEmpty()) return;
    if (!canAsk()) return;
    const qint64 position = edited->position;
    m_messages.removeFrom(messageId);
    ask(text, position);
}

void ChatSession::ask(const QString& prompt, qint64 replaceFrom) {
    setError({});
    const bool isNew = m_conversation.id.isEmpty();
    if (isNew) {
        m_conversation.id = newId();
        m_conversation.title = titleFrom(prompt);
        m_newDraft.clear();
    }
    m_conversation.updated = QDateTime::currentDateTime();
    const MessageRecord* last = m_messages.last();
    qint64 position = last == nullptr ? 0 : last->position + 1;
    AnswerStart start;
    start.replaceFrom = replaceFrom;
    if (!prompt.isEmpty()) {
        start.prompt = MessageRecord{.id = newId(),
                                     .conversationId = m_conversation.id,
                                     .text = prompt,
                                     .position = position++,
                                     .created = m_conversation.updated};
        m_messages.append(*start.prompt);
        m_conversation.snippet = prompt.left(kSnippetLength).simplified();
    }
    m_answer = {.id = newId(),
                .conversationId = m_conversation.id,
                .role = MessageRole::kAssistant,
                .state = MessageState::kStreaming,
                .position = position,
                .created = m_conversation.updated};
    m_messages.append(m_answer);
    if (isNew) {
        Q_EMIT conversationChanged();
        Q_EMIT titleChanged();
    }
    begin(std::move(start));
}

void ChatSession::begin(AnswerStart start) {
    m_answerOptions = m_conversation.options;
    m_answerStarted = m_stopAsked = false;
    m_tally = {};
    start.conversation = m_conversation;
    start.answer = m_answer;
    Q_EMIT draftChanged();
    Q_EMIT busyChanged();
    Q_EMIT asked(m_conversation);
    m_store.write(
        this, [start](ChatStore& store) { return store.beginAnswer(start); },
        [this](bool stored) { collectHistory(stored); });
}

void ChatSession::collectHistory(bool stored) {
    const auto before = [](QList<MessageRecord> messages, qint64 position) {
        messages.removeIf([=](const MessageRecord& m) { return m.position >= position; });
        return messages;
    };
    // What could not be stored is only here, in the pages read so far.
    if (!stored) return startAnswer(before(m_messages.records(), m_answer.position));
    m_store.read(
        this,
        [id = m_answer.conversationId, position = m_answer.position](ChatStore& store) {
            return store.messages(id, position, -1);
        },
        [this](const StoreResult<MessagePage>& page) {
            if (page) return startAnswer(page->messages);
            onFailed(page.error().message);
        });
}

void ChatSession::startAnswer(const QList<MessageRecord>& history) {
    if (!busy()) return;
    if (m_stopAsked) return finishAnswer(MessageState::kStopped);
    m_answerHistory.clear();
    for (const MessageRecord& message : history) m_answerHistory.append(message.id);
    m_answerStarted = m_engine.generate(requestFor(history, m_answerOptions));
    if (!m_answerStarted)
        onFailed(tr("No model is open. Choose one under Models, then try again."));
}

void ChatSession::onMessagesLeftOut(int messages) {
    if (!m_answerStarted || busyElsewhere()) return;
    setContextStart(messages > 0 ? m_answerHistory.value(messages) : QString());
}

void ChatSession::setContextStart(const QString& messageId) {
    if (std::exchange(m_contextStartId, messageId) != messageId) Q_EMIT contextStartChanged();
}

void ChatSession::onTokens(const TokenBatch& batch) {
    if (!m_answerStarted) return;
    for (const TokenStats& stats : batch.stats) m_tally.add(stats);
    if (batch.text.isEmpty()) return;
    m_answer.text += batch.text;
    m_journal += batch.text;
    if (!m_journalTimer.isActive()) m_journalTimer.start();
    m_messages.appendText(m_answer.id, batch.text);
}

void ChatSession::flushJournal() {
    m_journalTimer.stop();
    if (m_journal.isEmpty()) return;
    m_store.write(this, [id = m_answer.id, text = std::exchange(m_journal, {})](ChatStore& store) {
        return store.appendAnswer(id, text);
    });
}

void ChatSession::onFinished(const AnswerEnd& end) {
    if (!m_answerStarted) return;
    if (end.finish == FinishReason::kContextFull)
        setError(tr("The answer ends here because the context is full. Ask on: the oldest "
                    "messages are then left out. A larger context can be set in the settings."));
    finishAnswer(end.finish == FinishReason::kStopped ? MessageState::kStopped
                                                      : MessageState::kDone);
}

void ChatSession::onFailed(const QString& message) {
    if (!busy()) return;
    setError(message);
    finishAnswer(MessageState::kError);
}

void ChatSession::finishAnswer(MessageState state) {
    m_journalTimer.stop();
    m_journal.clear();
    m_answer.state = state;
    m_answer.statsText = m_tally.text();
    m_messages.finish(m_answer.id, state, m_answer.statsText);
    m_store.write(this, [answer = std::exchange(m_answer, {})](ChatStore& store) {
        return store.finishAnswer(answer);
    });
    m_answerStarted = false;
    Q_EMIT busyChanged();
    Q_EMIT promptProgressChanged();
}

void ChatSession::stop() {
    if (!busy()) return;
    m_stopAsked = true;
    if (m_answerStarted) m_engine.stop();
}

void ChatSession::copyText(const QString& messageId) {
    if (const MessageRecord* message = m_messages.find(messageId))
        QGuiApplication::clipboard()->setText(message->text);
}

void ChatSession::saveDetails() {
    m_detailsTimer.stop();
    if (m_conversation.id.isEmpty() || m_loading) return;
    m_store.write(this, [details = m_conversation](ChatStore& store) {
        return store.saveDetails(details);
    });
}

void ChatSession::setDraft(const QString& draft) {
    if (std::exchange(m_conversation.draft, draft) == draft) return;
    Q_EMIT draftChanged();
    m_detailsTimer.start();
}

template <typename T>
void ChatSession::setOption(T ChatOptions::* member, T value) {
    if (m_conversation.options.*member == value) return;
    m_conversation.options.*member = std::move(value);
    Q_EMIT optionsChanged();
    m_detailsTimer.start();
}

void ChatSession::setSystemPrompt(const QString& v) { setOption(&ChatOptions::systemPrompt, v); }
void ChatSession::setTemperature(double v) { setOption(&ChatOptions::temperature, v); }
void ChatSession::setTopK(int v) { setOption(&ChatOptions::topK, v); }
void ChatSession::setTopP(double v) { setOption(&ChatOptions::topP, v); }
void ChatSession::setMinP(double v) { setOption(&ChatOptions::minP, v); }
void ChatSession::setRepeatPenalty(double v) { setOption(&ChatOptions::repeatPenalty, v); }
void ChatSession::setSeed(qint64 v) { setOption(&ChatOptions::seed, v); }
void ChatSession::setMaxTokens(int v) { setOption(&ChatOptions::maxTokens, v); }

void ChatSession::setDarkTheme(bool dark) {
    if (m_messages.darkTheme() == dark) return;
    m_messages.setDarkTheme(dark);
    Q_EMIT darkThemeChanged();
}

}  // namespace glowworm
