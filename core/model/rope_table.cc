// SPDX-License-Identifier: Apache-2.0
#include "core/model/rope_table.h"

#include <cmath>
#include <numbers>

namespace glowworm {

namespace {

// Llama 3.1's rule: long wavelengths are divided by the factor, short ones kept, those between
// interpolated.
double llama3Frequency(const ModelConfig& c, double frequency) {
    const double wavelength = 2 * std::numbers::pi / frequency;
    const double context = c.rope_llama3_context;
    const double low = static_cast<double>(c.rope_llama3_low);
    const double high = static_cast<double>(c.rope_llama3_high);
    const double factor = static_cast<double>(c.rope_llama3_factor);
    if (wavelength < context / high) return frequency;
    if (wavelength > context / low) return frequency / factor;
    const double smooth = (context / wavelength - low) / (high - low);
    return (1 - smooth) * frequency / factor + smooth * frequency;
}

}  // namespace

std::vector<float> ropeTable(const ModelConfig& config, uint32_t positions) {
    const uint32_t half = config.head_dim / 2;
    std::vector<float> table(size_t{positions} * half * 2);
    for (uint32_t i = 0; i < half; ++i) {
        double frequency = std::pow(static_cast<double>(config.rope_base),
                                    -2.0 * i / static_cast<double>(config.head_dim));
        if (config.rope_llama3_factor > 0) {
            frequency = llama3Frequency(config, frequency);
        } else {
            frequency /= static_cast<double>(config.rope_scale);
        }
        for (uint32_t p = 0; p < positions; ++p) {
            const double angle = p * frequency;
            table[(size_t{p} * half + i) * 2] = static_cast<float>(std::cos(angle));
            table[(size_t{p} * half + i) * 2 + 1] = static_cast<float>(std::sin(angle));
        }
    }
    return table;
}

}  // namespace glowworm
