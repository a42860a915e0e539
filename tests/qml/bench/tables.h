// SPDX-License-Identifier: Apache-2.0
// The tables of the window. Each prints itself and answers the exit code: 0 when it could be
// measured (whether or not a bar was reached; the table says so), 1 when not.
#pragma once

#include <span>
#include <string>

namespace glowworm::bench {

using Arguments = std::span<const std::string>;

// Frame intervals while an answer streams into a long conversation, panel visible, beside those of
// an animation in the same window at rest. Needs a display.
int benchFrames(Arguments arguments);
// From exec to the first frame of a usable window with 1,000 conversations. Needs a display.
int benchStart(Arguments arguments);
// From Stop to its effect in load, prefill and decode, on the starter and on a bundle of 2 GB.
int benchStop(Arguments arguments);

}  // namespace glowworm::bench
