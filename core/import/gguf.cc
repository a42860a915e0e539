// SPDX-License-Identifier: Apache-2.0
// The format: github.com/ggml-org/ggml/blob/master/docs/gguf.md
#include "core/import/gguf.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/import/byte_reader.h"

namespace glowworm {

namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr uint64_t kTensorsMax = 1 << 16;
constexpr uint64_t kKeysMax = 1 << 14;
constexpr uint64_t kNameBytesMax = 1024;
constexpr uint64_t kTextBytesMax = uint64_t{16} << 20;
constexpr uint64_t kElementsMax = uint64_t{1} << 22;  // of all arrays together
constexpr uint64_t kAlignmentDefault = 32;
constexpr uint64_t kAlignmentMax = 1 << 20;

enum class ValueType : uint32_t {
    kUint8,
    kInt8,
    kUint16,
    kInt16,
    kUint32,
    kInt32,
    kFloat32,
    kBool,
    kString,
    kArray,
    kUint64,
    kInt64,
    kFloat64
};

struct TypeName {
    uint32_t id;
    const char* name;
    std::optional<Dtype> dtype;
};

constexpr std::array kTypes{
    TypeName{0, "F32", Dtype::kF32},
    TypeName{1, "F16", Dtype::kF16},
    TypeName{2, "Q4_0", Dtype::kQ4_0},
    TypeName{3, "Q4_1", Dtype::kQ4_1},
    TypeName{6, "Q5_0", {}},
    TypeName{7, "Q5_1", {}},
    TypeName{8, "Q8_0", Dtype::kQ8_0},
    TypeName{9, "Q8_1", {}},
    TypeName{10, "Q2_K", {}},
    TypeName{11, "Q3_K", {}},
    TypeName{12, "Q4_K", {}},
    TypeName{13, "Q5_K", {}},
    TypeName{14, "Q6_K", Dtype::kQ6_K},
    TypeName{15, "Q8_K", {}},
    TypeName{16, "IQ2_XXS", {}},
    TypeName{17, "IQ2_XS", {}},
    TypeName{18, "IQ3_XXS", {}},
    TypeName{19, "IQ1_S", {}},
    TypeName{20, "IQ4_NL", {}},
    TypeName{21, "IQ3_S", {}},
    TypeName{22, "IQ2_S", {}},
    TypeName{23, "IQ4_XS", {}},
    TypeName{24, "I8", {}},
    TypeName{25, "I16", {}},
    TypeName{26, "I32", {}},
    TypeName{27, "I64", {}},
    TypeName{28, "F64", {}},
    TypeName{29, "IQ1_M", {}},
    TypeName{30, "BF16", Dtype::kBF16},
    TypeName{34, "TQ1_0", {}},
    TypeName{35, "TQ2_0", {}},
    TypeName{39, "MXFP4", {}},
};

// Reads the header front to back.
class Header {
  public:
    explicit Header(const InputFile& file) : file_(file), in_(file) {}

    Status read(Gguf& out) {
        ASSIGN_OR_RETURN(out.version, readVersion());
        ASSIGN_OR_RETURN(const uint64_t tensors, in_.read<uint64_t>());
        ASSIGN_OR_RETURN(const uint64_t keys, in_.read<uint64_t>());
        if (tensors > kTensorsMax || keys > kKeysMax)
            return in_.fault("the header counts " + std::to_string(tensors) + " tensors and " +
                             std::to_string(keys) + " keys, more than any model has");
        for (uint64_t i = 0; i < keys; ++i) RETURN_IF_ERROR(readKey(out.metadata));
        std::vector<StoredTensor> list;
        for (uint64_t i = 0; i < tensors; ++i) {
            ASSIGN_OR_RETURN(StoredTensor tensor, readTensor());
            list.push_back(std::move(tensor));
        }
        return place(list, out);
    }

  private:
    Result<uint32_t> readVersion() {
        ASSIGN_OR_RETURN(const uint32_t magic, in_.read<uint32_t>());
        if (magic != kMagic)
            return fail(ErrorCode::kInvalidFile,
                        file_.path() + " is not a GGUF file (its first bytes are others)");
        ASSIGN_OR_RETURN(const uint32_t version, in_.read<uint32_t>());
        if (version != 0 && (version & 0xFFFF) == 0)
            return fail(ErrorCode::kUnsupported, file_.path() + " is a big-endian GGUF file");
        if (version != 2 && version != 3)
            return fail(ErrorCode::kUnsupported, file_.path() + " has GGUF version " +
                                                     std::to_string(version) +
                                                     "; Glowworm reads 2 and 3");
        return version;
    }

