// SPDX-License-Identifier: Apache-2.0
// A table of figures: aligned columns for people, one JSON object for programs. Collects rows, then
// prints; what the figures were measured on stands above them.
#pragma once

#include <string>
#include <vector>

namespace glowworm::bench {

class Table {
  public:
    Table(std::string title, std::vector<std::string> columns);
    void row(std::vector<std::string> cells);  // as many as columns
    void note(std::string line);               // below the table
    // To standard output.
    void print(bool json) const;

  private:
    std::string title_;
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> rows_;
    std::vector<std::string> notes_;
};

// "12.3" with `digits` after the point.
std::string number(double value, int digits);
std::string percent(double share);  // "12.3 %"
// The processor, its cores, the SIMD target, memory: what every table says it was measured on.
std::string machineLine();

}  // namespace glowworm::bench
