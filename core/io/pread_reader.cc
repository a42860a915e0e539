// SPDX-License-Identifier: Apache-2.0
#include "core/io/pread_reader.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include <unistd.h>

#include "core/base/reserved_memory.h"
#include "core/io/read_step.h"

namespace glowworm {

namespace {

constexpr std::chrono::milliseconds kWake{20};  // the promise of FlashReader::wait about stop

// First in, first out, of fixed size; the caller never puts more than `size` in.
template <typename T>
class BoundedQueue {
  public:
    explicit BoundedQueue(size_t size) : items_(size) {}
    [[nodiscard]] size_t size() const { return count_; }
    void push(const T& item) { items_[(first_ + count_++) % items_.size()] = item; }
    T pop() {
        T item = items_[first_];
        first_ = (first_ + 1) % items_.size();
        --count_;
        return item;
    }

  private:
    std::vector<T> items_;
    size_t first_ = 0, count_ = 0;
};

class PreadReader final : public FlashReader {
  public:
    PreadReader(DirectFile file, size_t depth)
        : file_(std::move(file)), depth_(depth), queue_(depth), done_(depth) {}
    ~PreadReader() override;

    Status start();

    [[nodiscard]] size_t alignmentBytes() const override { return kReadAlignment; }
    [[nodiscard]] size_t depth() const override { return depth_; }
    [[nodiscard]] size_t inFlight() const override { return in_flight_; }
    Result<size_t> submit(std::span<const ReadRequest> requests) override;
    Result<size_t> wait(size_t min_count, std::span<ReadCompletion> out,
                        const StopFlag& stop) override;
    void drain() override;
    [[nodiscard]] Error error() const override { return error_; }
    [[nodiscard]] ReaderStats stats() const override { return stats_; }
    [[nodiscard]] const char* name() const override { return "pread"; }
    [[nodiscard]] bool directIo() const override { return file_.direct; }
    [[nodiscard]] uint64_t bufferBytes() const override { return bounces_.size(); }

  private:
    struct Done {
        ReadRequest request;
        int errno_value = 0;     // 0 and not whole: the file ended
        bool whole = false;
    };

    void work(std::byte* bounce);
    [[nodiscard]] Done readOne(const ReadRequest& request, std::byte* bounce) const;
    ReadCompletion handOut(const Done& done);

    const DirectFile file_;
    const size_t depth_;
    size_t in_flight_ = 0;  // engine thread
    Error error_{ErrorCode::kIo, ""};
    ReaderStats stats_;
    ReservedMemory bounces_;

    std::mutex mutex_;  // guards the queues and ending_
    std::condition_variable has_work_, has_done_;
    BoundedQueue<ReadRequest> queue_;
    BoundedQueue<Done> done_;
    size_t wanted_ = 0;  // wake the engine thread at so many done
    bool ending_ = false;
    std::vector<std::jthread> threads_;  // last: joined first
};

Status PreadReader::start() {
    const size_t count = std::min(depth_, kPreadThreadsMax);
    const bool bounced = needsBounce(file_.alignment);
    if (bounced) {
        ASSIGN_OR_RETURN(bounces_, ReservedMemory::reserve(count * kBounceBytes));
    }
    threads_.reserve(count);
    try {
        for (size_t i = 0; i < count; ++i) {
            std::byte* bounce = bounced ? bounces_.data() + i * kBounceBytes : nullptr;
            threads_.emplace_back([this, bounce] { work(bounce); });
        }
    } catch (const std::system_error& failure) {
        if (threads_.empty()) {
            return fail(ErrorCode::kOutOfMemory,
                        std::string("cannot start a thread for reading: ") + failure.what() +
                            " (close other programs)");
        }
    }
    return {};
}

PreadReader::~PreadReader() {
    drain();
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    has_work_.notify_all();
}

void PreadReader::work(std::byte* bounce) {
    std::unique_lock lock(mutex_);
    for (;;) {
        has_work_.wait(lock, [this] { return ending_ || queue_.size() > 0; });
        if (queue_.size() == 0) return;
        const ReadRequest request = queue_.pop();
        lock.unlock();
        const Done done = readOne(request, bounce);
        lock.lock();
        done_.push(done);
        if (done_.size() >= wanted_) has_done_.notify_one();
    }
}

PreadReader::Done PreadReader::readOne(const ReadRequest& request, std::byte* bounce) const {
    PendingRead read{request, 0, bounce};
    while (!read.finished()) {
        const ReadStep step = nextStep(read, file_.alignment);
        const ssize_t got = pread(file_.file.fd(), step.target, step.bytes,
                                  static_cast<off_t>(step.offset));
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return {request, errno, false};
        if (!finishStep(read, step, static_cast<size_t>(got), file_.alignment)) {
            return {request, 0, false};
        }
    }
    return {request, 0, true};
}

Result<size_t> PreadReader::submit(std::span<const ReadRequest> requests) {
    const size_t count = std::min(requests.size(), depth_ - in_flight_);
    {
        const std::lock_guard lock(mutex_);
        for (const ReadRequest& request : requests.first(count)) {
            checkRequest(request);
            queue_.push(request);
        }
    }
    in_flight_ += count;
    if (count == 1) has_work_.notify_one();
    else has_work_.notify_all();
    return count;
}

ReadCompletion PreadReader::handOut(const Done& done) {
    --in_flight_;
    if (done.whole) {
        stats_.bytes += done.request.bytes;
        ++stats_.reads;
    } else if (done.errno_value != 0) {
        error_ = readError(done.request, file_.file.path(), done.errno_value);
    } else {
        error_ = truncatedError(done.request, file_.file.path(), file_.file.sizeBytes());
    }
    return {done.request.tag, done.whole};
}

Result<size_t> PreadReader::wait(size_t min_count, std::span<ReadCompletion> out,
                                 const StopFlag& stop) {
    std::unique_lock lock(mutex_);
    wanted_ = std::min({min_count, out.size(), in_flight_});
    while (done_.size() < wanted_ && !stop.requested()) has_done_.wait_for(lock, kWake);
    const size_t count = std::min(out.size(), done_.size());
    for (ReadCompletion& completion : out.first(count)) completion = handOut(done_.pop());
    return count;
}

void PreadReader::drain() {
    std::unique_lock lock(mutex_);
    wanted_ = in_flight_;
    has_done_.wait(lock, [this] { return done_.size() == in_flight_; });
    while (in_flight_ > 0) handOut(done_.pop());
}

}  // namespace

Result<std::unique_ptr<FlashReader>> openPreadReader(const std::string& path, size_t depth,
                                                     const DirectFileOptions& options) {
    ASSIGN_OR_RETURN(DirectFile file, DirectFile::open(path, options));
    auto reader = std::make_unique<PreadReader>(std::move(file), depth);
    RETURN_IF_ERROR(reader->start());
    return reader;
}

}  // namespace glowworm
