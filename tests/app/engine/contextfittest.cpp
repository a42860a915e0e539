// SPDX-License-Identifier: Apache-2.0
// What is left out of a conversation that has outgrown its context.
#include <QTest>

#include "app/engine/contextfit.h"

using namespace glowworm;

namespace {

// A system prompt of 10 tokens, then turns whose messages have 92 tokens each (100 with their
// marks), told apart by their first letter; the last one is the person's.
std::vector<Message> conversation(int messages, bool system = true) {
    std::vector<Message> all;
    if (system) all.push_back({Message::Role::kSystem, std::string(10, 's')});
    for (int i = 0; i < messages; ++i) {
        std::string text(92, 'x');
        text[0] = static_cast<char>('A' + i);
        all.push_back({i % 2 == 0 ? Message::Role::kUser : Message::Role::kAssistant, text});
    }
    return all;
}

size_t letters(std::string_view text) { return text.size(); }

}  // namespace

class ContextFitTest : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void whatFitsStays();
    void theOldestTurnsGo();
    void keepsItsChoiceWhileItFits();
    void anotherConversationIsAnotherChoice();
    void theLastMessageAlwaysStays();
};

void ContextFitTest::whatFitsStays() {
    ContextFit fit;
    std::vector<Message> messages = conversation(7);
    QCOMPARE(fit.apply(messages, 1000, letters), 0U);
    QCOMPARE(messages.size(), 8U);
    std::vector<Message> none;
    QCOMPARE(fit.apply(none, 10, letters), 0U);
}

void ContextFitTest::theOldestTurnsGo() {
    ContextFit fit;
    std::vector<Message> messages = conversation(9);  // 918 tokens; 750 may be used
    QCOMPARE(fit.apply(messages, 1000, letters), 6U);
    QCOMPARE(messages.size(), 4U);
    QVERIFY(messages[0].role == Message::Role::kSystem);
    QVERIFY(messages[1].role == Message::Role::kUser);
    QCOMPARE(messages[1].text[0], 'G');
    QCOMPARE(messages.back().text[0], 'I');
}

void ContextFitTest::keepsItsChoiceWhileItFits() {
    ContextFit fit;
    std::vector<Message> messages = conversation(9);
    fit.apply(messages, 1000, letters);
    for (const int longer : {11, 13}) {
        messages = conversation(longer);
        QCOMPARE(fit.apply(messages, 1000, letters), 6U);
        QCOMPARE(messages[1].text[0], 'G');
    }
    messages = conversation(15);  // 900 tokens of it would be kept
    QCOMPARE(fit.apply(messages, 1000, letters), 12U);
}

void ContextFitTest::anotherConversationIsAnotherChoice() {
    ContextFit fit;
    std::vector<Message> messages = conversation(15);
    QCOMPARE(fit.apply(messages, 1000, letters), 12U);
    std::vector<Message> other = conversation(9, false);
    other[0].text[0] = 'z';
    QCOMPARE(fit.apply(other, 1000, letters), 6U);
}

void ContextFitTest::theLastMessageAlwaysStays() {
    ContextFit fit;
    std::vector<Message> messages = conversation(5);
    messages.back().text = std::string(5000, 'l');
    QCOMPARE(fit.apply(messages, 1000, letters), 4U);
    QCOMPARE(messages.size(), 2U);
    QCOMPARE(messages.back().text.size(), 5000U);
}

QTEST_GUILESS_MAIN(ContextFitTest)
#include "contextfittest.moc"
