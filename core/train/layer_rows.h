// SPDX-License-Identifier: Apache-2.0
// The rows of one layer of an open model as F32, wherever they lie: resident, or in the neuron
// records on flash. Worker thread only.
#pragma once

#include <vector>

#include "core/engine/model_session.h"

namespace glowworm {

// [ff_width, hidden] by logical neuron: the gate's rows (the up matrix's where there is no gate),
// and the up matrix's.
Status readGateRows(ModelSession& session, LayerId layer, std::vector<float>& out);
Status readUpRows(ModelSession& session, LayerId layer, std::vector<float>& out);
// The down columns, which always lie on flash.
Status readDownColumns(ModelSession& session, LayerId layer, std::vector<float>& out);

}  // namespace glowworm
