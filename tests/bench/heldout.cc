// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/heldout.h"

#include <algorithm>
#include <filesystem>

#include "core/engine/model_info.h"
#include "tests/bench/models.h"

namespace glowworm::bench {

Result<ReadText> readTextThrough(const std::string& bundle, const std::string& text,
                                 uint32_t tokens_max) {
    OpenOptions options;
    options.bundle = bundle;
    options.context_tokens = 512;
    StopFlag stop;
    ReadText read;
    ASSIGN_OR_RETURN(read.session, openModelSession(options, nullptr, stop));
    std::vector<TokenId> tokens = read.session->tokenize(text, false);
    tokens.resize(std::min<size_t>(tokens.size(), tokens_max));
    read.inputs = std::make_unique<InputRecorder>(read.session->config(),
                                                  static_cast<uint32_t>(tokens.size()));
    read.session->setObserver(read.inputs.get());
    RETURN_IF_ERROR(read.session->readThrough(tokens, nullptr, stop));
    read.session->setObserver(nullptr);
    return read;
}

std::string calibrationText() {
    return readText(std::string(SOURCE_DIR) + "/tests/fixtures/calibration.txt");
}

std::string heldOutText() {
    return readText(std::string(SOURCE_DIR) + "/tests/fixtures/heldout.txt");
}

Result<std::string> copyOf(const std::string& bundle, const std::string& name) {
    namespace fs = std::filesystem;
    const std::string copy = benchFolder() + "/" + name;
    std::error_code error;
    fs::remove_all(copy, error);
    fs::remove_all(copy + ".calibration", error);
    fs::create_directories(benchFolder(), error);
    fs::copy(bundle, copy, fs::copy_options::recursive, error);
    if (error) return std::unexpected(systemError("copy", bundle, error.value()));
    return copy;
}

}  // namespace glowworm::bench
