// SPDX-License-Identifier: Apache-2.0
#include "core/text/chat_template.h"

#include <algorithm>
#include <array>
#include <utility>

namespace glowworm {
namespace {

constexpr std::array<std::pair<ChatTemplate, std::string_view>, 7> kNames = {{
    {ChatTemplate::kChatMl, "chatml"},
    {ChatTemplate::kLlama2, "llama2"},
    {ChatTemplate::kLlama3, "llama3"},
    {ChatTemplate::kMistral, "mistral"},
    {ChatTemplate::kMistralV1, "mistral-v1"},
    {ChatTemplate::kMistralV3, "mistral-v3"},
    {ChatTemplate::kPlain, "plain"},
}};

using Messages = std::span<const ChatMessage>;

std::string_view roleName(ChatRole role) {
    switch (role) {
        case ChatRole::kSystem: return "system";
        case ChatRole::kUser: return "user";
        case ChatRole::kAssistant: break;
    }
    return "assistant";
}

// What Python's str.strip() takes away.
std::string_view strip(std::string_view text) {
    constexpr std::array<std::string_view, 29> kSpaces = {
        "\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",   "\x1d",   "\x1e",
        "\x1f",   " ",      "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002",
        "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200A",
        "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view space : kSpaces) {
            if (text.starts_with(space)) {
                text.remove_prefix(space.size());
                again = true;
            } else if (text.ends_with(space)) {
                text.remove_suffix(space.size());
                again = true;
            }
        }
    }
    return text;
}

// The system prompt, if the conversation begins with one, is taken off it.
std::string_view takeSystem(Messages& messages) {
    if (messages.empty() || messages[0].role != ChatRole::kSystem) return {};
    const std::string_view system = messages[0].text;
    messages = messages.subspan(1);
    return system;
}

std::string join(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts) out += part;
    return out;
}

std::string renderChatMl(Messages messages, bool add_generation_prompt) {
    std::string out;
    for (const ChatMessage& message : messages) {
        out += join({"<|im_start|>", roleName(message.role), "\n", message.text, "<|im_end|>\n"});
    }
    if (add_generation_prompt) out += "<|im_start|>assistant\n";
    return out;
}

// Llama 2 has no turn of the system's own: its prompt is folded into the first message.
std::string renderLlama2(Messages messages) {
    const bool has_system = !messages.empty() && messages[0].role == ChatRole::kSystem;
    const std::string_view system = takeSystem(messages);
    std::string out;
    for (size_t i = 0; i < messages.size(); ++i) {
        std::string text = messages[i].text;
        if (i == 0 && has_system) text = join({"<<SYS>>\n", system, "\n<</SYS>>\n\n", text});
        out += messages[i].role == ChatRole::kAssistant
                   ? join({" ", strip(text), " </s>"})
                   : join({"<s>[INST] ", strip(text), " [/INST]"});
    }
    return out;
}

std::string renderLlama3(Messages messages, bool add_generation_prompt) {
    std::string out = "<|begin_of_text|>";
    for (const ChatMessage& message : messages) {
        out += join({"<|start_header_id|>", roleName(message.role), "<|end_header_id|>\n\n",
                     strip(message.text), "<|eot_id|>"});
    }
    if (add_generation_prompt) out += "<|start_header_id|>assistant<|end_header_id|>\n\n";
    return out;
}

// The spaces that differ between the versions, and which user message takes the system prompt.
struct MistralForm {
    std::string_view before_user, after_user, before_answer;
    bool system_in_last;
    bool strip_answer;
};

MistralForm mistralForm(ChatTemplate kind) {
    switch (kind) {
        case ChatTemplate::kMistralV1: return {" [INST] ", " [/INST]", " ", false, false};
        case ChatTemplate::kMistralV3: return {"[INST] ", "[/INST]", " ", true, true};
        default: return {"[INST] ", " [/INST]", "", false, false};
    }
}

