// SPDX-License-Identifier: Apache-2.0
#include "core/train/layer_pass.h"

#include "core/io/file.h"

namespace glowworm {

LayerPass::LayerPass(ModelSession& session, uint32_t tokens_max)
    : session_(session),
      keeper_(session.config().ff_width, tokens_max),
      y_(size_t{tokens_max} * session.config().hidden),
      quantised_(InputRows::bytesNeeded(tokens_max, session.config().hidden)) {}

Result<std::unique_ptr<LayerPass>> LayerPass::create(ModelSession& session, uint32_t tokens_max) {
    std::unique_ptr<LayerPass> pass(new LayerPass(session, tokens_max));
    const ModelConfig& config = session.config();
    OpenedModel& model = session.model();
    ASSIGN_OR_RETURN(pass->store_, NeuronStore::create(model.cache, *model.reader, model.table,
                                                       config.ff_width, steadyClock()));
    ASSIGN_OR_RETURN(auto stream,
                     RecordStream::create(model.cache, *model.reader, model.table, config.layers,
                                          config.ff_width, steadyClock()));
    pass->stream_.emplace(std::move(stream));
    pass->feed_forward_ = std::make_unique<FeedForward>(
        FeedForwardParts{config, model.bundle.manifest().record, model.weights,
                         session.backend(), *pass->store_, *pass->stream_, nullptr, {},
                         steadyClock()},
        tokens_max);
    pass->feed_forward_->setObserver(&pass->keeper_);
    RETURN_IF_ERROR(pass->stream_->begin(1));
    return pass;
}

LayerPass::~LayerPass() {
    if (stream_) stream_->end();
}

Status LayerPass::activations(LayerId layer, const std::vector<float>& x, uint32_t tokens,
                              const StopFlag& stop) {
    InputRows in{x.data(), tokens, session_.config().hidden, quantised_.data()};
    session_.backend().prepare(in);
    TokenStats ignored;
    return feed_forward_->dense(layer, in, 0, y_.data(), ignored, stop);
}

Status LayerPass::gateRows(LayerId layer, std::vector<float>& out) const {
    if (!session_.config().gated) return upRows(layer, out);
    return rows(layer, session_.model().weights.layers[layer.value()].gate,
                session_.model().bundle.manifest().record.gate, out);
}

Status LayerPass::upRows(LayerId layer, std::vector<float>& out) const {
    return rows(layer, session_.model().weights.layers[layer.value()].up,
                session_.model().bundle.manifest().record.up, out);
}

Status LayerPass::rows(LayerId layer, const MatrixView& resident, const RecordPart& part,
                       std::vector<float>& out) const {
    const ModelConfig& config = session_.config();
    out.resize(size_t{config.ff_width} * config.hidden);
    if (resident.data != nullptr) {
        for (uint32_t n = 0; n < config.ff_width; ++n) {
            decodeRow(resident.dtype, resident.row(n), config.hidden,
                      out.data() + size_t{n} * config.hidden);
        }
        return {};
    }
    ASSIGN_OR_RETURN(const InputFile file,
                     InputFile::open(session_.model().bundle.neuronsPath()));
    std::vector<std::byte> row(part.bytes);
    for (uint32_t n = 0; n < config.ff_width; ++n) {
        const uint64_t at = session_.model().table.recordOffset(layer, NeuronId(n));
        RETURN_IF_ERROR(file.read(at + part.offset, row));
        decodeRow(part.dtype, row.data(), config.hidden, out.data() + size_t{n} * config.hidden);
    }
    const LayerExtent& extent = session_.model().bundle.manifest().extents[layer.value()];
    file.dropCache(extent.offset,
                   uint64_t{extent.neurons} * session_.model().table.layout().stride);
    return {};
}

}  // namespace glowworm
