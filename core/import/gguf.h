// SPDX-License-Identifier: Apache-2.0
// A GGUF file (versions 2 and 3, little endian): metadata and tensors. Everything in the header is
// checked against the file's size and against stated limits before memory is taken for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.h"
#include "core/import/tensor_store.h"

namespace glowworm {

// Metadata by key, with typed access that answers nothing where the key is absent or of another
// type. Whole numbers of all widths are one kind, and so are all reals.
class GgufMetadata {
  public:
    using Texts = std::vector<std::string>;
    using Reals = std::vector<double>;
    using Value = std::variant<uint64_t, int64_t, double, bool, std::string, Texts, Reals>;

    void set(std::string key, Value value) { values_[std::move(key)] = std::move(value); }
    [[nodiscard]] bool has(const std::string& key) const { return values_.contains(key); }
    [[nodiscard]] std::optional<uint64_t> number(const std::string& key) const;  // not negative
    [[nodiscard]] std::optional<double> real(const std::string& key) const;
    [[nodiscard]] std::optional<bool> boolean(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;  // "" where there is none
    // Null where there is none; owned by this. reals() are arrays of any number type.
    [[nodiscard]] const Texts* texts(const std::string& key) const;
    [[nodiscard]] const Reals* reals(const std::string& key) const;

  private:
    std::map<std::string, Value> values_;
};

struct Gguf {
    uint32_t version = 0;
    GgufMetadata metadata;
    TensorStore store;  // one file
};

// kInvalidFile with the path and the byte for what is truncated, overlapping or beyond the limits;
// kUnsupported, by name, for other versions, byte orders and tensor types.
Result<Gguf> openGguf(const std::string& path);

}  // namespace glowworm
