// SPDX-License-Identifier: Apache-2.0
// The compute pool: a fixed set of threads that runs one parallel region at a time. The caller
// takes part. Regions are short (tens of microseconds), so workers spin briefly before they sleep.
// Built once by the engine and passed in; never a global.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace glowworm {

class ThreadPool {
  public:
    // `threads` >= 1, the caller included. 1 makes every call run inline.
    explicit ThreadPool(size_t threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    [[nodiscard]] size_t threads() const;

    // Runs body(thread) once for each number in [0, threads()) and returns when all have ended. A
    // thread that comes late has its number run by another, so two numbers may run one after the
    // other on one thread. Call from one thread only (the owner); never from inside a body.
    // Allocates nothing.
    template <typename Body>
    void run(const Body& body) {
        runErased([](const void* b, size_t t) { (*static_cast<const Body*>(b))(t); }, &body);
    }

    // Splits [0, count) into contiguous slices, one per thread, each (but the last) a multiple of
    // `grain` long; calls body(begin, end, thread). The split depends on count, grain and threads()
    // alone, so results repeat bit for bit.
    template <typename Body>
    void forSlices(size_t count, size_t grain, const Body& body) {
        const size_t n = threads();
        const size_t per = ((count + n - 1) / n + grain - 1) / grain * grain;
        run([&](size_t t) {
            const size_t begin = t * per < count ? t * per : count;
            const size_t end = begin + per < count ? begin + per : count;
            if (begin < end) body(begin, end, t);
        });
    }

  private:
    using Erased = void (*)(const void* body, size_t thread);
    void runErased(Erased call, const void* body);
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace glowworm
