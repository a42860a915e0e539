// SPDX-License-Identifier: Apache-2.0
// Whole imports of the golden checkpoints: what lies in the bundle is what the checkpoint said.
#include "core/import/importer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/record.h"
#include "core/import/source.h"
#include "tests/support/temp_dir.h"

namespace glowworm {
namespace {

std::string golden(const std::string& name) { return SOURCE_DIR "/tests/golden/" + name; }

ImportOptions optionsFor(const std::string& source, const TempDir& temp) {
    ImportOptions options;
    options.source = source;
    options.bundle_dir = temp.file("model");
    options.name = "model";
    return options;
}

Result<Manifest> import(const ImportOptions& options) {
    return importModel(options, {}, StopFlag());
}

// All values of a stored tensor as floats.
std::vector<float> storedValues(const TensorStore& store, const std::string& name) {
    const StoredTensor* tensor = store.find(name).value();
    std::vector<std::byte> bytes(tensor->bytes);
    EXPECT_TRUE(store.readRows(*tensor, 0, tensor->rows(), bytes));
    std::vector<float> values(tensor->rows() * tensor->cols());
    for (uint64_t row = 0; row < tensor->rows(); ++row)
        decodeRow(*tensor->dtype, bytes.data() + row * rowBytes(*tensor->dtype, tensor->cols()),
                  tensor->cols(), values.data() + row * tensor->cols());
    return values;
}

// An opened bundle with its resident tensors and all of neurons.bin.
struct Loaded {
    Bundle bundle;
    ReservedMemory memory;
    ResidentTensors resident;
    NeuronTable table;
    std::vector<std::byte> neurons;

