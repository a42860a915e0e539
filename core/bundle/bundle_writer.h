// SPDX-License-Identifier: Apache-2.0
// Writes a bundle, streaming: nothing is held but a buffer a file and one layer's checksums (of a
// split layout: all of a layer's records but their first parts, until it ends). Built
// in `folder.partial`; seal() makes it openable there (so that predictors can be calibrated on it),
// publish() gives it its name. Destroyed before that, it removes the partial folder. A partial
// folder left by a killed process is cleared by the next create() of the same name; one that
// another process is writing at the moment is refused. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/ids.h"
#include "core/bundle/checksum.h"
#include "core/bundle/firing_counts.h"
#include "core/bundle/manifest.h"
#include "core/bundle/record.h"
#include "core/io/file.h"
#include "core/text/tokenizer.h"

namespace glowworm {

class BundleWriter {
  public:
    // kInvalidArgument when `folder` is already there or being written. `config` and `record` must
    // agree with each other (checked; the message names the field).
    static Result<std::unique_ptr<BundleWriter>> create(const std::string& folder,
                                                        const ModelConfig& config,
                                                        const RecordLayout& record);
    ~BundleWriter();
    BundleWriter(const BundleWriter&) = delete;
    BundleWriter& operator=(const BundleWriter&) = delete;

    [[nodiscard]] const std::string& partialFolder() const { return partial_; }

    // Resident tensors, in any order, one at a time: begin, rows in order (any number of bytes a
    // call), end. Names and shapes are those of tensor_list.h.
    Status beginTensor(const std::string& name, Dtype dtype, std::vector<uint64_t> shape);
    Status appendTensor(std::span<const std::byte> bytes);
    Status endTensor();
    Status addTensor(const std::string& name, Dtype dtype, std::vector<uint64_t> shape,
                     std::span<const std::byte> bytes);
    Status addVector(const std::string& name, std::span<const float> values);

    // Neuron records, layer by layer from 0, each layer's neurons in physical order. `order` maps
    // logical to physical; empty: they are the same. endLayer() adds the layer's order,
    // record_checksums and down_norm to resident.bin, so no tensor may be open then.
    Status beginLayer(std::span<const uint32_t> order = {});
    // The parts that the layout has, rowBytes(dtype, hidden) each; others empty. Where the layout
    // has no down part the layer's down_norm is the caller's to add.
    Status addRecord(std::span<const std::byte> up, std::span<const std::byte> gate,
                     std::span<const std::byte> down);
    Status endLayer();

    Status setTokenizer(const TokenizerData& data);

    // Completes `manifest` (config, tensors, extents, checksums, hash; its names and licence are
    // the caller's), checks it as a reader would, writes it into the partial folder and syncs. Call
    // once, when all tensors, layers and the tokenizer are there.
    Result<Manifest> seal(Manifest manifest);
    // After seal(): predictors into the partial folder and its manifest.
    Status replaceManifest(const Manifest& manifest);
    // Renames the folder and syncs its parent. Nothing may be called after it.
    Status publish();

  private:
    BundleWriter(std::string folder, ModelConfig config, RecordLayout record);
    Status openFiles();
    Status writeNeurons(std::span<const std::byte> bytes);
    Status addWords(const std::string& name, std::span<const uint32_t> words);

    std::string folder_, partial_;
    ModelConfig config_;
    RecordLayout record_;
    FileDescriptor lock_;  // of the partial folder, while this process writes it
    bool owns_partial_ = false;
    std::optional<FileWriter> resident_file_, neurons_file_;
    RunningChecksum resident_checksum_;
    std::vector<TensorEntry> tensors_;
    std::optional<TensorEntry> open_tensor_;
    uint64_t open_tensor_bytes_ = 0;

    std::vector<LayerExtent> extents_;
    bool layer_open_ = false;
    RunningChecksum layer_checksum_;
    std::vector<uint32_t> logical_;  // of the open layer: physical -> logical
    std::vector<uint32_t> order_;
    std::vector<uint32_t> record_checksums_;  // by logical neuron
    std::vector<float> down_norms_;
    std::vector<float> column_;            // scratch: one decoded down column
    std::vector<std::byte> record_bytes_;  // scratch: one record
    RecordPieces pieces_;
    std::array<std::vector<std::byte>, 3> later_;  // by piece: what follows the layer's first ones
    uint32_t records_ = 0;                         // of the open layer

    uint64_t tokenizer_bytes_ = 0, tokenizer_checksum_ = 0;
    bool has_tokenizer_ = false;
};

// How a calibration file is named: plainly in a new bundle; by its checksum beside one that the
// present manifest names, so that the bundle is whole at every moment until writeManifest().
enum class FileNaming : uint8_t { kPlain, kByChecksum };
// Writes a predictor's file into a bundle's folder (replacing one of that name durably) and returns
// the entry for its manifest, `layers` still empty.
Result<PredictorEntry> writePredictorFile(const std::string& folder, const std::string& kind,
                                          std::span<const std::byte> bytes,
                                          FileNaming naming = FileNaming::kPlain);
// The same for the counts of firing neurons.
Result<FiringEntry> writeFiringCounts(const std::string& folder, const FiringCounts& counts,
                                      FileNaming naming = FileNaming::kPlain);
// Removes predictor and firing files that the folder's manifest does not name: what a replaced
// manifest or a killed calibration has left. What cannot be removed stays, harmless.
void removeUnnamedFiles(const std::string& folder, const Manifest& manifest);
// Replaces manifest.json of a bundle durably; the manifest is checked first.
Status writeManifest(const std::string& folder, const Manifest& manifest);

}  // namespace glowworm
