// SPDX-License-Identifier: Apache-2.0
// The model of the tables about flash: --model BUNDLE, or a synthetic one of --shape (opt-6.7b
// unless told otherwise; --layers makes it shorter) that is deleted afterwards unless --keep.
#pragma once

#include <span>
#include <string>

#include "core/base/error.h"
#include "core/engine/session.h"
#include "tests/bench/models.h"

namespace glowworm::bench {

class FlashModel {
  public:
    static Result<FlashModel> open(std::span<const std::string> args);
    ~FlashModel();
    FlashModel(FlashModel&& other) noexcept;
    FlashModel& operator=(FlashModel&&) = delete;

    [[nodiscard]] const std::string& bundle() const { return bundle_; }
    // The same without row-column bundling, written when first asked for.
    Result<std::string> split();
    // The same with co-active neurons side by side on flash, from a recording of a text. Written
    // when first asked for; the split bundle then goes, and unless --keep a synthetic bundle itself
    // becomes this one: no more than two lie on disk at once for long.
    Result<std::string> placed();
    [[nodiscard]] std::string label() const;  // says planted where it is

  private:
    FlashModel() = default;
    Result<std::string> text() const;
    void leave(const std::string& folder) const;
    std::string bundle_, split_, placed_;
    bool planted_ = false, keep_ = false;
};

struct FlashRun {
    std::string bundle;
    uint64_t budget = 0;
    Techniques techniques = {};
    uint32_t tokens = 50, warm = 50;
};

struct FlashFigures {
    Measured measured;
    MemoryBreakdown memory;
    ModelInfo info;
};

inline constexpr uint32_t kFlashContext = 384;

// Opens, answers a short prompt, closes.
Result<FlashFigures> runFlash(const FlashRun& run);

}  // namespace glowworm::bench
