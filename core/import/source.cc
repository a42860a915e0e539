// SPDX-License-Identifier: Apache-2.0
#include "core/import/source.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include "core/bundle/json_text.h"
#include "core/import/gguf.h"
#include "core/import/gguf_config.h"
#include "core/import/hf_config.h"
#include "core/import/model_card.h"
#include "core/import/safetensors.h"
#include "core/import/sentencepiece_model.h"
#include "core/text/huggingface_tokenizer.h"

namespace glowworm {

namespace {

namespace fs = std::filesystem;
constexpr uint64_t kTextFileBytesMax = uint64_t{64} << 20;

// "" for a file that is not there.
Result<std::string> readIfThere(const std::string& path) {
    auto text = readWholeFile(path, kTextFileBytesMax);
    if (!text && text.error().code == ErrorCode::kNotFound) return std::string();
    return text;
}

std::string lastName(const std::string& path) {
    const fs::path clean = fs::path(path).lexically_normal();
    return clean.has_filename() ? clean.filename().string()
                                : clean.parent_path().filename().string();
}

Result<bool> isFolder(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        return std::unexpected(systemError("open", path, error ? error.value() : ENOENT));
    return fs::is_directory(status);
}

// chat_template.jinja, or "chat_template" of tokenizer_config.json: a text, or a list of named
// ones.
Result<std::string> chatTemplateOf(const std::string& folder, const std::string& config_text) {
    ASSIGN_OR_RETURN(std::string own, readIfThere(folder + "/chat_template.jinja"));
    if (!own.empty() || config_text.empty()) return own;
    ASSIGN_OR_RETURN(const auto config, parseJson(config_text, folder + "/tokenizer_config.json"));
    if (!config.is_object()) return own;
    const auto value = config.value("chat_template", nlohmann::json());
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return own;
    for (const auto& entry : value)
        if (entry.is_object() && entry.value("name", nlohmann::json()) == "default" &&
            entry.contains("template") && entry["template"].is_string())
            return entry["template"].get<std::string>();
    return own;
}

Result<Source> openFolder(const std::string& folder) {
    Source source;
    source.format = SourceFormat::kHuggingFace;
    source.name = lastName(folder);
    const std::string config_path = folder + "/config.json";
    const auto config_text = readWholeFile(config_path, kTextFileBytesMax);
    if (!config_text && config_text.error().code == ErrorCode::kNotFound)
        return fail(ErrorCode::kNotFound,
                    folder +
                        " has no config.json; choose the folder of a model as Hugging Face "
                        "offers it, or a GGUF file");
    if (!config_text) return std::unexpected(config_text.error());
    ASSIGN_OR_RETURN(source.config, configFromHuggingFace(*config_text, config_path));
    ASSIGN_OR_RETURN(source.store, openSafetensorsFolder(folder));
    ASSIGN_OR_RETURN(const std::string tokenizer_config,
                     readIfThere(folder + "/tokenizer_config.json"));
    ASSIGN_OR_RETURN(source.chat_template, chatTemplateOf(folder, tokenizer_config));
    const ModelLicense license = licenseOfFolder(folder);
    source.license = license.name;
    source.license_link = license.link;
    return source;
}

Result<Source> openGgufSource(const std::string& path) {
    ASSIGN_OR_RETURN(Gguf gguf, openGguf(path));
    Source source;
    source.format = SourceFormat::kGguf;
    ASSIGN_OR_RETURN(source.config, configFromGguf(gguf));
    source.name = gguf.metadata.text("general.name");
    if (source.name.empty()) source.name = lastName(path);
    source.license = gguf.metadata.text("general.license");
    source.license_link = gguf.metadata.text("general.license.link");
    source.chat_template = gguf.metadata.text("tokenizer.chat_template");
    source.store = std::move(gguf.store);
    return source;
}

Result<TokenizerData> tokenizerOfFolder(const std::string& folder) {
    ASSIGN_OR_RETURN(const std::string config, readIfThere(folder + "/tokenizer_config.json"));
    ASSIGN_OR_RETURN(const std::string generation, readIfThere(folder + "/generation_config.json"));
    ASSIGN_OR_RETURN(const std::string json, readIfThere(folder + "/tokenizer.json"));
    if (!json.empty())
        return tokenizerFromHuggingFace(json, config, generation, folder + "/tokenizer.json");
    ASSIGN_OR_RETURN(const std::string model, readIfThere(folder + "/tokenizer.model"));
    if (!model.empty())
        return tokenizerFromSentencePiece(model, config, generation, folder + "/tokenizer.model");
    ASSIGN_OR_RETURN(const std::string vocabulary, readIfThere(folder + "/vocab.json"));
    ASSIGN_OR_RETURN(const std::string merges, readIfThere(folder + "/merges.txt"));
    if (!vocabulary.empty() && !merges.empty())
        return tokenizerFromVocabAndMerges(vocabulary, merges, config, generation,
                                           folder + "/vocab.json");
    return fail(ErrorCode::kNotFound, folder +
                                          " has no tokenizer (tokenizer.json, tokenizer.model, "
                                          "or vocab.json with merges.txt)");
}

}  // namespace

Result<Source> openSource(const std::string& path) {
    ASSIGN_OR_RETURN(const bool folder, isFolder(path));
    return folder ? openFolder(path) : openGgufSource(path);
}

Result<TokenizerData> readTokenizer(const std::string& path) {
    ASSIGN_OR_RETURN(const bool folder, isFolder(path));
    if (folder) return tokenizerOfFolder(path);
    ASSIGN_OR_RETURN(const Gguf gguf, openGguf(path));
    return tokenizerOfGguf(gguf);
}

}  // namespace glowworm
