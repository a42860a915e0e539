// SPDX-License-Identifier: Apache-2.0
// An installed model: a folder with manifest.json, resident.bin, neurons.bin, tokenizer.json and
// predictor files (format.md tells them completely). Opening reads and checks the manifest and the
// sizes of the files; weights are read by the calls below. Immutable; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/base/reserved_memory.h"
#include "core/bundle/firing_counts.h"
#include "core/bundle/manifest.h"
#include "core/bundle/neuron_table.h"
#include "core/bundle/resident_tensors.h"
#include "core/text/tokenizer.h"

namespace glowworm {

class Bundle {
  public:
    // kNotFound where there is no manifest.json; kInvalidFile names the file and the fault.
    static Result<Bundle> open(const std::string& folder);

    [[nodiscard]] const Manifest& manifest() const { return *manifest_; }
    [[nodiscard]] const std::shared_ptr<const Manifest>& sharedManifest() const {
        return manifest_;
    }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string neuronsPath() const;  // what a FlashReader opens
    [[nodiscard]] uint64_t diskBytes() const;       // all files together

    // Reads resident.bin (manifest().resident_bytes) to `memory`, from `offset` on, a multiple of
    // 64, and compares its checksum. Large buffered reads whose pages are dropped from the page
    // cache right after, so nothing is held twice. kCancelled within 20 ms of a stop.
    Result<ResidentTensors> loadResident(const ReservedMemory& memory, size_t offset,
                                         const ProgressSink& progress, const StopFlag& stop) const;

    // Record places and checksums; `resident` comes from loadResident.
    Result<NeuronTable> neuronTable(const ResidentTensors& resident) const;

    // The tokenizer's data, checksum compared, vocabulary not larger than the model's.
    Result<TokenizerData> tokenizer() const;

    // The bytes of a predictor file, checksum compared. kNotFound for a kind that the bundle lacks;
    // empty for a kind without a file ("resident").
    Result<std::vector<std::byte>> predictorBytes(const std::string& kind) const;

    // How often each neuron fired over the calibration text, checksum compared. kNotFound where the
    // bundle does not say (it was made before this was recorded, or without calibration).
    Result<FiringCounts> firingCounts() const;

    // Reads every byte of every file and compares all checksums, each record's too.
    Status verify(const ProgressSink& progress, const StopFlag& stop) const;

  private:
    Bundle(std::string folder, std::shared_ptr<const Manifest> manifest);
    std::string folder_;
    std::shared_ptr<const Manifest> manifest_;
};

// The names of a bundle's files.
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kResidentFile = "resident.bin";
inline constexpr const char* kNeuronsFile = "neurons.bin";
inline constexpr const char* kTokenizerFile = "tokenizer.json";
// "predictor-KIND.bin" and "firing.bin" when a bundle is new. A file that takes the place of
// another lies beside it until the manifest names it, so its own name has its checksum:
// "predictor-KIND-0123456789abcdef.bin".
[[nodiscard]] std::string predictorFileName(const std::string& kind,
                                            std::optional<uint64_t> checksum = {});
[[nodiscard]] std::string firingFileName(std::optional<uint64_t> checksum = {});

}  // namespace glowworm
