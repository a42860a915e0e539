// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "core/base/check.h"
#include "core/io/read_step.h"

namespace glowworm {

namespace {

constexpr FileAlignment kBlocks{kReadAlignment, kReadAlignment};
constexpr const char* kName = "the faulty flash of a test";

struct Freed {
    void operator()(void* memory) const { std::free(memory); }
};

class FaultReader final : public FlashReader {
  public:
    FaultReader(std::unique_ptr<FlashReader> inner, const FaultPlan& plan)
        : inner_(std::move(inner)), plan_(plan), random_(plan.seed), reads_(inner_->depth()) {
        for (size_t i = 0; i < reads_.size(); ++i) free_.push_back(i);
    }
    ~FaultReader() override { drain(); }

    [[nodiscard]] size_t alignmentBytes() const override { return inner_->alignmentBytes(); }
    [[nodiscard]] size_t depth() const override { return reads_.size(); }
    [[nodiscard]] size_t inFlight() const override { return reads_.size() - free_.size(); }
    Result<size_t> submit(std::span<const ReadRequest> requests) override;
    Result<size_t> wait(size_t min_count, std::span<ReadCompletion> out,
                        const StopFlag& stop) override;
    void drain() override;
    [[nodiscard]] Error error() const override { return error_; }
    [[nodiscard]] ReaderStats stats() const override { return inner_->stats(); }
    [[nodiscard]] const char* name() const override { return "fault"; }
    [[nodiscard]] bool directIo() const override { return inner_->directIo(); }
    [[nodiscard]] uint64_t bufferBytes() const override { return inner_->bufferBytes(); }

  private:
    struct Read {
        ReadRequest request;  // as the caller asked
        std::unique_ptr<std::byte, Freed> landing;
        PendingRead pending;  // into landing
        ReadStep step;
        bool fails = false;
        bool ok = true;
        bool ended = false;  // a short read that brought no block
        uint32_t waits_left = 0;
    };

    bool chance(double share) { return std::bernoulli_distribution(share)(random_); }
    Status startStep(size_t index);
    bool endStep(size_t index);
    void takeFromInner(bool block, const StopFlag& stop);
    size_t handOut(size_t min_count, std::span<ReadCompletion> out);
    ReadCompletion finish(size_t index);

    std::unique_ptr<FlashReader> inner_;
    FaultPlan plan_;
    std::mt19937_64 random_;
    std::vector<Read> reads_;
    std::vector<size_t> free_;
    std::vector<size_t> held_;  // arrived, not yet handed out
    uint64_t submitted_ = 0;
    Error error_{ErrorCode::kIo, ""};
};

Result<size_t> FaultReader::submit(std::span<const ReadRequest> requests) {
    const size_t count = std::min(requests.size(), free_.size());
    for (const ReadRequest& request : requests.first(count)) {
        const size_t index = free_.back();
        free_.pop_back();
        Read& read = reads_[index];
        const size_t room = (request.bytes + 4095UL) / 4096 * 4096;
        read.request = request;
        read.landing.reset(static_cast<std::byte*>(std::aligned_alloc(4096, room)));
        CHECK(read.landing != nullptr);
        read.fails = ++submitted_ == plan_.fail_at_read || chance(plan_.fail_share);
        read.ok = true;
        read.ended = false;
        read.waits_left = chance(plan_.delay_share)
            ? std::uniform_int_distribution<uint32_t>(1, plan_.delay_waits_max)(random_) : 0;
        std::memset(request.destination, std::to_integer<int>(kGarbage), request.bytes);
        read.pending = {{request.offset, request.bytes, read.landing.get(), index}, 0, nullptr};
        RETURN_IF_ERROR(startStep(index));
    }
    return count;
}

Status FaultReader::startStep(size_t index) {
    Read& read = reads_[index];
    read.step = nextStep(read.pending, kBlocks);
    const ReadRequest inner{read.step.offset, read.step.bytes, read.step.target, index};
    ASSIGN_OR_RETURN(const size_t taken, inner_->submit({&inner, 1}));
    CHECK(taken == 1);
    return {};
}

// True when the read is over, well or not.
bool FaultReader::endStep(size_t index) {
    Read& read = reads_[index];
    size_t got = read.step.bytes;
    if (chance(plan_.short_share)) {
        got = std::uniform_int_distribution<size_t>(0, read.step.bytes - 1)(random_);
        std::memset(read.step.target + got, std::to_integer<int>(kGarbage), read.step.bytes - got);
    }
    if (!finishStep(read.pending, read.step, got, kBlocks)) {
        read.ended = true;
    } else if (!read.pending.finished()) {
        CHECK(startStep(index).has_value());
        return false;
    }
    return true;
}

void FaultReader::takeFromInner(bool block, const StopFlag& stop) {
    std::vector<ReadCompletion> arrived(reads_.size());
    const auto count = inner_->wait(block ? 1 : 0, arrived, stop);
    CHECK(count.has_value());
    for (const ReadCompletion& completion : std::span(arrived).first(*count)) {
        reads_[completion.tag].ok = completion.ok;
        if (!completion.ok || endStep(completion.tag)) held_.push_back(completion.tag);
    }
    if (plan_.shuffle) std::ranges::shuffle(held_, random_);
}

ReadCompletion FaultReader::finish(size_t index) {
    const Read& read = reads_[index];
    const bool ok = read.ok && !read.fails && !read.ended;
    if (ok) {
        std::memcpy(read.request.destination, read.landing.get(), read.request.bytes);
    } else if (!read.ok) {
        error_ = inner_->error();
    } else if (read.ended) {
        error_ = truncatedError(read.request, kName, read.step.offset);
    } else {
        error_ = systemError("read " + std::to_string(read.request.bytes) + " bytes at offset " +
                                 std::to_string(read.request.offset) + " of",
                             kName, EIO);
    }
    free_.push_back(index);
    return {read.request.tag, ok};
}

size_t FaultReader::handOut(size_t min_count, std::span<ReadCompletion> out) {
    size_t limit = out.size();
    if (plan_.shuffle && limit > min_count) {
        limit = std::uniform_int_distribution<size_t>(min_count, limit)(random_);
    }
    size_t count = 0;
    std::erase_if(held_, [&](size_t index) {
        if (reads_[index].waits_left > 0 && --reads_[index].waits_left > 0) return false;
        if (count == limit) return false;
        out[count++] = finish(index);
        return true;
    });
    return count;
}

Result<size_t> FaultReader::wait(size_t min_count, std::span<ReadCompletion> out,
                                 const StopFlag& stop) {
    if (plan_.stall) {
        while (min_count > 0 && inFlight() > 0 && !stop.requested()) std::this_thread::yield();
        return 0;
    }
    const size_t wanted = std::min({min_count, out.size(), inFlight()});
    size_t count = 0;
    do {
        const bool nothing_held = held_.empty();
        takeFromInner(wanted > count && nothing_held, stop);
        count += handOut(wanted - count, out.subspan(count));
    } while (count < wanted && !stop.requested());
    return count;
}

void FaultReader::drain() {
    inner_->drain();
    held_.clear();
    free_.clear();
    for (size_t i = 0; i < reads_.size(); ++i) free_.push_back(i);
}

}  // namespace

std::unique_ptr<FlashReader> faultReader(std::unique_ptr<FlashReader> inner,
                                         const FaultPlan& plan) {
    return std::make_unique<FaultReader>(std::move(inner), plan);
}

}  // namespace glowworm
