// SPDX-License-Identifier: Apache-2.0
#include "core/import/importer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/bundle/bundle_writer.h"
#include "core/import/import_plan.h"
#include "core/import/free_space.h"
#include "core/import/import_progress.h"
#include "core/import/sha256.h"
#include "core/import/source.h"
#include "core/import/weight_writer.h"
#include "core/io/file.h"
#include "core/text/chat_template.h"
#include "core/text/tokenizer.h"
#include "core/train/calibration.h"
#include "core/train/shadow_calibration.h"

namespace glowworm {

namespace {

constexpr const char* kCreatedBy = "glowworm 0.1.0";
constexpr uint64_t kHashChunkBytes = uint64_t{4} << 20;
constexpr double kHashedAt = 0.1;  // shares of the whole, for the progress
constexpr double kWrittenAt = 0.5;
constexpr double kCalibratedAt = 0.65;

// SHA-256 over the weight files, one after another in the order of their names.
Result<std::string> hashFiles(const TensorStore& store, ImportProgress& progress) {
    Sha256 hash;
    std::vector<std::byte> buffer;
    for (const InputFile& file : store.files) {
        for (uint64_t done = 0; done < file.sizeBytes(); done += buffer.size()) {
            buffer.resize(std::min(kHashChunkBytes, file.sizeBytes() - done));
            RETURN_IF_ERROR(file.read(done, buffer));
            hash.add(buffer);
            RETURN_IF_ERROR(progress.advance(buffer.size()));
        }
    }
    return hash.finish();
}

Result<TokenizerData> checkedTokenizer(const std::string& path, const ModelConfig& config) {
    ASSIGN_OR_RETURN(TokenizerData data, readTokenizer(path));
    if (data.pieces.size() > config.vocabulary)
        return fail(ErrorCode::kInvalidFile, path + ": the tokenizer has " +
                                                 std::to_string(data.pieces.size()) +
                                                 " pieces, the model only " +
                                                 std::to_string(config.vocabulary) + " embeddings");
    RETURN_IF_ERROR(Tokenizer::create(data));
    return data;
}

Manifest describe(const ImportOptions& options, const Source& source, std::string sha256) {
    Manifest manifest;
    manifest.name = options.name;
    manifest.source_name = source.name;
    manifest.source_path = options.source;
    manifest.source_sha256 = std::move(sha256);
    manifest.license = source.license;
    manifest.license_link = source.license_link;
    manifest.created_by = kCreatedBy;
    manifest.chat_template_source = source.chat_template;
    // A model without a template continues text; one with a strange template is left unknown.
    const auto known = recogniseChatTemplate(source.chat_template);
    if (source.chat_template.empty())
        manifest.chat_template = chatTemplateName(ChatTemplate::kPlain);
    else if (known) manifest.chat_template = chatTemplateName(*known);
    return manifest;
}

// Of the output power that a shadow may get wrong before one with more bits is taken. What that is
// in perplexity: tests/bench/RESULTS.md.
constexpr double kLostShareMax = 0.03;

// Puts a shadow first among the manifest's predictors, if the model can have one and is to.
Status addShadow(const ImportOptions& options, const std::string& folder, Manifest& manifest,
                 const ProgressSink& sink, const StopFlag& stop) {
    const bool automatic = !options.shadow_bits.has_value();
    const bool fitting =
        canHaveShadow(manifest) && manifest.config.activation != FfnActivation::kRelu;
    if ((automatic && !fitting) || options.shadow_bits == 0U) return {};
    const std::vector<uint32_t> bits =
        automatic ? std::vector<uint32_t>{2, 3, 4} : std::vector<uint32_t>{*options.shadow_bits};
    ShadowOptions shadow;
    shadow.text = options.calibration_text;
    shadow.threads = options.threads;
    ASSIGN_OR_RETURN(const auto made, makeShadows(folder, bits, shadow, sink, stop));
    size_t chosen = 0;
    while (chosen + 1 < made.size() && made[chosen].lost_share > kLostShareMax) ++chosen;
    for (size_t i = 0; i < made.size(); ++i) {
        std::error_code ignored;  // what stays is only unknown to the manifest
        if (i != chosen) std::filesystem::remove(folder + "/" + made[i].entry.file, ignored);
    }
    manifest.predictors.insert(manifest.predictors.begin(), made[chosen].entry);
    return {};
}

// The weights lie there, openable: the model itself now says which of its neurons matter.
Status calibrate(const ImportOptions& options, BundleWriter& writer, Manifest& manifest,
                 const ProgressSink& sink, const StopFlag& stop) {
    CalibrationOptions calibration;
    calibration.text = options.calibration_text;
    calibration.threads = options.threads;
    const auto relay = [&](const Progress& part) {
        if (sink) sink({part.stage, kWrittenAt + (kCalibratedAt - kWrittenAt) * part.fraction});
    };
    const auto relay_shadow = [&](const Progress& part) {
        if (sink) sink({part.stage, kCalibratedAt + (1 - kCalibratedAt) * part.fraction});
    };
    ASSIGN_OR_RETURN(Calibration done,
                     makePredictor(writer.partialFolder(), calibration, relay, stop));
    manifest.predictors = {std::move(done.predictor)};
    manifest.firing = std::move(done.firing);
    RETURN_IF_ERROR(
        addShadow(options, writer.partialFolder(), manifest, relay_shadow, stop));
    return writer.replaceManifest(manifest);
}

}  // namespace

Result<SourceInfo> inspectSource(const std::string& path) {
    ASSIGN_OR_RETURN(const Source source, openSource(path));
    RETURN_IF_ERROR(planImport(source, std::nullopt, StreamChoice::kAuto));
    return SourceInfo{source.format == SourceFormat::kGguf ? "gguf" : "huggingface", source.name,
                      source.license, source.config, source.store.bytes()};
}

Result<Manifest> importModel(const ImportOptions& options, const ProgressSink& sink,
                             const StopFlag& stop) {
    ImportProgress progress(sink, stop);
    progress.setStage("looking at the model");
    RETURN_IF_ERROR(progress.advance(0));
    ASSIGN_OR_RETURN(const Source source, openSource(options.source));
    ASSIGN_OR_RETURN(const ImportPlan plan, planImport(source, options.dtype, options.stream));
    ASSIGN_OR_RETURN(const TokenizerData tokenizer,
                     checkedTokenizer(options.source, source.config));
    RETURN_IF_ERROR(checkSpace(options.bundle_dir, plan.bytes));
    ASSIGN_OR_RETURN(const auto writer,
                     BundleWriter::create(options.bundle_dir, source.config, plan.record));

    progress.beginPart(kHashedAt, source.store.bytes());
    progress.setStage("computing the file's fingerprint");
    ASSIGN_OR_RETURN(std::string sha256, hashFiles(source.store, progress));
    progress.beginPart(kWrittenAt, source.store.bytes());
    RETURN_IF_ERROR(WeightWriter(source, plan, *writer, progress).write());
    RETURN_IF_ERROR(writer->setTokenizer(tokenizer));
    ASSIGN_OR_RETURN(Manifest manifest, writer->seal(describe(options, source, std::move(sha256))));
    RETURN_IF_ERROR(progress.advance(0));
    if (!options.calibration_text.empty()) {
        RETURN_IF_ERROR(calibrate(options, *writer, manifest, sink, stop));
    }
    RETURN_IF_ERROR(writer->publish());
    if (sink) sink({"done", 1.0});
    return manifest;
}

}  // namespace glowworm
