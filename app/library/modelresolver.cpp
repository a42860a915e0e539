// SPDX-License-Identifier: Apache-2.0
#include "app/library/modelresolver.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "app/library/calibrationtext.h"
#include "app/library/importlock.h"

namespace glowworm {

namespace fs = std::filesystem;

namespace {

// Path, size and time of change of everything a source consists of.
std::string fingerprint(const fs::path& source) {
    std::error_code error;
    uint64_t bytes = 0;
    int64_t changed = 0;
    const auto add = [&](const fs::path& file) {
        const uint64_t size = fs::file_size(file, error);
        if (error) return;
        bytes += size;
        const auto time = fs::last_write_time(file, error).time_since_epoch().count();
        changed = std::max(changed, static_cast<int64_t>(time));
    };
    if (fs::is_directory(source, error)) {
        for (fs::directory_iterator entry(source, error), end; !error && entry != end;
             entry.increment(error)) {
            if (entry->is_regular_file(error)) add(entry->path());
        }
    } else {
        add(source);
    }
    const std::string key = fs::weakly_canonical(source, error).string() + '\n' +
                            std::to_string(bytes) + '\n' + std::to_string(changed);
    uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(hash ^ (hash >> 32)));
    return text.data();
}

std::string nameOf(fs::path source) {
    if (!source.has_filename()) source = source.parent_path();  // a folder written with a slash
    std::string name = source.filename().string();
    if (name.ends_with(".gguf")) name.resize(name.size() - 5);
    std::ranges::replace_if(
        name, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '/'; }, '_');
    while (name.starts_with('.') || name.starts_with('-')) name.erase(0, 1);
    name.resize(std::min<size_t>(name.size(), 100));
    return name.empty() ? "model" : name;
}

bool isImportable(const fs::path& path) {
    std::error_code error;
    if (fs::is_regular_file(path, error)) return true;
    return fs::is_regular_file(path / "config.json", error);
}

Result<ModelChoice> resolveStarter(const DataPaths& paths) {
    ModelChoice choice{paths.bundle("starter"), "starter", ""};
    if (paths.isInstalled("starter")) return choice;
    choice.source = paths.starterFile();
    if (choice.source.empty()) {
        return fail(ErrorCode::kNotFound,
                    "the starter model is not there: packaging/run fetches it into " +
                        paths.root() +
                        "/starter when there is a network, and you may put "
                        "a GGUF file there yourself; any other GGUF file or Hugging Face folder "
                        "can be named instead of \"starter\"");
    }
    return choice;
}

std::unexpected<Error> notFound(const DataPaths& paths, const std::string& model) {
    std::string known = "starter";
    for (const std::string& name : paths.installed().value_or(std::vector<std::string>())) {
        if (name != "starter") known += ", " + name;
    }
    return fail(ErrorCode::kNotFound,
                "there is no model \"" + model + "\": it is neither an installed name (" + known +
                    ") nor the path of a bundle, a GGUF file or a folder with config.json");
}

}  // namespace

Result<ModelChoice> resolveModel(const DataPaths& paths, const std::string& model) {
    if (model == "starter") return resolveStarter(paths);
    if (paths.isInstalled(model)) return ModelChoice{paths.bundle(model), model, ""};
    if (model.empty()) return notFound(paths, model);
    if (isBundle(model)) return ModelChoice{model, nameOf(model), ""};
    std::error_code error;
    const fs::file_status status = fs::status(model, error);
    if (error && status.type() != fs::file_type::not_found) {
        return std::unexpected(systemError("open", model, error.value()));
    }
    if (!isImportable(model)) return notFound(paths, model);
    const std::string name = nameOf(model);
    ModelChoice choice{paths.bundle(name + "-" + fingerprint(model)), name, model};
    if (isBundle(choice.bundle)) choice.source.clear();
    return choice;
}

Result<std::string> ensureImported(const DataPaths& paths, const ModelChoice& choice,
                                   const ImportFunction& import, const ProgressSink& progress,
                                   const StopFlag& stop) {
    if (choice.source.empty()) return choice.bundle;
    ASSIGN_OR_RETURN(const ImportLock lock, ImportLock::take(paths, progress, stop));
    if (isBundle(choice.bundle)) return choice.bundle;
    ImportOptions options;
    options.source = choice.source;
    options.bundle_dir = choice.bundle;
    options.name = choice.name == "starter" ? nameOf(choice.source) : choice.name;
    options.calibration_text = calibrationText();
    options.threads = std::max(1U, std::thread::hardware_concurrency());
    RETURN_IF_ERROR(import(options, progress, stop));
    return choice.bundle;
}

Result<std::string> importNamed(const DataPaths& paths, ImportOptions options,
                                const ImportFunction& import, const ProgressSink& progress,
                                const StopFlag& stop) {
    RETURN_IF_ERROR(checkModelName(options.name));
    ASSIGN_OR_RETURN(const ImportLock lock, ImportLock::take(paths, progress, stop));
    options.bundle_dir = paths.bundle(options.name);
    std::error_code error;
    if (fs::exists(options.bundle_dir, error)) {
        return fail(ErrorCode::kInvalidArgument, "there is a model \"" + options.name +
                                                     "\" already (" + options.bundle_dir +
                                                     "); choose another name, or remove it first");
    }
    options.calibration_text = calibrationText();
    RETURN_IF_ERROR(import(options, progress, stop));
    return options.bundle_dir;
}

Status removeModel(const DataPaths& paths, const std::string& name) {
    if (!paths.isInstalled(name)) return notFound(paths, name);
    const std::string bundle = paths.bundle(name);
    const std::string hidden = paths.models() + "/.removing-" + name;
    std::error_code error;
    fs::remove_all(hidden, error);  // what an earlier removal may have left
    fs::rename(bundle, hidden, error);
    if (error) return std::unexpected(systemError("remove", bundle, error.value()));
    fs::remove_all(hidden, error);
    if (error) return std::unexpected(systemError("remove", hidden, error.value()));
    return {};
}

}  // namespace glowworm