std::string renderMistral(const MistralForm& form, Messages messages) {
    const bool has_system = !messages.empty() && messages[0].role == ChatRole::kSystem;
    const std::string_view system = takeSystem(messages);
    const size_t with_system = form.system_in_last ? messages.size() - 1 : 0;
    std::string out = "<s>";
    for (size_t i = 0; i < messages.size(); ++i) {
        const std::string_view text = messages[i].text;
        if (messages[i].role == ChatRole::kAssistant) {
            out += join({form.before_answer, form.strip_answer ? strip(text) : text, "</s>"});
        } else if (has_system && i == with_system) {
            out += join({form.before_user, system, "\n\n", text, form.after_user});
        } else {
            out += join({form.before_user, text, form.after_user});
        }
    }
    return out;
}

std::string renderPlain(Messages messages, bool add_generation_prompt) {
    std::string out;
    for (const ChatMessage& message : messages) {
        switch (message.role) {
            case ChatRole::kSystem: out += join({message.text, "\n\n"}); break;
            case ChatRole::kUser: out += join({"User: ", message.text, "\n"}); break;
            case ChatRole::kAssistant:
                out += join({"Assistant: ", strip(message.text), "\n"});
                break;
        }
    }
    if (add_generation_prompt) out += "Assistant:";
    return out;
}

ChatTemplate recogniseInst(std::string_view jinja) {
    if (jinja.contains("<<SYS>>")) return ChatTemplate::kLlama2;
    if (jinja.contains("[AVAILABLE_TOOLS]")) return ChatTemplate::kMistralV3;
    if (jinja.contains("\" [INST] \"") || jinja.contains("' [INST] '"))
        return ChatTemplate::kMistralV1;
    if (jinja.contains("\"[/INST]\"") || jinja.contains("'[/INST]'"))
        return ChatTemplate::kMistralV3;
    return ChatTemplate::kMistral;
}

}  // namespace

std::string_view chatTemplateName(ChatTemplate kind) {
    return std::ranges::find(kNames, kind, &std::pair<ChatTemplate, std::string_view>::first)
        ->second;
}

std::optional<ChatTemplate> chatTemplateFromName(std::string_view name) {
    const auto found =
        std::ranges::find(kNames, name, &std::pair<ChatTemplate, std::string_view>::second);
    if (found == kNames.end()) return std::nullopt;
    return found->first;
}

std::optional<ChatTemplate> recogniseChatTemplate(std::string_view jinja) {
    if (jinja.contains("<|im_start|>") && jinja.contains("<|im_end|>"))
        return ChatTemplate::kChatMl;
    if (jinja.contains("<|start_header_id|>") && jinja.contains("<|eot_id|>")) {
        return ChatTemplate::kLlama3;
    }
    if (jinja.contains("[SYSTEM_PROMPT]")) return std::nullopt;  // Mistral's later, other format
    if (jinja.contains("[INST]") && jinja.contains("[/INST]")) return recogniseInst(jinja);
    return std::nullopt;
}

std::string defaultSystemPrompt(std::string_view jinja) {
    // A literal of the template that is a whole system turn: '<|im_start|>system\n...<|im_end|>\n'.
    constexpr std::string_view kOpen = "<|im_start|>system";
    for (size_t at = jinja.find(kOpen); at != std::string_view::npos;
         at = jinja.find(kOpen, at + 1)) {
        std::string_view rest = jinja.substr(at + kOpen.size());
        if (rest.starts_with("\\n")) {
            rest.remove_prefix(2);
        } else if (rest.starts_with('\n')) {
            rest.remove_prefix(1);
        } else {
            continue;
        }
        const std::string_view text = rest.substr(0, rest.find("<|im_end|>"));
        // Where the literal ends first, the prompt is a variable's.
        if (text.size() == rest.size() || text.empty() ||
            text.find_first_of("'\"{}+") != text.npos) {
            continue;
        }
        return std::string(text);
    }
    return "";
}

std::string renderChat(ChatTemplate kind, std::span<const ChatMessage> messages,
                       bool add_generation_prompt) {
    switch (kind) {
        case ChatTemplate::kChatMl: return renderChatMl(messages, add_generation_prompt);
        case ChatTemplate::kLlama2: return renderLlama2(messages);
        case ChatTemplate::kLlama3: return renderLlama3(messages, add_generation_prompt);
        case ChatTemplate::kMistral:
        case ChatTemplate::kMistralV1:
        case ChatTemplate::kMistralV3: return renderMistral(mistralForm(kind), messages);
        case ChatTemplate::kPlain: break;
    }
    return renderPlain(messages, add_generation_prompt);
}

}  // namespace glowworm
