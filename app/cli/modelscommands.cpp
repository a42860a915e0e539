// SPDX-License-Identifier: Apache-2.0
// The commands for the library: import, models list, info, verify, export, import-archive, remove.
#include <algorithm>
#include <filesystem>
#include <format>
#include <thread>

#include "app/cli/commands.h"
#include "app/cli/jsonlines.h"
#include "app/cli/openmodel.h"
#include "app/cli/progressline.h"
#include "app/library/archivename.h"
#include "app/library/importlock.h"
#include "core/base/bytes.h"

namespace glowworm {

namespace {

void printModel(std::ostream& out, const std::string& path, const ModelInfo& info) {
    const auto row = [&](const char* what, const std::string& value) {
        if (!value.empty()) out << std::format("{:<16}{}\n", what, value);
    };
    row("model", info.name);
    row("path", path);
    row("architecture",
        std::format("{}, {}, {} layers, hidden {}, feed-forward {}", info.architecture,
                    info.activation, info.layers, info.hidden, info.ff_width));
    row("weights", info.dtype);
    row("license", info.license);
    row("chat template", info.chat_template.empty() ? "unknown" : info.chat_template);
    row("predictor", info.predictor);
    row("on disk", formatBytes(info.bundle_bytes));
    row("budget", std::format("{} at least, {} at most, with a context of {} tokens",
                              formatBytes(info.budget_bytes_min),
                              formatBytes(info.budget_bytes_max), info.context_tokens));
    row("active share", std::format("{:.1f} %", 100 * info.active_share));
    if (info.synthetic) row("note", "random weights, made for measurements");
}

}  // namespace

Status runImport(const DataPaths& paths, const ImportCommandOptions& options,
                 CliEnvironment& environment) {
    ImportOptions import;
    import.source = options.path;
    import.name = options.name;
    import.dtype = dtypeFromName(options.dtype);  // "keep" is none
    import.stream = options.stream == "whole" ? StreamChoice::kWhole : StreamChoice::kAuto;
    if (options.shadow == "none") import.shadow_bits = 0;
    for (const uint32_t bits : {2U, 3U, 4U}) {
        if (options.shadow == std::to_string(bits)) import.shadow_bits = bits;
    }
    import.threads =
        options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    ProgressLine progress(environment);
    ASSIGN_OR_RETURN(
        const std::string bundle,
        importNamed(paths, import, environment.import, progress.sink(), environment.controls.stop));
    progress.clear();
    ASSIGN_OR_RETURN(const ModelInfo info, environment.inspect(bundle, 2048));
    if (options.json) {
        environment.out << modelJson(options.name, bundle, info) << '\n' << std::flush;
    } else {
        environment.out << std::format("{} is ready: {} in {}\n", options.name,
                                       formatBytes(info.bundle_bytes), bundle)
                        << std::flush;
    }
    return {};
}

Status runModelsList(const DataPaths& paths, const ModelsOptions& options,
                     CliEnvironment& environment) {
    ASSIGN_OR_RETURN(std::vector<std::string> names, paths.installed());
    std::ostream& out = environment.out;
    std::string json;
    for (const std::string& name : names) {
        const std::string path = paths.bundle(name);
        const Result<ModelInfo> info = environment.inspect(path, options.context);
        const std::string problem = info ? "" : info.error().message;
        if (options.json) {
            json += json.empty() ? "" : ", ";
            json += info ? modelJson(name, path, *info)
                         : std::format("{{\"name\":{},\"path\":{},\"error\":{}}}", quoted(name),
                                       quoted(path), quoted(problem));
        } else if (info) {
            out << std::format("{:<40} {:>10}  {}, {}, from {} on\n", name,
                               formatBytes(info->bundle_bytes), info->architecture, info->dtype,
                               formatBytes(info->budget_bytes_min));
        } else {
            out << std::format("{:<40} cannot be used: {}\n", name, problem);
        }
    }
    if (options.json)
        out << '[' << json << "]\n";
    else if (names.empty()) {
        out << "No model is installed yet. \"starter\" works at once if packaging/run has fetched "
               "it; glowworm-cli import brings others.\n";
    }
    out << std::flush;
    return {};
}

Status runModelsInfo(const DataPaths& paths, const ModelsOptions& options,
                     CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const std::string bundle, findBundle(paths, options.model, environment));
    ASSIGN_OR_RETURN(const ModelInfo info, environment.inspect(bundle, options.context));
    if (options.json)
        environment.out << modelJson(options.model, bundle, info) << '\n';
    else
        printModel(environment.out, bundle, info);
    environment.out << std::flush;
    return {};
}

Status runModelsVerify(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const std::string bundle, findBundle(paths, options.model, environment));
    ProgressLine progress(environment);
    RETURN_IF_ERROR(environment.verify(bundle, progress.sink(), environment.controls.stop));
    progress.clear();
    if (options.json)
        environment.out << "{\"path\":" << quoted(bundle) << ",\"ok\":true}\n";
    else
        environment.out << bundle << " is as it was written.\n";
    environment.out << std::flush;
    return {};
}

Status runModelsExport(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment) {
    ASSIGN_OR_RETURN(const std::string bundle, findBundle(paths, options.model, environment));
    if (!isArchiveName(options.file)) {
        return fail(ErrorCode::kInvalidArgument,
                    options.file + " has no name of an archive: let it end in .glowworm");
    }
    ProgressLine progress(environment);
    RETURN_IF_ERROR(environment.exportArchive(bundle, options.file,
                                              options.force ? IfThere::kReplace : IfThere::kRefuse,
                                              progress.sink(), environment.controls.stop));
    progress.clear();
    std::error_code error;
    const auto bytes = std::filesystem::file_size(options.file, error);
    if (options.json)
        environment.out << "{\"path\":" << quoted(options.file) << ",\"bytes\":" << bytes << "}\n";
    else
        environment.out << options.file << " has all of it: " << formatBytes(bytes) << ".\n";
    environment.out << std::flush;
    return {};
}

Status runModelsImportArchive(const DataPaths& paths, const ModelsOptions& options,
                              CliEnvironment& environment) {
    const std::string name = options.name.empty() ? archiveBaseName(options.file) : options.name;
    RETURN_IF_ERROR(checkModelName(name));
    ProgressLine progress(environment);
    const StopFlag& stop = environment.controls.stop;
    ASSIGN_OR_RETURN(const ImportLock lock, ImportLock::take(paths, progress.sink(), stop));
    RETURN_IF_ERROR(
        environment.importArchive(options.file, paths.bundle(name), progress.sink(), stop));
    progress.clear();
    ASSIGN_OR_RETURN(const ModelInfo info, environment.inspect(paths.bundle(name), 2048));
    if (options.json)
        environment.out << modelJson(name, paths.bundle(name), info) << '\n';
    else
        environment.out << name << " is ready: " << formatBytes(info.bundle_bytes) << ".\n";
    environment.out << std::flush;
    return {};
}

Status runModelsRemove(const DataPaths& paths, const ModelsOptions& options,
                       CliEnvironment& environment) {
    const std::string bundle = paths.bundle(options.model);
    RETURN_IF_ERROR(removeModel(paths, options.model));
    if (options.json)
        environment.out << "{\"path\":" << quoted(bundle) << ",\"removed\":true}\n";
    else
        environment.out << options.model << " is removed.\n";
    environment.out << std::flush;
    return {};
}

}  // namespace glowworm
