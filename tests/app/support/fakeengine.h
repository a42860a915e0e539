// SPDX-License-Identifier: Apache-2.0
// Fake engines for tests: one without delays, and ones that stand still in a phase until they are
// stopped.
#pragma once

#include <optional>

#include "app/engine/enginecontroller.h"
#include "app/engine/fakesession.h"

namespace glowworm {

inline FakeOptions fast() { return {.delayScale = 0}; }
inline FakeOptions stuckInLoad() { return {.loadMs = 3'600'000}; }
inline FakeOptions stuckInPrefill() { return {.loadMs = 0, .prefillTokensPerSecond = 0.001}; }
inline FakeOptions slowDecode() {
    return {.loadMs = 0, .prefillTokensPerSecond = 1e9, .tokensPerSecond = 0.001};
}
inline FakeOptions steadyDecode() {
    return {.loadMs = 0, .prefillTokensPerSecond = 1e9, .tokensPerSecond = 200};
}

inline std::optional<ModelTarget> anyModel(const QString& id) {
    if (id.isEmpty()) return std::nullopt;
    return ModelTarget{.modelId = id,
                       .name = QStringLiteral("Model ") + id,
                       .bundlePath = QStringLiteral("/fake/") + id};
}

inline GenerateRequest ask(const char* prompt) {
    GenerateRequest request;
    request.messages.push_back({Message::Role::kUser, prompt});
    return request;
}

}  // namespace glowworm
