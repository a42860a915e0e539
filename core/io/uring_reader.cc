// SPDX-License-Identifier: Apache-2.0
#include "core/io/uring_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <liburing.h>

#include "core/base/check.h"
#include "core/base/reserved_memory.h"
#include "core/io/read_step.h"

namespace glowworm {

namespace {

constexpr long long kWakeNs = 20'000'000;  // the promise of FlashReader::wait about stop

// An io_uring that ends with its owner.
class Ring {
  public:
    Ring() = default;
    ~Ring() {
        if (open_) io_uring_queue_exit(&ring_);
    }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    Status open(unsigned entries) {
        // COOP_TASKRUN: completions do not interrupt the arithmetic; they are taken in at the next
        // wait. Kernels before 5.19 do not know it.
        int result = tryOpen(entries, IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
        if (result == -EINVAL) result = tryOpen(entries, 0);
        if (result < 0) {
            return fail(ErrorCode::kUnsupported,
                        std::string("io_uring is not available here: ") + std::strerror(-result) +
                            " (choose the pread reader, or allow io_uring in this sandbox)");
        }
        if ((ring_.features & IORING_FEAT_EXT_ARG) == 0) {
            return fail(ErrorCode::kUnsupported,
                        "io_uring of this kernel is too old (choose the pread reader)");
        }
        return {};
    }
    io_uring* get() { return &ring_; }

  private:
    int tryOpen(unsigned entries, unsigned flags) {
        io_uring_params params{};
        params.flags = flags;
        const int result = io_uring_queue_init_params(entries, &ring_, &params);
        open_ = result >= 0;
        return result;
    }

    io_uring ring_{};
    bool open_ = false;
};

class UringReader final : public FlashReader {
  public:
    UringReader(DirectFile file, size_t depth)
        : file_(std::move(file)), reads_(depth), free_(depth) {
        for (size_t i = 0; i < depth; ++i) free_[i] = static_cast<uint32_t>(i);
    }
    ~UringReader() override { drain(); }

    Status start();

    [[nodiscard]] size_t alignmentBytes() const override { return kReadAlignment; }
    [[nodiscard]] size_t depth() const override { return reads_.size(); }
    [[nodiscard]] size_t inFlight() const override { return reads_.size() - free_.size(); }
    Result<size_t> submit(std::span<const ReadRequest> requests) override;
    Result<size_t> wait(size_t min_count, std::span<ReadCompletion> out,
                        const StopFlag& stop) override;
    void drain() override;
    [[nodiscard]] Error error() const override { return error_; }
    [[nodiscard]] ReaderStats stats() const override { return stats_; }
    [[nodiscard]] const char* name() const override { return "uring"; }
    [[nodiscard]] bool directIo() const override { return file_.direct; }
    [[nodiscard]] uint64_t bufferBytes() const override { return bounces_.size(); }

  private:
    struct Slot {
        PendingRead read;
        ReadStep step;
    };

    void queueStep(uint32_t slot);
    Status enter(size_t wait_count);
    size_t reap(std::span<ReadCompletion> out);
    bool take(uint32_t slot, int result, ReadCompletion& out);
    [[nodiscard]] size_t inKernel() { return inFlight() - io_uring_sq_ready(ring_.get()); }

