// SPDX-License-Identifier: Apache-2.0
#include "core/train/recorded_inputs.h"

#include <algorithm>

#include "core/train/recorder.h"

namespace glowworm {

namespace {

constexpr uint32_t kWindowTokens = 512;
constexpr uint64_t kWindowBytes = uint64_t{256} << 20;

std::string windowName(size_t window) { return numbered("inputs", window) + ".bin"; }

}  // namespace

uint32_t RecordedInputs::windowTokens(const ModelConfig& config) {
    const uint64_t fits = kWindowBytes / InputRecorder::bytesNeeded(config, 1);
    return static_cast<uint32_t>(std::clamp<uint64_t>(fits, 16, kWindowTokens));
}

uint64_t RecordedInputs::bytesNeeded(const ModelConfig& config, uint64_t tokens) {
    return tokens * InputRecorder::bytesNeeded(config, 1);
}

Result<RecordedInputs> RecordedInputs::record(ModelSession& session, const CalibrationJob& job,
                                              std::span<const TokenId> tokens,
                                              const ProgressSink& progress,
                                              const StopFlag& stop) {
    const ModelConfig& config = session.config();
    const size_t window = windowTokens(config);
    for (size_t first = 0; first < tokens.size(); first += window) {
        if (stop.requested()) return fail(ErrorCode::kCancelled, "stopped");
        if (progress) {
            progress({"reading the text",
                      static_cast<double>(first) / static_cast<double>(tokens.size())});
        }
        const std::string name = windowName(first / window);
        if (job.has(name)) continue;
        const auto part = tokens.subspan(first, std::min(window, tokens.size() - first));
        InputRecorder recorder(config, static_cast<uint32_t>(part.size()));
        session.setObserver(&recorder);
        const Status status = session.readThrough(part, nullptr, stop);
        session.setObserver(nullptr);
        RETURN_IF_ERROR(status);
        RETURN_IF_ERROR(job.write(name, recorder.bytes()));
    }
    return RecordedInputs(job, config, static_cast<uint32_t>(tokens.size()));
}

Status RecordedInputs::read(LayerId layer, std::vector<float>& out) const {
    const size_t row = rowBytes(Dtype::kF16, config_.hidden);
    const uint32_t window = windowTokens(config_);
    out.resize(size_t{tokens_} * config_.hidden);
    std::vector<std::byte> bytes;
    for (uint32_t first = 0; first < tokens_; first += window) {
        const uint32_t count = std::min(window, tokens_ - first);
        ASSIGN_OR_RETURN(const InputFile file,
                         InputFile::open(job_.path(windowName(first / window))));
        bytes.resize(count * row);
        RETURN_IF_ERROR(file.read(uint64_t{layer.value()} * count * row, bytes));
        for (uint32_t t = 0; t < count; ++t) {
            decodeRow(Dtype::kF16, bytes.data() + t * row, config_.hidden,
                      out.data() + size_t{first + t} * config_.hidden);
        }
    }
    return {};
}

}  // namespace glowworm
