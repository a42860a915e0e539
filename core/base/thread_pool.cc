// SPDX-License-Identifier: Apache-2.0
#include "core/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/base/check.h"

namespace glowworm {
namespace {

// Regions of one token follow each other within a few microseconds; a wake-up from sleep costs more
// than that. Longer than this and the processor is better left to somebody else.
constexpr auto kSpin = std::chrono::microseconds(40);
constexpr int kPausesPerLook = 16;

void pauseProcessor() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Waits until `done` holds: looks for a while, giving way to other threads, then sleeps on `word`
// until its value differs from `old`.
template <typename Done>
void waitFor(std::atomic<uint32_t>& word, const Done& done, bool spin) {
    if (spin) {
        const auto end = std::chrono::steady_clock::now() + kSpin;
        do {
            for (int i = 0; i < kPausesPerLook; ++i) {
                if (done(word.load(std::memory_order_acquire))) return;
                pauseProcessor();
            }
            std::this_thread::yield();
        } while (std::chrono::steady_clock::now() < end);
    }
    for (;;) {
        const uint32_t seen = word.load(std::memory_order_acquire);
        if (done(seen)) return;
        word.wait(seen, std::memory_order_acquire);
    }
}

}  // namespace

struct ThreadPool::State {
    // A region is published by a new generation and has ended when no worker is busy. Each word has
    // a cache line of its own, since one is written while the other is looked at.
    alignas(64) std::atomic<uint32_t> generation = 0;
    alignas(64) std::atomic<uint32_t> busy = 0;
    alignas(64) Erased call = nullptr;  // null: end
    const void* body = nullptr;
    bool spin = true;
    std::vector<std::thread> workers;

    void publish(Erased new_call, const void* new_body) {
        call = new_call;
        body = new_body;
        busy.store(static_cast<uint32_t>(workers.size()), std::memory_order_relaxed);
        generation.fetch_add(1, std::memory_order_release);
        generation.notify_all();
    }

    void work(size_t thread) {
        for (uint32_t last = 0;; ++last) {
            waitFor(generation, [last](uint32_t now) { return now != last; }, spin);
            if (call == nullptr) return;
            call(body, thread);
            if (busy.fetch_sub(1, std::memory_order_acq_rel) == 1) busy.notify_one();
        }
    }
};

ThreadPool::ThreadPool(size_t threads) : state_(std::make_unique<State>()) {
    CHECK(threads >= 1);
    const size_t processors = std::thread::hardware_concurrency();
    state_->spin = processors == 0 || threads <= processors;
    state_->workers.reserve(threads - 1);
    for (size_t t = 1; t < threads; ++t) {
        state_->workers.emplace_back([state = state_.get(), t] { state->work(t); });
    }
}

ThreadPool::~ThreadPool() {
    state_->publish(nullptr, nullptr);
    for (std::thread& worker : state_->workers) worker.join();
}

size_t ThreadPool::threads() const { return state_->workers.size() + 1; }

void ThreadPool::runErased(Erased call, const void* body) {
    if (state_->workers.empty()) {
        call(body, 0);
        return;
    }
    state_->publish(call, body);
    call(body, 0);
    waitFor(state_->busy, [](uint32_t now) { return now == 0; }, state_->spin);
}

}  // namespace glowworm
