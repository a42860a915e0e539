// SPDX-License-Identifier: Apache-2.0
// Fills the neuron cache before the first token, so that an answer does not begin with its slowest
// tokens: with the neurons that the last session held, or else with those that calibration saw fire
// most (firing.bin). What fits is read, each layer's neurons by their place on flash with
// neighbours joined: about as fast as the disk goes. A prompt then need not read them again.
//
// The window of a session lies in a folder of the application, not in the bundle, in a file named
// by the bundle's hash. A file that is missing, damaged or of another bundle is no error: the
// calibration serves instead.
//
//   byte  0  magic "GWWINDOW"
//         8  u32 version (1)
//        12  u32 layers
//        16  u32 ff_width
//        20  for each layer: u32 count, then count u32 neurons, each once, the last to leave first
//   end - 8  u64 XXH3-64 of everything before it and of the bundle's hash
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/bundle/bundle_reader.h"
#include "core/cache/neuron_cache.h"
#include "core/model/neuron_store.h"

namespace glowworm {

// By layer, those worth keeping longest first.
using WarmNeurons = std::vector<std::vector<NeuronId>>;

// From the calibration; empty where the bundle does not say.
[[nodiscard]] WarmNeurons hottestNeurons(const Bundle& bundle);
// What the cache holds, the last to leave first.
[[nodiscard]] WarmNeurons heldNeurons(const NeuronCache& cache, uint32_t layers);

[[nodiscard]] std::string windowFile(const std::string& folder, const Manifest& manifest);
// Makes the folder if need be and replaces the file.
Status writeWindow(const std::string& folder, const Manifest& manifest,
                   const WarmNeurons& neurons);
// Empty when there is none that can be used.
[[nodiscard]] WarmNeurons readWindow(const std::string& folder, const Manifest& manifest);

// Reads as many of each layer's first neurons as its quota holds; the first are the last to leave.
// kCancelled on a stop; whatever else fails leaves a cache that is colder, and nothing in flight.
Status warmCache(NeuronStore& store, const WarmNeurons& neurons, const ProgressSink& progress,
                 const StopFlag& stop);

}  // namespace glowworm
