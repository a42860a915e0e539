// SPDX-License-Identifier: Apache-2.0
#include "core/text/chat_template.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace glowworm {
namespace {

using nlohmann::json;

// Parameterised by the golden files of tests/golden/chat (see README.md there).
class ChatGolden : public testing::TestWithParam<std::string> {
  protected:
    static json load() {
        std::ifstream file(std::string(SOURCE_DIR "/tests/golden/chat/") + GetParam());
        return json::parse(file);
    }
};

std::vector<ChatMessage> messagesOf(const json& array) {
    std::vector<ChatMessage> out;
    for (const json& message : array) {
        const std::string role = message.at("role");
        out.push_back({role == "system" ? ChatRole::kSystem
                       : role == "user" ? ChatRole::kUser
                                        : ChatRole::kAssistant,
                       message.at("content")});
    }
    return out;
}

TEST_P(ChatGolden, RendersWhatTransformersRenders) {
    const json golden = load();
    const std::string jinja = golden.at("jinja");
    const auto kind = recogniseChatTemplate(jinja);
    ASSERT_TRUE(kind.has_value());
    EXPECT_TRUE(chatTemplateName(*kind).starts_with(golden.at("family").get<std::string>()));
    const std::string system = defaultSystemPrompt(jinja);
    int compared = 0;
    for (const json& one : golden.at("cases")) {
        if (one.at("text").is_null()) continue;  // the template refuses it
        std::vector<ChatMessage> messages = messagesOf(one.at("messages"));
        if (!system.empty() && messages.at(0).role != ChatRole::kSystem) {
            messages.insert(messages.begin(), {ChatRole::kSystem, system});
        }
        EXPECT_EQ(renderChat(*kind, messages, one.at("add_generation_prompt")),
                  one.at("text").get<std::string>());
        ++compared;
    }
    EXPECT_GE(compared, 4);
}

std::vector<std::string> goldenFiles() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/tests/golden/chat")) {
        names.push_back(entry.path().filename());
    }
    return names;
}

INSTANTIATE_TEST_SUITE_P(Families, ChatGolden, testing::ValuesIn(goldenFiles()),
                         [](const auto& parameter) {
                             std::string name = parameter.param;
                             std::erase_if(name, [](char c) {
                                 return !isalnum(static_cast<unsigned char>(c));
                             });
                             return name;
                         });

TEST(ChatTemplate, NamesGoBothWays) {
    for (const ChatTemplate kind :
         {ChatTemplate::kChatMl, ChatTemplate::kLlama2, ChatTemplate::kLlama3,
          ChatTemplate::kMistral, ChatTemplate::kMistralV1, ChatTemplate::kMistralV3,
          ChatTemplate::kPlain}) {
        EXPECT_EQ(chatTemplateFromName(chatTemplateName(kind)), kind);
    }
    EXPECT_EQ(chatTemplateFromName("alpaca"), std::nullopt);
}

TEST(ChatTemplate, SaysNothingOfOneItDoesNotKnow) {
    EXPECT_EQ(recogniseChatTemplate(""), std::nullopt);
    EXPECT_EQ(recogniseChatTemplate("{{ '<|user|>' + message['content'] }}"), std::nullopt);
    EXPECT_EQ(recogniseChatTemplate("[SYSTEM_PROMPT][INST][/INST]"), std::nullopt);
}

TEST(ChatTemplate, MistralV3HasNoSpaceBeforeTheEndAndSystemInTheLastTurn) {
    const auto kind = recogniseChatTemplate(
        R"({{- "[AVAILABLE_TOOLS] " }}{{- "[INST] " + message["content"] + "[/INST]" }})");
    ASSERT_EQ(kind, ChatTemplate::kMistralV3);
    const std::vector<ChatMessage> messages = {{ChatRole::kSystem, "S"},
                                               {ChatRole::kUser, "a"},
                                               {ChatRole::kAssistant, " b "},
                                               {ChatRole::kUser, "c"}};
    EXPECT_EQ(renderChat(*kind, messages, true), "<s>[INST] a[/INST] b</s>[INST] S\n\nc[/INST]");
}

TEST(ChatTemplate, PlainIsReadableText) {
    const std::vector<ChatMessage> messages = {{ChatRole::kSystem, "Be brief."},
                                               {ChatRole::kUser, "Hi"},
                                               {ChatRole::kAssistant, " Hello"},
                                               {ChatRole::kUser, "Bye"}};
    EXPECT_EQ(renderChat(ChatTemplate::kPlain, messages, true),
              "Be brief.\n\nUser: Hi\nAssistant: Hello\nUser: Bye\nAssistant:");
}

TEST(ChatTemplate, RendersNothingFromNothing) {
    for (const ChatTemplate kind : {ChatTemplate::kChatMl, ChatTemplate::kLlama2,
                                    ChatTemplate::kMistralV3, ChatTemplate::kPlain}) {
        EXPECT_NO_FATAL_FAILURE((void)renderChat(kind, {}, false));
    }
}

TEST(ChatTemplate, DefaultSystemPromptIsALiteralOnly) {
    EXPECT_EQ(
        defaultSystemPrompt("'<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n'"),
        "");
    EXPECT_EQ(defaultSystemPrompt("'<|im_start|>system\nBe good.<|im_end|>\n'"), "Be good.");
    EXPECT_EQ(defaultSystemPrompt("'<|im_start|>system\\nBe good."), "");
    EXPECT_EQ(defaultSystemPrompt(""), "");
}

}  // namespace
}  // namespace glowworm
