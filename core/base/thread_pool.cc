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

// A region is a generation with one task for each thread. Tasks are claimed, not assigned: a thread
// that the system has not woken in time finds its task done by another, so a busy machine costs
// speed and never a wait for somebody who has not begun.
struct ThreadPool::State {
    // generation << 32 | next task. One word, so that a late thread cannot claim a task of a region
    // that it does not know.
    alignas(64) std::atomic<uint64_t> ticket = 0;
    alignas(64) Signal generation;
    alignas(64) Signal done;  // tasks of this generation that have ended
    alignas(64) Erased call = nullptr;
    const void* body = nullptr;
    uint32_t tasks = 1;
    bool spin = true;
    std::atomic<bool> ending = false;
    std::vector<std::thread> workers;

    uint32_t publish(Erased new_call, const void* new_body) {
        call = new_call;
        body = new_body;
        done.value.store(0, std::memory_order_relaxed);
        const uint32_t now = generation.value.load(std::memory_order_relaxed) + 1;
        ticket.store(uint64_t{now} << 32, std::memory_order_release);
        generation.value.store(now, std::memory_order_release);
        generation.wake();
        return now;
    }

    // Runs tasks of this generation until none is left; returns how many it ran.
    uint32_t runTasks(uint32_t now) {
        uint32_t count = 0;
        uint64_t seen = ticket.load(std::memory_order_acquire);
        while (seen >> 32 == now && (seen & UINT32_MAX) < tasks) {
            if (!ticket.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
            call(body, static_cast<size_t>(seen & UINT32_MAX));
            ++count;
            seen = ticket.load(std::memory_order_acquire);
        }
        return count;
    }

    void work() {
        for (uint32_t last = 0;;) {
            generation.waitFor([last](uint32_t now) { return now != last; }, spin);
            if (ending.load()) return;
            last = generation.value.load(std::memory_order_acquire);
            const uint32_t count = runTasks(last);
            if (count == 0) continue;
            if (done.value.fetch_add(count, std::memory_order_acq_rel) + count == tasks) {
                done.wake();
            }
        }
    }
};

ThreadPool::ThreadPool(size_t threads) : state_(std::make_unique<State>()) {
    CHECK(threads >= 1);
    const size_t processors = std::thread::hardware_concurrency();
    state_->spin = processors == 0 || threads <= processors;
    state_->tasks = static_cast<uint32_t>(threads);
    state_->workers.reserve(threads - 1);
    for (size_t t = 1; t < threads; ++t) {
        state_->workers.emplace_back([state = state_.get()] { state->work(); });
    }
}

ThreadPool::~ThreadPool() {
    state_->ending.store(true);
    state_->generation.value.fetch_add(1);
    state_->generation.wake();
    for (std::thread& worker : state_->workers) worker.join();
}

size_t ThreadPool::threads() const { return state_->workers.size() + 1; }

void ThreadPool::runErased(Erased call, const void* body) {
    State& state = *state_;
    if (state.workers.empty()) {
        call(body, 0);
        return;
    }
    const uint32_t count = state.runTasks(state.publish(call, body));
    const uint32_t before = state.done.value.fetch_add(count, std::memory_order_acq_rel);
    if (before + count == state.tasks) return;
    const auto all = [&state](uint32_t now) { return now == state.tasks; };
    state.done.waitFor(all, state.spin);
}

}  // namespace glowworm
