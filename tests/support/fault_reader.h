// SPDX-License-Identifier: Apache-2.0
// A flash that misbehaves on purpose: wraps a FlashReader and, by a seed, hands completions out in
// another order and in smaller groups, holds some back, fails some, brings fewer bytes than asked,
// or stalls. Until a completion comes out its destination holds garbage (kGarbage), and after a
// failure it still does: whoever uses bytes too early or after an error computes nonsense that a
// test sees. A short read is garbage behind what it brought, and goes on by the very steps of the
// real readers (read_step.h). Never sleeps.
#pragma once

#include <cstdint>
#include <memory>

#include "core/io/flash_reader.h"

namespace glowworm {

struct FaultPlan {
    uint64_t seed = 1;
    bool shuffle = false;          // another order, and no more at once than asked for, at random
    double delay_share = 0;        // of the reads are held back for 1..delay_waits_max more waits
    uint32_t delay_waits_max = 3;
    double fail_share = 0;         // of the reads come out with ok == false
    // Of the reads that the system is asked for, resumed ones too, bring 0 .. all but one of their
    // bytes. One that brings less than a block (512) is the end of the file: ok == false.
    double short_share = 0;
    uint64_t fail_at_read = 0;     // this read (counted from 1) does; 0: none
    bool stall = false;            // nothing comes out: wait() returns when stop is requested
};

inline constexpr std::byte kGarbage{0xDB};

std::unique_ptr<FlashReader> faultReader(std::unique_ptr<FlashReader> inner, const FaultPlan& plan);

}  // namespace glowworm
