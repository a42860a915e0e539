// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <optional>
#include <utility>

#include "core/bundle/checksum.h"
#include "core/bundle/config_names.h"
#include "core/bundle/json_text.h"
#include "core/bundle/manifest.h"
#include "core/bundle/manifest_json.h"

namespace glowworm {

namespace {

using nlohmann::json;

// Reads fields of one JSON object; the first fault is kept in `error` and what follows is ignored,
// so that a list of fields reads as a list.
class Fields {
  public:
    Fields(const json& object, std::string where, std::optional<std::string>& fault)
        : object_(object), where_(std::move(where)), fault_(fault) {
        if (!object_.is_object()) note("", "is not an object");
    }

    template <typename Int>
    void number(const char* name, Int& out) {
        const json* value = find(name);
        if (value == nullptr) return;
        if (!value->is_number_unsigned() ||
            value->get<uint64_t>() > std::numeric_limits<Int>::max())
            return note(name, "is not a whole number in range");
        out = static_cast<Int>(value->get<uint64_t>());
    }
    void real(const char* name, float& out) {
        const json* value = find(name);
        if (value == nullptr) return;
        if (!value->is_number()) return note(name, "is not a number");
        out = static_cast<float>(value->get<double>());
    }
    void boolean(const char* name, bool& out) {
        const json* value = find(name);
        if (value == nullptr) return;
        if (!value->is_boolean()) return note(name, "is neither true nor false");
        out = value->get<bool>();
    }
    void text(const char* name, std::string& out) {
        const json* value = find(name);
        if (value == nullptr) return;
        if (!value->is_string()) return note(name, "is not text");
        out = value->get<std::string>();
    }
    void checksum(const char* name, uint64_t& out) {
        std::string spelling;
        text(name, spelling);
        if (fault_) return;
        const std::optional<uint64_t> value = checksumFromText(spelling);
        if (!value) return note(name, "is not 16 hexadecimal digits");
        out = *value;
    }
    void dtype(const char* name, Dtype& out) {
        std::string spelling;
        text(name, spelling);
        if (fault_) return;
        const std::optional<Dtype> value = dtypeFromName(spelling);
        if (!value) return note(name, "names an unknown type \"" + spelling.substr(0, 40) + "\"");
        out = *value;
    }
    template <typename Names, typename Kind>
    void kind(const char* name, const Names& names, Kind& out) {
        std::string spelling;
        text(name, spelling);
        if (fault_) return;
        const std::optional<Kind> value = kindIn(names, spelling);
        if (!value) return note(name, "has the unknown value \"" + spelling.substr(0, 40) + "\"");
        out = *value;
    }
    // The object, list or null under `name`; an empty object where it is missing (and noted).
    const json& at(const char* name) {
        static const json kNothing = json::object();
        const json* value = find(name);
        return value == nullptr ? kNothing : *value;
    }
    Fields object(const char* name) { return {at(name), where_ + name + ".", fault_}; }
    // Calls body(fields of element i, element i) for each element of a list of objects.
    template <typename Body>
    void list(const char* name, const Body& body) {
        const json& elements = at(name);
        if (fault_) return;
        if (!elements.is_array()) return note(name, "is not a list");
        for (size_t i = 0; i < elements.size() && !fault_; ++i)
            body(Fields(elements[i], where_ + name + "[" + std::to_string(i) + "].", fault_));
    }
    void note(const std::string& name, const std::string& fault) {
        if (!fault_) fault_ = "\"" + where_ + name + "\" " + fault;
    }
    [[nodiscard]] bool failed() const { return fault_.has_value(); }
    [[nodiscard]] bool has(const char* name) const {
        return object_.is_object() && object_.contains(name);
    }

  private:
    const json* find(const char* name) {
        if (fault_) return nullptr;
        const auto it = object_.find(name);
        if (it != object_.end()) return &*it;
        note(name, "is missing");
        return nullptr;
    }

