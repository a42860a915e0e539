// SPDX-License-Identifier: Apache-2.0
// An installed bundle as a list of files, for archives: what to send, and a receiver that believes
// nothing it is told until it has been checked. Worker threads; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

class FileWriter;

struct BundleFile {
    std::string name{};
    uint64_t bytes = 0;
};

// The files of a bundle with their exact sizes, manifest.json first: the order of sending.
Result<std::vector<BundleFile>> bundleFiles(const std::string& bundle);

// Hands a file's bytes to `take`, in order and at most 1 MiB at once; they do not stay in the page
// cache. A file that has become shorter or longer is an error.
Status readBundleFile(const std::string& bundle, const BundleFile& file,
                      const std::function<Status(std::span<const std::byte>)>& take,
                      const StopFlag& stop);

// Builds a bundle from files that arrive one after another, in `folder.partial`. Refused, with
// `origin` (the archive's path) and the fault in the message: a first file that is not a valid
// manifest, a name that the manifest does not imply (so no path, no "..", nothing extra), a file
// that comes twice or has another size than the manifest says, and at the end a missing file or a
// wrong checksum. Space is checked once the manifest is known. Destroyed before install() has
// succeeded it removes the partial folder. Nobody else may write a bundle of that name meanwhile.
class BundleReceiver {
  public:
    // kInvalidArgument where `folder` is already there.
    static Result<std::unique_ptr<BundleReceiver>> create(const std::string& folder,
                                                          const std::string& origin);
    ~BundleReceiver();
    BundleReceiver(const BundleReceiver&) = delete;
    BundleReceiver& operator=(const BundleReceiver&) = delete;

    // A file: begin with its name and size, append exactly that many bytes, end.
    Status begin(std::string_view name, uint64_t bytes);
    Status append(std::span<const std::byte> bytes);
    Status end();

    // Of all files together; nothing before the manifest is there.
    [[nodiscard]] std::optional<uint64_t> bytesExpected() const { return bytes_expected_; }
    // Reads everything back, compares all checksums, and gives the folder its name.
    Status install(const ProgressSink& progress, const StopFlag& stop);

  private:
    BundleReceiver(std::string folder, std::string origin);
    [[nodiscard]] std::unexpected<Error> refuse(const std::string& what) const;
    Status checkDeclared(const std::string& name, uint64_t bytes) const;
    Status readManifest();

    std::string folder_, partial_, origin_;
    std::vector<BundleFile> expected_;  // the manifest's list, once it has come
    std::vector<std::string> received_;
    std::optional<uint64_t> bytes_expected_;
    std::unique_ptr<FileWriter> writer_;  // of the file that is arriving
    BundleFile open_file_;
    bool owns_partial_ = false;
};

}  // namespace glowworm
