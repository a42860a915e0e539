// SPDX-License-Identifier: Apache-2.0
#include "app/cli/jsonlines.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace glowworm {

namespace {

using Json = nlohmann::ordered_json;

double rounded(double milliseconds) { return std::round(milliseconds * 1000) / 1000; }

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const char* finishName(FinishReason reason) {
    switch (reason) {
    case FinishReason::kEndOfText: return "end_of_text";
    case FinishReason::kMaxTokens: return "max_tokens";
    case FinishReason::kContextFull: return "context_full";
    case FinishReason::kStopped: break;
    }
    return "stopped";
}

std::string quoted(const std::string& text) { return dump(Json(text)); }

std::string tokenJson(const TokenEvent& event) {
    const TokenStats& stats = event.stats;
    Json json;
    json["type"] = "token";
    json["id"] = event.id.value();
    json["text"] = std::string(event.text);
    json["time_ms"] = rounded(stats.time_ms);
    json["attention_ms"] = rounded(stats.attention_ms);
    json["predictor_ms"] = rounded(stats.predictor_ms);
    json["ffn_ms"] = rounded(stats.ffn_ms);
    json["flash_wait_ms"] = rounded(stats.flash_wait_ms);
    json["read_bytes"] = stats.read_bytes;
    json["reads"] = stats.reads;
    json["hits"] = stats.hits;
    json["misses"] = stats.misses;
    json["window_tokens"] = stats.window_tokens;
    json["memory_bytes"] = stats.memory_bytes;
    json["budget_bytes"] = stats.budget_bytes;
    json["manager_ms"] = rounded(stats.manager_ms);
    json["reading_ms"] = rounded(stats.reading_ms);
    json["prefetch_bytes"] = stats.prefetch_bytes;
    json["prefetch_useful_bytes"] = stats.prefetch_useful_bytes;
    json["misses_ahead"] = stats.misses_ahead;
    return dump(json);
}

std::string summaryJson(const GenerateSummary& summary) {
    Json json;
    json["type"] = "summary";
    json["finish"] = finishName(summary.finish);
    json["text"] = summary.text;
    json["tokens"] = summary.tokens;
    json["prompt_tokens"] = summary.prompt_tokens;
    json["prompt_tokens_reused"] = summary.prompt_tokens_reused;
    json["prefill_ms"] = rounded(summary.prefill_ms);
    json["decode_ms"] = rounded(summary.decode_ms);
    json["prefill_read_bytes"] = summary.prefill_read_bytes;
    json["decode_read_bytes"] = summary.decode_read_bytes;
    json["seed"] = summary.seed;
    return dump(json);
}

std::string curveJson(const WorkingSetCurve& curve) {
    Json json;
    json["type"] = "curve";
    json["tokens"] = curve.tokens;
    json["compute_ms"] = rounded(curve.compute_ms);
    json["points"] = Json::array();
    for (const CurvePoint& point : curve.points) {
        Json one;
        one["budget_bytes"] = point.budget_bytes;
        one["window_tokens"] = rounded(point.window_tokens);
        one["hit_rate"] = point.hit_rate;
        one["read_bytes"] = std::round(point.read_bytes);
        one["reads"] = rounded(point.reads);
        one["predicted_ms"] = rounded(point.predicted_ms);
        json["points"].push_back(std::move(one));
    }
    return dump(json);
}

std::string modelJson(const std::string& name, const std::string& path, const ModelInfo& info) {
    Json json;
    json["name"] = name;
    json["title"] = info.name;
    json["path"] = path;
    json["architecture"] = info.architecture;
    json["activation"] = info.activation;
    json["dtype"] = info.dtype;
    json["license"] = info.license;
    json["chat_template"] = info.chat_template;
    json["predictor"] = info.predictor;
    json["bytes"] = info.bundle_bytes;
    json["budget_bytes_min"] = info.budget_bytes_min;
    json["budget_bytes_max"] = info.budget_bytes_max;
    json["context_tokens"] = info.context_tokens;
    json["context_max"] = info.context_max;
    json["layers"] = info.layers;
    json["hidden"] = info.hidden;
    json["ff_width"] = info.ff_width;
    json["vocabulary"] = info.vocabulary;
    json["active_share"] = info.active_share;
    json["synthetic"] = info.synthetic;
    return dump(json);
}

}  // namespace glowworm
