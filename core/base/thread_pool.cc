// SPDX-License-Identifier: Apache-2.0
#include "core/base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <climits>
#include <thread>
#include <vector>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// A number that threads wait for. Looks for a while without ever giving the processor away (on a
// busy machine sched_yield may return tens of milliseconds later, for each of a token's hundred
// regions), then sleeps in the kernel, which wakes it at once.
class Signal {
  public:
    std::atomic<uint32_t> value = 0;

    template <typename Done>
    void waitFor(const Done& done, bool spin) {
        if (spin) {
            const auto end = std::chrono::steady_clock::now() + kSpin;
            do {
                for (int i = 0; i < kPausesPerLook; ++i) {
                    if (done(value.load(std::memory_order_acquire))) return;
                    pauseProcessor();
                }
            } while (std::chrono::steady_clock::now() < end);
        }
        for (;;) {
            sleepers_.fetch_add(1);
            const uint32_t seen = value.load();
            const bool ready = done(seen);
            if (!ready) futex(FUTEX_WAIT_PRIVATE, seen);
            sleepers_.fetch_sub(1);
            if (ready) return;
        }
    }

    // After a change of value. A thread that is about to sleep either is counted already or sees
    // the new value.
    void wake() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (sleepers_.load() > 0) futex(FUTEX_WAKE_PRIVATE, INT_MAX);
    }

  private:
    void futex(int operation, uint32_t argument) {
        syscall(SYS_futex, reinterpret_cast<uint32_t*>(&value), operation, argument, nullptr,
                nullptr, 0);
    }
    std::atomic<uint32_t> sleepers_ = 0;
};
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

}  // namespace

struct ThreadPool::State {
    // A region is published by a new generation and has ended when no worker is busy. Each word has
    // a cache line of its own, since one is written while the other is looked at.
    alignas(64) Signal generation;
    alignas(64) Signal busy;
    alignas(64) Erased call = nullptr;  // null: end
    const void* body = nullptr;
    bool spin = true;
    std::vector<std::thread> workers;

    void publish(Erased new_call, const void* new_body) {
        call = new_call;
        body = new_body;
        busy.value.store(static_cast<uint32_t>(workers.size()), std::memory_order_relaxed);
        generation.value.fetch_add(1, std::memory_order_acq_rel);
        generation.wake();
    }

    void work(size_t thread) {
        for (uint32_t last = 0;; ++last) {
            generation.waitFor([last](uint32_t now) { return now != last; }, spin);
            if (call == nullptr) return;
            call(body, thread);
            if (busy.value.fetch_sub(1, std::memory_order_acq_rel) == 1) busy.wake();
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
    state_->busy.waitFor([](uint32_t now) { return now == 0; }, state_->spin);
}

}  // namespace glowworm
