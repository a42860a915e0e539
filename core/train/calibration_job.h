// SPDX-License-Identifier: Apache-2.0
// The folder beside a bundle (BUNDLE.calibration) in which a long calibration keeps what it has
// done, so that one that was stopped or killed goes on where it was. Holds
//   job.json          what is being done to what: another job begins anew
//   inputs-0007.bin   a window of recorded feed-forward inputs, F16 [layers, tokens, hidden]
//   NAME.json, .bin   results, by the names their makers give them
// Every file appears whole or not at all. One process at a time (flock). Worker thread only.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/file.h"

namespace glowworm {

class CalibrationJob {
  public:
    // Opens or makes the folder for `description`; what another description has left is cleared.
    // kInvalidArgument while another process works there, kPermission where nothing can be written.
    static Result<CalibrationJob> open(const std::string& bundle,
                                       const nlohmann::json& description);

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] bool resumed() const { return resumed_; }  // something had been done already

    [[nodiscard]] bool has(const std::string& name) const;
    Status write(const std::string& name, std::span<const std::byte> bytes) const;
    Status writeJson(const std::string& name, const nlohmann::json& value) const;
    [[nodiscard]] Result<std::vector<std::byte>> read(const std::string& name) const;
    [[nodiscard]] Result<nlohmann::json> readJson(const std::string& name) const;
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

    // The work is done: the folder goes.
    void remove();

  private:
    CalibrationJob(std::string folder, FileDescriptor lock)
        : folder_(std::move(folder)), lock_(std::move(lock)) {}
    std::string folder_;
    FileDescriptor lock_;
    bool resumed_ = false;
};

// "layer-07" and the like.
std::string numbered(const char* what, size_t number);

}  // namespace glowworm
