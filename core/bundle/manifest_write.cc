// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "core/bundle/checksum.h"
#include "core/bundle/manifest.h"
#include "core/bundle/manifest_json.h"

namespace glowworm {

namespace {

using nlohmann::json;

json configJson(const ModelConfig& c) {
    return {
        {"architecture", architectureName(c.architecture)},
        {"norm", normName(c.norm)},
        {"positions", positionName(c.positions)},
        {"activation", activationName(c.activation)},
        {"gated", c.gated},
        {"parallel_attention", c.parallel_attention},
        {"two_norms", c.two_norms},
        {"norm_after", c.norm_after},
        {"attention_bias", c.attention_bias},
        {"ffn_bias", c.ffn_bias},
        {"tied_head", c.tied_head},
        {"final_norm", c.final_norm},
        {"layers", c.layers},
        {"hidden", c.hidden},
        {"ff_width", c.ff_width},
        {"heads", c.heads},
        {"kv_heads", c.kv_heads},
        {"head_dim", c.head_dim},
        {"vocabulary", c.vocabulary},
        {"context_max", c.context_max},
        {"position_offset", c.position_offset},
        {"norm_epsilon", c.norm_epsilon},
        {"rope_base", c.rope_base},
        {"rope_scale", c.rope_scale},
        {"rope_llama3_factor", c.rope_llama3_factor},
        {"rope_llama3_low", c.rope_llama3_low},
        {"rope_llama3_high", c.rope_llama3_high},
        {"rope_llama3_context", c.rope_llama3_context},
        {"sliding_window", c.sliding_window},
        {"up_activated", c.up_activated},
        {"activation_threshold", c.activation_threshold},
    };
}

json partJson(const RecordPart& part) {
    if (part.bytes == 0) return nullptr;
    return {{"dtype", dtypeName(part.dtype)}, {"offset", part.offset}, {"bytes", part.bytes}};
}

json tensorsJson(const std::vector<TensorEntry>& tensors) {
    json list = json::array();
    for (const TensorEntry& t : tensors)
        list.push_back({{"name", t.name},
                        {"dtype", dtypeName(t.dtype)},
                        {"shape", t.shape},
                        {"offset", t.offset},
                        {"bytes", t.bytes}});
    return list;
}

json extentsJson(const std::vector<LayerExtent>& extents) {
    json list = json::array();
    for (const LayerExtent& e : extents)
        list.push_back(
            {{"offset", e.offset}, {"neurons", e.neurons}, {"checksum", checksumText(e.checksum)}});
    return list;
}

json calibrationJson(const LayerCalibration& l) {
    return {{"threshold", l.threshold},   {"contribution_threshold", l.contribution_threshold},
            {"zero_share", l.zero_share}, {"active_share", l.active_share},
            {"recall", l.recall},         {"false_positive_rate", l.false_positive_rate},
            {"precision", l.precision}};
}

json predictorsJson(const std::vector<PredictorEntry>& predictors) {
    json list = json::array();
    for (const PredictorEntry& p : predictors) {
        json layers = json::array();
        for (const LayerCalibration& l : p.layers) layers.push_back(calibrationJson(l));
        list.push_back({{"kind", p.kind},
                        {"file", p.file},
                        {"bytes", p.bytes},
                        {"checksum", checksumText(p.checksum)},
                        {"layers", std::move(layers)}});
    }
    return list;
}

}  // namespace

namespace manifest_json {

json recordJson(const RecordLayout& record) {
    json object = {{"up", partJson(record.up)},
                   {"gate", partJson(record.gate)},
                   {"down", partJson(record.down)},
                   {"stride", record.stride}};
    // Left out where it is false: bundles of version 1 keep their hash.
    if (record.split) object["split"] = true;
    return object;
}

json weightsJson(const Manifest& m) {
    return {
        {"config", configJson(m.config)},
        {"resident",
         {{"bytes", m.resident_bytes},
          {"checksum", checksumText(m.resident_checksum)},
          {"tensors", tensorsJson(m.tensors)}}},
        {"neurons",
         {{"bytes", m.neurons_bytes},
          {"record", recordJson(m.record)},
          {"layers", extentsJson(m.extents)}}},
        {"tokenizer",
         {{"bytes", m.tokenizer_bytes}, {"checksum", checksumText(m.tokenizer_checksum)}}},
    };
}

std::string textChecksum(const json& object) {
    json rest = object;
    rest.erase("checksum");
    return checksumText(checksumOf(rest.dump(-1, ' ', false, json::error_handler_t::replace)));
}

}  // namespace manifest_json

std::string weightsHash(const Manifest& manifest) {
    const json weights = manifest_json::weightsJson(manifest);
    return checksumText(checksumOf(weights.dump(-1, ' ', false, json::error_handler_t::replace)));
}

std::string manifestToJson(const Manifest& m) {
    json object = manifest_json::weightsJson(m);
    object["format"] = manifest_json::kFormatName;
    object["version"] = m.version;
    object["name"] = m.name;
    object["source"] = {{"name", m.source_name},
                        {"path", m.source_path},
                        {"sha256", m.source_sha256},
                        {"license", m.license},
                        {"license_link", m.license_link}};
    object["created_by"] = m.created_by;
    object["synthetic"] = m.synthetic;
    object["chat_template"] = m.chat_template;
    object["chat_template_source"] = m.chat_template_source;
    object["predictors"] = predictorsJson(m.predictors);
    if (!m.firing.file.empty())
        object["firing"] = {{"file", m.firing.file},
                            {"bytes", m.firing.bytes},
                            {"checksum", checksumText(m.firing.checksum)}};
    object["hash"] = m.hash;
    // Parsed again so that the checksum is of what a reader will see (floats as decimal text).
    const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);
    object = json::parse(text, nullptr, false);
    object["checksum"] = manifest_json::textChecksum(object);
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace glowworm
