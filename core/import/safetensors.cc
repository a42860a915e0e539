// SPDX-License-Identifier: Apache-2.0
// The format: github.com/huggingface/safetensors (README, "Format")
#include "core/import/safetensors.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include "core/bundle/json_text.h"

namespace glowworm {

namespace {

using nlohmann::json;

constexpr uint64_t kHeaderBytesMax = uint64_t{100} << 20;  // the format's own limit
constexpr uint64_t kIndexBytesMax = uint64_t{100} << 20;
constexpr size_t kShardsMax = 4096;

struct TypeName {
    std::string_view name;
    uint64_t bytes;
    std::optional<Dtype> dtype;
};

constexpr std::array kTypes{
    TypeName{"F32", 4, Dtype::kF32},
    TypeName{"F16", 2, Dtype::kF16},
    TypeName{"BF16", 2, Dtype::kBF16},
    TypeName{"F64", 8, {}},
    TypeName{"I64", 8, {}},
    TypeName{"U64", 8, {}},
    TypeName{"I32", 4, {}},
    TypeName{"U32", 4, {}},
    TypeName{"I16", 2, {}},
    TypeName{"U16", 2, {}},
    TypeName{"I8", 1, {}},
    TypeName{"U8", 1, {}},
    TypeName{"BOOL", 1, {}},
    TypeName{"F8_E4M3", 1, {}},
    TypeName{"F8_E5M2", 1, {}},
};

std::unexpected<Error> fault(const std::string& path, const std::string& what) {
    return fail(ErrorCode::kInvalidFile, path + ": " + what + " (truncated or damaged?)");
}

// Bytes of the tensor by its shape and type; the shape is brought to one or two sizes where it can.
Result<uint64_t> readShape(const json& shape, uint64_t element_bytes, StoredTensor& tensor,
                           const std::string& path) {
    const std::string name = "tensor \"" + tensor.name + "\"";
    if (!shape.is_array() || shape.size() > 8) return fault(path, name + " has no valid shape");
    uint64_t bytes = element_bytes;
    for (const json& size : shape) {
        if (!size.is_number_unsigned() ||
            __builtin_mul_overflow(bytes, size.get<uint64_t>(), &bytes))
            return fault(path, name + " has an impossible shape");
        tensor.shape.push_back(size.get<uint64_t>());
    }
    if (tensor.shape.empty()) tensor.shape.push_back(1);
    if (tensor.shape.size() > 2) tensor.dtype.reset();
    return bytes;
}

Result<StoredTensor> readEntry(const std::string& tensor_name, const json& entry, uint64_t data,
                               uint64_t data_bytes, const std::string& path) {
    StoredTensor tensor;
    tensor.name = tensor_name;
    const std::string name = "tensor \"" + tensor_name.substr(0, 200) + "\"";
    if (!entry.is_object()) return fault(path, name + " has no description");
    const json type = entry.value("dtype", json()), shape = entry.value("shape", json()),
               offsets = entry.value("data_offsets", json());
    if (!type.is_string()) return fault(path, name + " has no type");
    tensor.type_name = type.get<std::string>();
    const auto known = std::ranges::find(kTypes, tensor.type_name, &TypeName::name);
    if (known == kTypes.end())
        return fail(ErrorCode::kUnsupported,
                    path + ": " + name + " has the unknown type " + tensor.type_name.substr(0, 40));
    tensor.dtype = known->dtype;
    ASSIGN_OR_RETURN(tensor.bytes, readShape(shape, known->bytes, tensor, path));
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned())
        return fault(path, name + " has no valid data_offsets");
    const auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    if (begin > end || end > data_bytes || end - begin != tensor.bytes)
        return fault(path, name + " does not lie in the file as its shape says");
    tensor.offset = data + begin;
    return tensor;
}

// The tensors fill the data section from front to back.
Status checkOrder(std::vector<StoredTensor>& tensors, uint64_t data, uint64_t file_bytes,
                  const std::string& path) {
    std::ranges::sort(tensors, {},
                      [](const StoredTensor& t) { return std::pair(t.offset, t.bytes); });
    uint64_t end = data;
    for (const StoredTensor& tensor : tensors) {
        if (tensor.offset != end)
            return fault(path,
                         "tensor \"" + tensor.name + "\" overlaps another one or leaves a hole");
        end += tensor.bytes;
    }
    if (end != file_bytes) return fault(path, "there are bytes that belong to no tensor");
    return {};
}

Result<std::set<std::string>> shardsOf(const json& index, const std::string& path) {
    const json map = index.is_object() ? index.value("weight_map", json()) : json();
    if (!map.is_object() || map.empty()) return fault(path, "there is no \"weight_map\"");
    std::set<std::string> shards;
    for (const auto& [tensor, file] : map.items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : "";
        if (name.empty() || name.contains('/') || name == ".." || name.contains('\0'))
            return fault(path, "\"" + tensor.substr(0, 200) + "\" has no plain file name");
        shards.insert(name);
    }
    if (shards.size() > kShardsMax) return fault(path, "it names too many files");
    return shards;
}

// Every tensor that the index promises is in the file that it names.
Status checkIndex(const json& index, const TensorStore& store, const std::string& folder,
                  const std::string& path) {
    for (const auto& [tensor, file] : index["weight_map"].items()) {
        const auto it = store.tensors.find(tensor);
        if (it == store.tensors.end() ||
            store.files[it->second.file].path() != folder + "/" + file.get<std::string>())
            return fault(path, "tensor \"" + tensor.substr(0, 200) + "\" is not in " +
                                   file.get<std::string>());
    }
    return {};
}

bool hasTorchFiles(const std::string& folder) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        if (entry.path().extension() == ".bin" || entry.path().extension() == ".pt") return true;
    return false;
}

}  // namespace

