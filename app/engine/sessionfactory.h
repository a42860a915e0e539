// SPDX-License-Identifier: Apache-2.0
// How the engine worker gets a Session: the real openSession, or the fake's. Called on the engine
// thread; may block, reports progress and obeys `stop`, as openSession does.
#pragma once

#include <functional>
#include <memory>

#include "core/engine/session.h"

namespace glowworm {

using SessionFactory = std::function<Result<std::unique_ptr<Session>>(
    const OpenOptions& options, const ProgressSink& progress, const StopFlag& stop)>;

}  // namespace glowworm