    Result<std::string> readText(uint64_t length_max) {
        ASSIGN_OR_RETURN(const uint64_t length, in_.read<uint64_t>());
        return in_.text(length, length_max);
    }

    template <typename T, typename Kept>
    Result<GgufMetadata::Value> scalar() {
        ASSIGN_OR_RETURN(const T value, in_.read<T>());
        return GgufMetadata::Value(std::in_place_type<Kept>, static_cast<Kept>(value));
    }

    Result<GgufMetadata::Value> readScalar(uint32_t type) {
        switch (static_cast<ValueType>(type)) {
            case ValueType::kUint8:
                return scalar<uint8_t, uint64_t>();
            case ValueType::kInt8:
                return scalar<int8_t, int64_t>();
            case ValueType::kUint16:
                return scalar<uint16_t, uint64_t>();
            case ValueType::kInt16:
                return scalar<int16_t, int64_t>();
            case ValueType::kUint32:
                return scalar<uint32_t, uint64_t>();
            case ValueType::kInt32:
                return scalar<int32_t, int64_t>();
            case ValueType::kFloat32:
                return scalar<float, double>();
            case ValueType::kBool:
                return scalar<uint8_t, bool>();
            case ValueType::kUint64:
                return scalar<uint64_t, uint64_t>();
            case ValueType::kInt64:
                return scalar<int64_t, int64_t>();
            case ValueType::kFloat64:
                return scalar<double, double>();
            case ValueType::kString: {
                ASSIGN_OR_RETURN(std::string text, readText(kTextBytesMax));
                return GgufMetadata::Value(std::move(text));
            }
            case ValueType::kArray:
                return readArray();
        }
        return in_.fault("metadata of the unknown type " + std::to_string(type));
    }

    Result<GgufMetadata::Value> readArray() {
        ASSIGN_OR_RETURN(const uint32_t type, in_.read<uint32_t>());
        ASSIGN_OR_RETURN(const uint64_t count, in_.read<uint64_t>());
        if (type == static_cast<uint32_t>(ValueType::kArray))
            return in_.fault("an array of arrays, which no model has");
        if (count > kElementsMax - elements_ || count > in_.left())
            return in_.fault("an array of " + std::to_string(count) +
                             " elements is longer than the file or any vocabulary");
        elements_ += count;
        GgufMetadata::Texts texts;
        GgufMetadata::Reals reals;
        for (uint64_t i = 0; i < count; ++i) {
            ASSIGN_OR_RETURN(GgufMetadata::Value value, readScalar(type));
            if (auto* text = std::get_if<std::string>(&value)) texts.push_back(std::move(*text));
            else reals.push_back(asReal(value));
        }
        if (type == static_cast<uint32_t>(ValueType::kString)) return texts;
        return reals;
    }

    static double asReal(const GgufMetadata::Value& value) {
        if (const auto* u = std::get_if<uint64_t>(&value)) return static_cast<double>(*u);
        if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
        if (const auto* b = std::get_if<bool>(&value)) return *b ? 1 : 0;
        return std::get<double>(value);
    }

    Status readKey(GgufMetadata& metadata) {
        ASSIGN_OR_RETURN(std::string key, readText(kNameBytesMax));
        ASSIGN_OR_RETURN(const uint32_t type, in_.read<uint32_t>());
        ASSIGN_OR_RETURN(GgufMetadata::Value value, readScalar(type));
        if (metadata.has(key)) return in_.fault("the key \"" + key + "\" is there twice");
        metadata.set(std::move(key), std::move(value));
        return {};
    }

