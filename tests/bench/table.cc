// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/table.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/check.h"
#include "core/kernels/kernels.h"

namespace glowworm::bench {

Table::Table(std::string title, std::vector<std::string> columns)
    : title_(std::move(title)), columns_(std::move(columns)) {}

void Table::row(std::vector<std::string> cells) {
    CHECK(cells.size() == columns_.size());
    rows_.push_back(std::move(cells));
}

void Table::note(std::string line) { notes_.push_back(std::move(line)); }

void Table::print(bool json) const {
    if (json) {
        nlohmann::ordered_json object{{"title", title_}, {"machine", machineLine()}};
        for (const auto& cells : rows_) {
            nlohmann::ordered_json row;
            for (size_t i = 0; i < cells.size(); ++i) row[columns_[i]] = cells[i];
            object["rows"].push_back(row);
        }
        object["notes"] = notes_;
        std::printf("%s\n", object.dump().c_str());
        return;
    }
    std::vector<size_t> widths;
    for (size_t i = 0; i < columns_.size(); ++i) {
        size_t width = columns_[i].size();
        for (const auto& cells : rows_) width = std::max(width, cells[i].size());
        widths.push_back(width);
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        for (size_t i = 0; i < cells.size(); ++i) {
            const int width = static_cast<int>(widths[i]);
            std::printf(i == 0 ? "%-*s" : "  %*s", width, cells[i].c_str());
        }
        std::printf("\n");
    };
    std::printf("%s\n%s\n\n", title_.c_str(), machineLine().c_str());
    line(columns_);
    for (const auto& cells : rows_) line(cells);
    for (const std::string& text : notes_) std::printf("%s\n", text.c_str());
    std::printf("\n");
    std::fflush(stdout);
}

std::string number(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string percent(double share) { return number(share * 100, 1) + " %"; }

std::string machineLine() {
    std::ifstream cpu("/proc/cpuinfo");
    std::string line, name = "unknown processor";
    while (std::getline(cpu, line)) {
        if (line.starts_with("model name")) {
            name = line.substr(line.find(':') + 2);
            break;
        }
    }
    return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads, " +
           simdTargetName();
}

}  // namespace glowworm::bench
