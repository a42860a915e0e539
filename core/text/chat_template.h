// SPDX-License-Identifier: Apache-2.0
// Chat templates of the five families we know: ChatML, Llama 2, Llama 3, Mistral, plain. A model's
// Jinja text is recognised, never interpreted; one that is not recognised is said, not guessed.
// The text equals what transformers' apply_chat_template gives for the family's published template.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace glowworm {

enum class ChatRole { kSystem, kUser, kAssistant };

struct ChatMessage {
    ChatRole role = ChatRole::kUser;
    std::string text;
};

// Mistral has three: the first ("[INST] hi [/INST]"), v0.1 as it is today (" [INST] hi [/INST]")
// and v0.3 ("[INST] hi[/INST]"). Plain is for models without a chat template: "User:
// hi\nAssistant:".
enum class ChatTemplate { kChatMl, kLlama2, kLlama3, kMistral, kMistralV1, kMistralV3, kPlain };

// "chatml", "llama2", "llama3", "mistral", "mistral-v1", "mistral-v3", "plain"
[[nodiscard]] std::string_view chatTemplateName(ChatTemplate kind);
[[nodiscard]] std::optional<ChatTemplate> chatTemplateFromName(std::string_view name);
// The family a Jinja template belongs to, by its marks; nothing where it is none of ours.
[[nodiscard]] std::optional<ChatTemplate> recogniseChatTemplate(std::string_view jinja);
// A template's own default system prompt where the Jinja text has one (SmolLM2 does); "" otherwise.
// It is the caller's to put first where the messages begin with no system message.
[[nodiscard]] std::string defaultSystemPrompt(std::string_view jinja);

// The text the model sees, special tokens spelled out, up to where the assistant begins to speak
// (`add_generation_prompt`). BOS is spelled out where the family's template does so.
[[nodiscard]] std::string renderChat(ChatTemplate kind, std::span<const ChatMessage> messages,
                                     bool add_generation_prompt);

}  // namespace glowworm