Status addSafetensors(const std::string& path, TensorStore& store) {
    ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
    uint64_t header_bytes = 0;
    if (file.sizeBytes() < 8) return fault(path, "it is too short for a safetensors file");
    RETURN_IF_ERROR(file.read(0, std::as_writable_bytes(std::span(&header_bytes, 1))));
    if (header_bytes > kHeaderBytesMax || header_bytes > file.sizeBytes() - 8)
        return fault(path, "its header would have " + std::to_string(header_bytes) + " bytes");
    std::string header(header_bytes, '\0');
    RETURN_IF_ERROR(file.read(8, std::as_writable_bytes(std::span(header))));
    ASSIGN_OR_RETURN(const json object, parseJson(header, path));
    if (!object.is_object()) return fault(path, "its header is no JSON object");
    const uint64_t data = 8 + header_bytes;
    std::vector<StoredTensor> tensors;
    for (const auto& [name, entry] : object.items()) {
        if (name == "__metadata__") continue;
        ASSIGN_OR_RETURN(StoredTensor tensor,
                         readEntry(name, entry, data, file.sizeBytes() - data, path));
        tensor.file = store.files.size();
        tensors.push_back(std::move(tensor));
    }
    RETURN_IF_ERROR(checkOrder(tensors, data, file.sizeBytes(), path));
    for (StoredTensor& tensor : tensors) {
        std::string name = tensor.name;
        if (!store.tensors.emplace(std::move(name), std::move(tensor)).second)
            return fault(path, "it has a tensor that another file has too");
    }
    store.files.push_back(std::move(file));
    return {};
}

Result<TensorStore> openSafetensorsFolder(const std::string& folder) {
    TensorStore store;
    const std::string index_path = folder + "/model.safetensors.index.json";
    auto index_text = readWholeFile(index_path, kIndexBytesMax);
    if (index_text) {
        ASSIGN_OR_RETURN(const json index, parseJson(*index_text, index_path));
        ASSIGN_OR_RETURN(const auto shards, shardsOf(index, index_path));
        for (const std::string& shard : shards)
            RETURN_IF_ERROR(addSafetensors(folder + "/" + shard, store));
        RETURN_IF_ERROR(checkIndex(index, store, folder, index_path));
        return store;
    }
    if (index_text.error().code != ErrorCode::kNotFound) return std::unexpected(index_text.error());
    const Status added = addSafetensors(folder + "/model.safetensors", store);
    if (added) return store;
    if (added.error().code == ErrorCode::kNotFound && hasTorchFiles(folder))
        return fail(ErrorCode::kUnsupported,
                    folder +
                        " has its weights in PyTorch files only; Glowworm reads safetensors "
                        "(most models offer them) and GGUF");
    return std::unexpected(added.error());
}

}  // namespace glowworm
