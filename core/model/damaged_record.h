// SPDX-License-Identifier: Apache-2.0
// What is said when bytes came from flash that are not the ones that were written.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/bundle/neuron_table.h"

namespace glowworm {

inline std::unexpected<Error> damagedRecord(const NeuronTable& table, LayerId layer,
                                            NeuronId neuron) {
    return fail(ErrorCode::kInvalidFile,
                "neurons.bin is damaged: layer " + std::to_string(layer.value()) + ", neuron " +
                    std::to_string(neuron.value()) + " at byte " +
                    std::to_string(table.recordOffset(layer, neuron)) +
                    " does not match its checksum; verify the model and import it again");
}

}  // namespace glowworm
