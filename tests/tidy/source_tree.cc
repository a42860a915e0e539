// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/source_tree.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <format>
#include <fstream>
#include <memory>
#include <sstream>

namespace glowworm::tidy {
namespace {

namespace fs = std::filesystem;

std::string output(const std::string& command) {
    std::string all;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::array<char, 4096> part{};
    while (pipe) {
        const std::size_t count = std::fread(part.data(), 1, part.size(), pipe.get());
        if (count == 0) break;
        all.append(part.data(), count);
    }
    return all;
}

std::vector<std::string> pathsByGit(const fs::path& root) {
    // The repository may belong to another user than the one who runs the test.
    const std::string listing =
        output("git -c safe.directory='*' -C '" + root.string() +
               "' ls-files -z --cached --others --exclude-standard 2>/dev/null");
    std::vector<std::string> paths;
    std::istringstream stream(listing);
    for (std::string path; std::getline(stream, path, '\0');) paths.push_back(path);
    return paths;
}

std::vector<std::string> pathsByWalking(const fs::path& root) {
    std::vector<std::string> paths;
    for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
        const std::string name = it->path().filename().string();
        if (it->is_directory() && (name == ".git" || name == ".cache" || name == "__pycache__" ||
                                   name.starts_with("build"))) {
            it.disable_recursion_pending();
        } else if (it->is_regular_file()) {
            paths.push_back(fs::relative(it->path(), root).generic_string());
        }
    }
    return paths;
}

std::string readText(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The end of the literal that begins at `at` (a quote, or the R of a raw string).
std::size_t literalEnd(std::string_view text, std::size_t at) {
    if (text[at] == 'R') {
        const std::size_t open = text.find('(', at);
        if (open == std::string_view::npos) return text.size();
        const std::string close = ")" + std::string(text.substr(at + 2, open - at - 2)) + "\"";
        const std::size_t end = text.find(close, open);
        return end == std::string_view::npos ? text.size() : end + close.size();
    }
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == text[at] || text[i] == '\n') return i + 1;
    }
    return text.size();
}

std::size_t commentEnd(std::string_view text, std::size_t at) {
    if (text[at + 1] == '/') {
        const std::size_t end = text.find('\n', at);
        return end == std::string_view::npos ? text.size() : end;
    }
    const std::size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
}

bool isWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool startsLiteral(std::string_view text, std::size_t at) {
    const bool after_word = at > 0 && isWord(text[at - 1]);
    if (text[at] == 'R') return !after_word && text.substr(at + 1).starts_with('"');
    // 1'000 is a number; u8'x' does not occur here.
    return text[at] == '"' || (text[at] == '\'' && !after_word);
}

}  // namespace

std::string File::kind() const {
    const fs::path name = fs::path(path).filename();
    if (name == "CMakeLists.txt") return "cmake";
    const std::string extension = name.extension().string();
    if (!extension.empty()) return extension.substr(1);
    const std::string_view first = linesOf(text).empty() ? "" : linesOf(text).front();
    if (!first.starts_with("#!")) return "";
    return first.contains("python") ? "py" : first.contains("sh") ? "sh" : "";
}

bool File::isCpp() const {
    const std::string k = kind();
    return k == "cc" || k == "cpp" || k == "h";
}

std::string File::stem() const { return fs::path(path).stem().string(); }

std::vector<File> readTree(const fs::path& root) {
    std::vector<std::string> paths = pathsByGit(root);
    if (paths.empty()) paths = pathsByWalking(root);
    std::vector<File> files;
    for (const std::string& path : paths) {
        const fs::path full = root / path;
        if (!fs::is_regular_file(full)) continue;  // deleted, but not yet in the index
        File file{path, {}, fs::file_size(full)};
        if (file.bytes < (1U << 20)) file.text = readText(full);
        files.push_back(std::move(file));
    }
    return files;
}

std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string describe(const std::vector<Offence>& offences) {
    std::string text;
    for (const Offence& o : offences) text += std::format("{}:{}: {}\n", o.path, o.line, o.what);
    return text;
}

std::string codeOf(std::string_view text, bool keep_comments) {
    std::string code(text);
    const auto blank = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
            if (code[i] != '\n') code[i] = ' ';
        }
    };
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '/' && i + 1 < text.size() && (text[i + 1] == '/' || text[i + 1] == '*')) {
            const std::size_t end = commentEnd(text, i);
            if (!keep_comments) blank(i, end);
            i = end;
        } else if (startsLiteral(text, i)) {
            const std::size_t end = literalEnd(text, i);
            const std::size_t quote = text[i] == 'R' ? i + 1 : i;
            if (end > quote + 2) blank(quote + 1, end - 1);
            i = end;
        } else {
            ++i;
        }
    }
    return code;
}

}  // namespace glowworm::tidy
