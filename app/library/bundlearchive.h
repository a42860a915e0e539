// SPDX-License-Identifier: Apache-2.0
// A model in one file: NAME.glowworm is a tar file compressed with zstd, manifest.json first. The
// only file that includes KArchive, and of that only its compression: KTar writes no sizes above
// 8 GiB, and reads a compressed archive by unpacking all of it to a temporary file before anything
// of it can be looked at, following names and links as it goes. So the tar headers are our own
// (tarheader.h), and the archive passes through a 1 MiB buffer in one go.
// `tar --zstd -x` opens it, and what `tar --zstd -cf x.glowworm manifest.json resident.bin ...`
// makes is taken. Worker thread; blocks; obeys `stop` between buffers.
#pragma once

#include <string>

#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

enum class IfThere { kRefuse, kReplace };

// Writes `file.partial`, syncs, renames. On any error or stop that goes away and what was at `file`
// is as it was.
Status exportBundle(const std::string& bundle, const std::string& file, IfThere if_there,
                    const ProgressSink& progress, const StopFlag& stop);

// Unpacks to `folder`, which must not exist. Nothing of the archive is believed: see BundleReceiver
// for what is refused. On any error or stop nothing remains. One writer of that folder at a time.
Status importBundle(const std::string& archive, const std::string& folder,
                    const ProgressSink& progress, const StopFlag& stop);

}  // namespace glowworm