    std::vector<float> part(LayerId layer, NeuronId neuron, const RecordPart& place) const {
        std::vector<float> values(bundle.manifest().config.hidden);
        const std::byte* record = neurons.data() + table.recordOffset(layer, neuron);
        EXPECT_TRUE(table.recordMatches(layer, neuron, record));
        decodeRow(place.dtype, record + place.offset, values.size(), values.data());
        return values;
    }
};

Loaded load(const std::string& folder) {
    Bundle bundle = Bundle::open(folder).value();
    ReservedMemory memory = ReservedMemory::reserve(bundle.manifest().resident_bytes).value();
    ResidentTensors resident = bundle.loadResident(memory, 0, {}, StopFlag()).value();
    NeuronTable table = bundle.neuronTable(resident).value();
    std::vector<std::byte> neurons(bundle.manifest().neurons_bytes);
    EXPECT_TRUE(InputFile::open(bundle.neuronsPath()).value().read(0, neurons));
    return {std::move(bundle), std::move(memory), std::move(resident), std::move(table),
            std::move(neurons)};
}

class GoldenImport : public testing::TestWithParam<const char*> {};

TEST_P(GoldenImport, BundleVerifiesAndHasEveryTensor) {
    const TempDir temp;
    const auto manifest = import(optionsFor(golden(GetParam()), temp));
    ASSERT_TRUE(manifest) << manifest.error().message;
    const auto bundle = Bundle::open(temp.file("model"));
    ASSERT_TRUE(bundle) << bundle.error().message;
    const Status verified = bundle->verify({}, StopFlag());
    EXPECT_TRUE(verified) << verified.error().message;
    EXPECT_TRUE(bundle->tokenizer());
    EXPECT_FALSE(std::filesystem::exists(temp.file("model.partial")));
    EXPECT_EQ(bundle->manifest().hash, manifest->hash);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenImport,
                         testing::Values("opt", "falcon", "falcon-new", "llama-relu", "llama-silu",
                                         "llama-bf16"));

TEST(Importer, RecordsHoldRowsAndColumns) {
    const TempDir temp;
    ASSERT_TRUE(import(optionsFor(golden("llama-relu"), temp)));
    const Loaded loaded = load(temp.file("model"));
    const ModelConfig& c = loaded.bundle.manifest().config;
    const Source source = openSource(golden("llama-relu")).value();
    const std::string mlp = "model.layers.1.mlp.";
    const auto up = storedValues(source.store, mlp + "up_proj.weight");
    const auto gate = storedValues(source.store, mlp + "gate_proj.weight");
    const auto down = storedValues(source.store, mlp + "down_proj.weight");
    const RecordLayout& record = loaded.table.layout();
    for (uint32_t n = 0; n < c.ff_width; n += 7) {
        const auto stored_up = loaded.part(LayerId(1), NeuronId(n), record.up);
        const auto stored_gate = loaded.part(LayerId(1), NeuronId(n), record.gate);
        const auto stored_down = loaded.part(LayerId(1), NeuronId(n), record.down);
        for (uint32_t i = 0; i < c.hidden; ++i) {
            ASSERT_EQ(stored_up[i], up[n * c.hidden + i]);
            ASSERT_EQ(stored_gate[i], gate[n * c.hidden + i]);
            ASSERT_EQ(stored_down[i], down[i * c.ff_width + n]);
        }
    }
}

TEST(Importer, FusedFalconHeadsAreTakenApartByGroup) {
    const TempDir temp;
    ASSERT_TRUE(import(optionsFor(golden("falcon-new"), temp)));
    const Loaded loaded = load(temp.file("model"));
    const ModelConfig& c = loaded.bundle.manifest().config;
    ASSERT_EQ(c.kv_heads, 2U);
    const Source source = openSource(golden("falcon-new")).value();
    const auto fused =
        storedValues(source.store, "transformer.h.0.self_attention.query_key_value.weight");
    // Rows: queries 0 and 1, key 0, value 0, queries 2 and 3, key 1, value 1.
    const auto k = loaded.resident.matrix("layers.0.k", c.kv_heads * c.head_dim, c.hidden).value();
    const auto q = loaded.resident.matrix("layers.0.q", c.heads * c.head_dim, c.hidden).value();
    const auto* key1 = reinterpret_cast<const float*>(k.row(c.head_dim));
    const auto* query2 = reinterpret_cast<const float*>(q.row(2 * c.head_dim));
    for (uint32_t i = 0; i < c.hidden; ++i) {
        EXPECT_EQ(key1[i], fused[6 * c.head_dim * c.hidden + i]);
        EXPECT_EQ(query2[i], fused[4 * c.head_dim * c.hidden + i]);
    }
}

TEST(Importer, DtypeConvertsMatricesAndLeavesNorms) {
    const TempDir temp;
    ImportOptions options = optionsFor(golden("llama-silu"), temp);
    options.dtype = Dtype::kQ8_0;
    const auto manifest = import(options);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->record.up.dtype, Dtype::kQ8_0);
    for (const TensorEntry& tensor : manifest->tensors)
        EXPECT_EQ(tensor.dtype, tensor.shape.size() == 2 ? Dtype::kQ8_0 : Dtype::kF32)
            << tensor.name;
}

TEST(Importer, FewBitRowsStayResidentUnlessAskedWhole) {
    for (const auto stream : {StreamChoice::kAuto, StreamChoice::kWhole}) {
        const TempDir temp;
        ImportOptions options = optionsFor(golden("llama-silu"), temp);
        options.dtype = Dtype::kQ4_0;
        options.stream = stream;
        const auto manifest = import(options);
        ASSERT_TRUE(manifest) << manifest.error().message;
        const bool whole = stream == StreamChoice::kWhole;
        EXPECT_EQ(manifest->record.up.bytes > 0, whole);
        EXPECT_EQ(manifest->record.gate.bytes > 0, whole);
        EXPECT_GT(manifest->record.down.bytes, 0U);
        EXPECT_EQ(load(temp.file("model")).resident.has("layers.0.gate"), !whole);
    }
}

TEST(Importer, StopLeavesNothing) {
    const TempDir temp;
    StopFlag stop;
    const ProgressSink sink = [&](const Progress& p) {
        if (p.fraction > 0) stop.request();
    };
    const auto manifest = importModel(optionsFor(golden("opt"), temp), sink, stop);
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().code, ErrorCode::kCancelled);
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

TEST(Importer, NameThatIsTakenIsRefused) {
    const TempDir temp;
    ASSERT_TRUE(import(optionsFor(golden("opt"), temp)));
    const auto again = import(optionsFor(golden("opt"), temp));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(Bundle::open(temp.file("model")));
}

TEST(Importer, WhatAKilledImportLeftIsCleared) {
    const TempDir temp;
    std::filesystem::create_directory(temp.file("model.partial"));
    ASSERT_TRUE(writeWholeFile(temp.file("model.partial/neurons.bin"), "half"));
    ASSERT_TRUE(writeWholeFile(temp.file("model.partial/stray"), "half"));
    ASSERT_TRUE(import(optionsFor(golden("opt"), temp)));
    EXPECT_FALSE(std::filesystem::exists(temp.file("model.partial")));
    EXPECT_FALSE(std::filesystem::exists(temp.file("model/stray")));
}

}  // namespace
}  // namespace glowworm
