// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupts.h"

#include <atomic>

#include <csignal>
#include <unistd.h>

namespace glowworm {

namespace {

std::atomic<StopFlag*> stopFlag{nullptr};
static_assert(std::atomic<bool>::is_always_lock_free &&
              std::atomic<StopFlag*>::is_always_lock_free);

void onSignal(int signal) {
    StopFlag* stop = stopFlag.load(std::memory_order_relaxed);
    if (stop == nullptr || stop->requested()) ::_exit(128 + signal);
    stop->request();
}

}  // namespace

void installInterrupts(StopFlag& stop) {
    stopFlag.store(&stop, std::memory_order_relaxed);
    struct sigaction action = {};
    action.sa_handler = onSignal;  // without SA_RESTART: a wait for a line ends too
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace glowworm
