// SPDX-License-Identifier: Apache-2.0
#include "core/train/layer_pass.h"

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

}  // namespace glowworm
