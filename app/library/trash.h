// SPDX-License-Identifier: Apache-2.0
// DATA/trash: where removed models lie until the next start, in case they are wanted back. Renames
// only, so a model of any size goes and comes at once. Worker threads.
#pragma once

#include <string>

#include "app/library/datapaths.h"
#include "core/base/controls.h"
#include "core/base/error.h"

namespace glowworm {

// An older one of that name in the trash makes way for good.
Status moveToTrash(const DataPaths& paths, const std::string& name);
// kInvalidArgument when there is a model of that name again.
Status restoreFromTrash(const DataPaths& paths, const std::string& name);
// Deletes what lies in the trash, file by file until `stop`.
Status emptyTrash(const DataPaths& paths, const StopFlag& stop);

// Whether the person has moved the starter to the trash: then it is not imported again unasked.
[[nodiscard]] bool starterDeclined(const DataPaths& paths);
Status setStarterDeclined(const DataPaths& paths, bool declined);

}  // namespace glowworm
