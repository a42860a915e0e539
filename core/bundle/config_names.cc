// SPDX-License-Identifier: Apache-2.0
#include "core/bundle/config_names.h"

namespace glowworm {

std::string_view architectureName(Architecture architecture) {
    return nameIn(kArchitectureNames, architecture);
}
std::string_view normName(NormKind norm) { return nameIn(kNormNames, norm); }
std::string_view positionName(PositionKind positions) { return nameIn(kPositionNames, positions); }
std::string_view activationName(FfnActivation activation) {
    return nameIn(kActivationNames, activation);
}

}  // namespace glowworm
