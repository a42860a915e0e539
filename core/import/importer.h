// SPDX-License-Identifier: Apache-2.0
// From what people have (a Hugging Face folder, a GGUF file) to a bundle. The front door of import/
// for app/. Runs on a worker thread; never needs more memory than a few layers; builds in
// `bundle_dir + ".partial"`, syncs, renames: half a bundle never looks whole (decisions.md 8).
#pragma once

#include <optional>
#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"
#include "core/bundle/manifest.h"

namespace glowworm {

// What lies in the record on flash.
enum class StreamChoice {
    kAuto,   // gate and up rows of at most 5 bits a weight stay resident (they are the sketch)
    kWhole,  // up, gate and down all in the record
};

struct ImportOptions {
    std::string source;          // a folder with config.json, or a .gguf file
    std::string bundle_dir;      // must not exist
    std::string name;            // shown to people
    std::optional<Dtype> dtype;  // nothing: keep what the source has (Q6_K becomes Q8_0)
    StreamChoice stream = StreamChoice::kAuto;
    std::string calibration_text;  // resources/calibration.txt; empty: no predictor, always exact
    // Models without ReLU with whole records: bits of the shadow (2, 3, 4), or 0: none, what is not
    // read is dropped. Nothing: the fewest bits that lose little, as measured on the text.
    std::optional<uint32_t> shadow_bits;
    size_t threads = 2;
};

// What can be told before the work: sizes, architecture, and the problem if there is one.
struct SourceInfo {
    std::string format;  // "gguf", "huggingface"
    std::string name, license;
    ModelConfig config;
    uint64_t source_bytes = 0;
};

Result<SourceInfo> inspectSource(const std::string& path);

// Returns the manifest of the finished bundle. Errors name the file and the fault; on any error or
// stop the partial folder is removed.
Result<Manifest> importModel(const ImportOptions& options, const ProgressSink& progress,
                             const StopFlag& stop);

}  // namespace glowworm