    const json& object_;
    std::string where_;
    std::optional<std::string>& fault_;
};

void readConfig(Fields f, ModelConfig& c) {
    f.kind("architecture", kArchitectureNames, c.architecture);
    f.kind("norm", kNormNames, c.norm);
    f.kind("positions", kPositionNames, c.positions);
    f.kind("activation", kActivationNames, c.activation);
    f.boolean("gated", c.gated);
    f.boolean("parallel_attention", c.parallel_attention);
    f.boolean("two_norms", c.two_norms);
    f.boolean("norm_after", c.norm_after);
    f.boolean("attention_bias", c.attention_bias);
    f.boolean("ffn_bias", c.ffn_bias);
    f.boolean("tied_head", c.tied_head);
    f.boolean("final_norm", c.final_norm);
    f.number("layers", c.layers);
    f.number("hidden", c.hidden);
    f.number("ff_width", c.ff_width);
    f.number("heads", c.heads);
    f.number("kv_heads", c.kv_heads);
    f.number("head_dim", c.head_dim);
    f.number("vocabulary", c.vocabulary);
    f.number("context_max", c.context_max);
    f.number("position_offset", c.position_offset);
    f.real("norm_epsilon", c.norm_epsilon);
    f.real("rope_base", c.rope_base);
    f.real("rope_scale", c.rope_scale);
    f.real("rope_llama3_factor", c.rope_llama3_factor);
    f.real("rope_llama3_low", c.rope_llama3_low);
    f.real("rope_llama3_high", c.rope_llama3_high);
    f.number("rope_llama3_context", c.rope_llama3_context);
    f.number("sliding_window", c.sliding_window);
    f.boolean("up_activated", c.up_activated);
    f.real("activation_threshold", c.activation_threshold);
}

void readTensor(Fields f, TensorEntry& t) {
    f.text("name", t.name);
    f.dtype("dtype", t.dtype);
    f.number("offset", t.offset);
    f.number("bytes", t.bytes);
    const json& shape = f.at("shape");
    if (f.failed()) return;
    if (!shape.is_array() || shape.empty() || shape.size() > 2)
        return f.note("shape", "is not a list of one or two sizes");
    for (const json& size : shape) {
        if (!size.is_number_unsigned())
            return f.note("shape", "has a size that is no whole number");
        t.shape.push_back(size.get<uint64_t>());
    }
}

void readPart(Fields& record, const char* name, RecordPart& part) {
    if (record.at(name).is_null()) return;
    Fields f = record.object(name);
    f.dtype("dtype", part.dtype);
    f.number("offset", part.offset);
    f.number("bytes", part.bytes);
    if (!f.failed() && part.bytes == 0) f.note("bytes", "is 0");
}

void readNeurons(Fields f, Manifest& m) {
    f.number("bytes", m.neurons_bytes);
    Fields record = f.object("record");
    readPart(record, "up", m.record.up);
    readPart(record, "gate", m.record.gate);
    readPart(record, "down", m.record.down);
    record.number("stride", m.record.stride);
    if (record.has("split")) record.boolean("split", m.record.split);
    f.list("layers", [&](Fields layer) {
        LayerExtent& extent = m.extents.emplace_back();
        layer.number("offset", extent.offset);
        layer.number("neurons", extent.neurons);
        layer.checksum("checksum", extent.checksum);
    });
}

void readPredictor(Fields f, PredictorEntry& p) {
    f.text("kind", p.kind);
    f.text("file", p.file);
    f.number("bytes", p.bytes);
    f.checksum("checksum", p.checksum);
    f.list("layers", [&](Fields layer) {
        LayerCalibration& l = p.layers.emplace_back();
        layer.real("threshold", l.threshold);
        layer.real("contribution_threshold", l.contribution_threshold);
        layer.real("zero_share", l.zero_share);
        layer.real("active_share", l.active_share);
        layer.real("recall", l.recall);
        layer.real("false_positive_rate", l.false_positive_rate);
        layer.real("precision", l.precision);
    });
}

void readManifest(Fields f, Manifest& m) {
    f.text("name", m.name);
    Fields source = f.object("source");
    source.text("name", m.source_name);
    source.text("path", m.source_path);
    source.text("sha256", m.source_sha256);
    source.text("license", m.license);
    source.text("license_link", m.license_link);
    f.text("created_by", m.created_by);
    f.boolean("synthetic", m.synthetic);
    f.text("chat_template", m.chat_template);
    f.text("chat_template_source", m.chat_template_source);
    f.text("hash", m.hash);
    readConfig(f.object("config"), m.config);
    Fields resident = f.object("resident");
    resident.number("bytes", m.resident_bytes);
    resident.checksum("checksum", m.resident_checksum);
    resident.list("tensors", [&](Fields t) { readTensor(std::move(t), m.tensors.emplace_back()); });
    readNeurons(f.object("neurons"), m);
    Fields tokenizer = f.object("tokenizer");
    tokenizer.number("bytes", m.tokenizer_bytes);
    tokenizer.checksum("checksum", m.tokenizer_checksum);
    f.list("predictors",
           [&](Fields p) { readPredictor(std::move(p), m.predictors.emplace_back()); });
    if (!f.has("firing")) return;
    Fields firing = f.object("firing");
    firing.text("file", m.firing.file);
    firing.number("bytes", m.firing.bytes);
    firing.checksum("checksum", m.firing.checksum);
}

Status checkHeader(const json& object, Manifest& m, const std::string& path) {
    if (!object.is_object() || object.value("format", json()) != manifest_json::kFormatName)
        return fail(ErrorCode::kInvalidFile, path + " is not the manifest of a Glowworm model");
    const json version = object.value("version", json());
    if (!version.is_number_unsigned() || version.get<uint64_t>() == 0)
        return fail(ErrorCode::kInvalidFile, path + " has no valid \"version\"");
    if (version.get<uint64_t>() > kBundleVersion)
        return fail(ErrorCode::kUnsupported,
                    path + " has bundle version " + version.dump() + ", this program knows up to " +
                        std::to_string(kBundleVersion) + "; update Glowworm or import it again");
    m.version = static_cast<uint32_t>(version.get<uint64_t>());
    if (object.value("checksum", json()) != manifest_json::textChecksum(object))
        return fail(ErrorCode::kInvalidFile,
                    path + " is damaged: its checksum does not match; import the model again");
    return {};
}

}  // namespace

Result<Manifest> manifestFromJson(const std::string& text, const std::string& path) {
    ASSIGN_OR_RETURN(const json object, parseJson(text, path));
    Manifest manifest;
    RETURN_IF_ERROR(checkHeader(object, manifest, path));
    std::optional<std::string> fault;
    readManifest(Fields(object, "", fault), manifest);
    if (fault)
        return fail(ErrorCode::kInvalidFile, path + ": " + *fault + "; import the model again");
    RETURN_IF_ERROR(checkManifest(manifest, path));
    return manifest;
}

}  // namespace glowworm
