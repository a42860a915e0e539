// SPDX-License-Identifier: Apache-2.0
// A model's feed-forward inputs over a text, for tables about what fires.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/engine/model_session.h"
#include "core/train/recorder.h"

namespace glowworm::bench {

struct ReadText {
    std::unique_ptr<ModelSession> session;
    std::unique_ptr<InputRecorder> inputs;
};

// Opens the bundle with everything resident and reads the text's first tokens, every neuron
// computed.
Result<ReadText> readTextThrough(const std::string& bundle, const std::string& text,
                                 uint32_t tokens_max);
// The texts of tests/fixtures: what predictors are calibrated on, and what nothing has seen.
std::string calibrationText();
std::string heldOutText();
// Copies a bundle to the bench folder under `name`, replacing what is there.
Result<std::string> copyOf(const std::string& bundle, const std::string& name);

}  // namespace glowworm::bench