    Result<StoredTensor> readTensor() {
        StoredTensor tensor;
        ASSIGN_OR_RETURN(tensor.name, readText(kNameBytesMax));
        ASSIGN_OR_RETURN(const uint32_t dimensions, in_.read<uint32_t>());
        if (dimensions < 1 || dimensions > 4)
            return in_.fault("tensor \"" + tensor.name + "\" has " + std::to_string(dimensions) +
                             " dimensions");
        for (uint32_t i = 0; i < dimensions; ++i) {
            ASSIGN_OR_RETURN(const uint64_t size, in_.read<uint64_t>());
            tensor.shape.insert(tensor.shape.begin(), size);  // stored fastest first
        }
        ASSIGN_OR_RETURN(const uint32_t type, in_.read<uint32_t>());
        ASSIGN_OR_RETURN(tensor.offset, in_.read<uint64_t>());
        RETURN_IF_ERROR(setType(tensor, type));
        RETURN_IF_ERROR(setBytes(tensor));
        return tensor;
    }

    Status setType(StoredTensor& tensor, uint32_t type) {
        const auto known = std::ranges::find(kTypes, type, &TypeName::id);
        tensor.type_name = known == kTypes.end() ? "type " + std::to_string(type) : known->name;
        if (known != kTypes.end() && known->dtype) {
            tensor.dtype = known->dtype;
            return {};
        }
        return fail(ErrorCode::kUnsupported,
                    file_.path() + ": tensor \"" + tensor.name + "\" is stored as " +
                        tensor.type_name +
                        "; Glowworm reads F32, F16, BF16, Q8_0, Q4_0, Q4_1 and Q6_K. Most models "
                        "are offered as Q8_0 or Q4_0 too");
    }

    Status setBytes(StoredTensor& tensor) {
        while (tensor.shape.size() > 2 && tensor.shape.front() == 1)
            tensor.shape.erase(tensor.shape.begin());
        const std::string name = "tensor \"" + tensor.name + "\"";
        if (tensor.shape.size() > 2)
            return fail(ErrorCode::kUnsupported, file_.path() + ": " + name +
                                                     " has more than two dimensions (several "
                                                     "experts are not read yet)");
        uint64_t elements = 1;
        for (const uint64_t size : tensor.shape)
            if (size == 0 || __builtin_mul_overflow(elements, size, &elements) ||
                elements > (uint64_t{1} << 48))
                return in_.fault(name + " has an impossible shape");
        if (tensor.cols() % blockElements(*tensor.dtype) != 0)
            return in_.fault(name + " has rows that are not whole blocks of " + tensor.type_name);
        tensor.bytes = tensor.rows() * rowBytes(*tensor.dtype, tensor.cols());
        return {};
    }

    // Offsets count from the data section; from here on they count from the file's first byte.
    Status place(std::vector<StoredTensor>& list, Gguf& out) {
        const uint64_t alignment =
            out.metadata.number("general.alignment").value_or(kAlignmentDefault);
        if (alignment < 8 || alignment > kAlignmentMax || alignment % 8 != 0)
            return in_.fault("\"general.alignment\" is " + std::to_string(alignment));
        const uint64_t data = (in_.position() + alignment - 1) / alignment * alignment;
        std::ranges::sort(list, {}, &StoredTensor::offset);
        uint64_t end = 0;
        for (StoredTensor& tensor : list) {
            const std::string name = "tensor \"" + tensor.name + "\"";
            if (tensor.offset % alignment != 0) return in_.fault(name + " is not aligned");
            if (tensor.offset < end) return in_.fault(name + " overlaps another one");
            if (data > file_.sizeBytes() || tensor.offset > file_.sizeBytes() - data ||
                tensor.bytes > file_.sizeBytes() - data - tensor.offset)
                return in_.fault(name + " reaches past the end of the file (truncated?)");
            end = tensor.offset + tensor.bytes;
            tensor.offset += data;
            if (out.store.tensors.contains(tensor.name)) return in_.fault(name + " is there twice");
            std::string key = tensor.name;
            out.store.tensors.emplace(std::move(key), std::move(tensor));
        }
        return {};
    }

    const InputFile& file_;
    ByteReader in_;
    uint64_t elements_ = 0;  // of the arrays so far
};

}  // namespace

Result<Gguf> openGguf(const std::string& path) {
    ASSIGN_OR_RETURN(InputFile file, InputFile::open(path));
    Gguf gguf;
    RETURN_IF_ERROR(Header(file).read(gguf));
    gguf.store.files.push_back(std::move(file));
    return gguf;
}

}  // namespace glowworm