    DirectFile file_;
    std::vector<Slot> reads_;
    std::vector<uint32_t> free_;  // slots without a request
    ReservedMemory bounces_;
    Error error_{ErrorCode::kIo, ""};
    ReaderStats stats_;
    bool fixed_file_ = false;
    Ring ring_;
};

Status UringReader::start() {
    RETURN_IF_ERROR(ring_.open(static_cast<unsigned>(reads_.size())));
    // A registered file saves a reference count per read; where it is refused the plain one does.
    const int fd = file_.file.fd();
    fixed_file_ = io_uring_register_files(ring_.get(), &fd, 1) == 0;
    if (needsBounce(file_.alignment)) {
        ASSIGN_OR_RETURN(bounces_, ReservedMemory::reserve(reads_.size() * kBounceBytes));
        for (size_t i = 0; i < reads_.size(); ++i) {
            reads_[i].read.bounce = bounces_.data() + i * kBounceBytes;
        }
    }
    return {};
}

// The ring has an entry for every slot, so there is always one free.
void UringReader::queueStep(uint32_t index) {
    Slot& slot = reads_[index];
    slot.step = nextStep(slot.read, file_.alignment);
    io_uring_sqe* sqe = io_uring_get_sqe(ring_.get());
    CHECK(sqe != nullptr);
    io_uring_prep_read(sqe, fixed_file_ ? 0 : file_.file.fd(), slot.step.target, slot.step.bytes,
                       slot.step.offset);
    if (fixed_file_) sqe->flags |= IOSQE_FIXED_FILE;
    io_uring_sqe_set_data64(sqe, index);
}

// Starts what is queued and, with a count, waits for so many completions or kWakeNs.
Status UringReader::enter(size_t wait_count) {
    int result = 0;
    if (wait_count == 0) {
        result = io_uring_submit(ring_.get());
    } else {
        __kernel_timespec limit{.tv_sec = 0, .tv_nsec = kWakeNs};
        io_uring_cqe* first = nullptr;
        result = io_uring_submit_and_wait_timeout(
            ring_.get(), &first, static_cast<unsigned>(wait_count), &limit, nullptr);
    }
    // What was not started stays queued and is started by the next call.
    const bool later = result == -EAGAIN || result == -EBUSY || result == -EINTR ||
                       result == -ETIME;
    if (result >= 0 || later) return {};
    error_ = systemError("start reads of", file_.file.path(), -result);
    return std::unexpected(error_);
}

Result<size_t> UringReader::submit(std::span<const ReadRequest> requests) {
    const size_t count = std::min(requests.size(), free_.size());
    for (const ReadRequest& request : requests.first(count)) {
        checkRequest(request);
        const uint32_t index = free_.back();
        free_.pop_back();
        reads_[index].read.request = request;
        reads_[index].read.done = 0;
        queueStep(index);
    }
    if (count > 0) RETURN_IF_ERROR(enter(0));
    return count;
}

// True when the request has come to its end; otherwise its next step is queued.
bool UringReader::take(uint32_t index, int result, ReadCompletion& out) {
    Slot& slot = reads_[index];
    const ReadRequest& request = slot.read.request;
    bool ok = true;
    if (result == -EAGAIN || result == -EINTR) {
        queueStep(index);
        return false;
    }
    if (result < 0) {
        error_ = readError(request, file_.file.path(), -result);
        ok = false;
    } else if (!finishStep(slot.read, slot.step, static_cast<size_t>(result), file_.alignment)) {
        error_ = truncatedError(request, file_.file.path(), file_.file.sizeBytes());
        ok = false;
    } else if (!slot.read.finished()) {
        queueStep(index);
        return false;
    }
    if (ok) {
        stats_.bytes += request.bytes;
        ++stats_.reads;
    }
    out = {request.tag, ok};
    free_.push_back(index);
    return true;
}

size_t UringReader::reap(std::span<ReadCompletion> out) {
    size_t count = 0;
    io_uring_cqe* cqe = nullptr;
    while (count < out.size() && io_uring_peek_cqe(ring_.get(), &cqe) == 0) {
        const auto index = static_cast<uint32_t>(io_uring_cqe_get_data64(cqe));
        const int result = cqe->res;
        io_uring_cqe_seen(ring_.get(), cqe);
        if (take(index, result, out[count])) ++count;
    }
    return count;
}

Result<size_t> UringReader::wait(size_t min_count, std::span<ReadCompletion> out,
                                 const StopFlag& stop) {
    const size_t wanted = std::min({min_count, out.size(), inFlight()});
    size_t count = reap(out);
    while (count < wanted && !stop.requested()) {
        RETURN_IF_ERROR(enter(wanted - count));
        count += reap(out.subspan(count));
    }
    // Steps that were queued while looking must not wait for the next call.
    if (io_uring_sq_ready(ring_.get()) > 0) RETURN_IF_ERROR(enter(0));
    return count;
}

void UringReader::drain() {
    ReadCompletion ignored;
    while (inFlight() > 0) {
        // Where the system takes no more reads, only those that it has can still write.
        if (!enter(1) && inKernel() == 0) break;
        reap({&ignored, 1});
    }
}

}  // namespace

Result<std::unique_ptr<FlashReader>> openUringReader(const std::string& path, size_t depth,
                                                     const DirectFileOptions& options) {
    ASSIGN_OR_RETURN(DirectFile file, DirectFile::open(path, options));
    auto reader = std::make_unique<UringReader>(std::move(file), depth);
    RETURN_IF_ERROR(reader->start());
    return reader;
}

}  // namespace glowworm
