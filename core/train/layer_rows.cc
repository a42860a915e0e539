// SPDX-License-Identifier: Apache-2.0
#include "core/train/layer_rows.h"

#include "core/io/file.h"

namespace glowworm {

namespace {

Status readRows(ModelSession& session, LayerId layer, const MatrixView& resident,
                const RecordPart& part, std::vector<float>& out) {
    const ModelConfig& config = session.config();
    out.resize(size_t{config.ff_width} * config.hidden);
    if (resident.data != nullptr) {
        for (uint32_t n = 0; n < config.ff_width; ++n) {
            decodeRow(resident.dtype, resident.row(n), config.hidden,
                      out.data() + size_t{n} * config.hidden);
        }
        return {};
    }
    const OpenedModel& model = session.model();
    ASSIGN_OR_RETURN(const InputFile file, InputFile::open(model.bundle.neuronsPath()));
    const RecordPiece& piece = model.table.pieces().of(part);
    std::vector<std::byte> row(part.bytes);
    for (uint32_t n = 0; n < config.ff_width; ++n) {
        const uint64_t at = model.table.pieceOffset(layer, NeuronId(n), piece);
        RETURN_IF_ERROR(file.read(at + part.offset - piece.offset, row));
        decodeRow(part.dtype, row.data(), config.hidden, out.data() + size_t{n} * config.hidden);
    }
    const LayerExtent& extent = model.bundle.manifest().extents[layer.value()];
    file.dropCache(extent.offset, uint64_t{extent.neurons} * model.table.layout().stride);
    return {};
}

}  // namespace

Status readGateRows(ModelSession& session, LayerId layer, std::vector<float>& out) {
    if (!session.config().gated) return readUpRows(session, layer, out);
    return readRows(session, layer, session.model().weights.layers[layer.value()].gate,
                    session.model().bundle.manifest().record.gate, out);
}

Status readUpRows(ModelSession& session, LayerId layer, std::vector<float>& out) {
    return readRows(session, layer, session.model().weights.layers[layer.value()].up,
                    session.model().bundle.manifest().record.up, out);
}

Status readDownColumns(ModelSession& session, LayerId layer, std::vector<float>& out) {
    return readRows(session, layer, MatrixView{}, session.model().bundle.manifest().record.down,
                    out);
}

}  // namespace glowworm
