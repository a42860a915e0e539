// SPDX-License-Identifier: Apache-2.0
// The same model in two layouts: every record, tensor and word of it is the same.
#include "core/bundle/split_bundle.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/record.h"
#include "core/io/file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

TinyModelOptions shuffled() {
    TinyModelOptions model;
    model.dtype = Dtype::kF16;
    model.shuffled_order = true;
    return model;
}

// A neuron's record as a slot would hold it.
std::vector<std::byte> record(const Bundle& bundle, const NeuronTable& table, LayerId layer,
                              NeuronId neuron) {
    const auto file = InputFile::open(bundle.neuronsPath()).value();
    std::vector<std::byte> bytes(table.layout().stride);
    for (const RecordPiece& piece : table.pieces().all()) {
        EXPECT_TRUE(file.read(table.pieceOffset(layer, neuron, piece),
                              std::span(bytes).subspan(piece.offset, piece.bytes)));
    }
    return bytes;
}

std::vector<std::byte> part(const std::vector<std::byte>& record, const RecordPart& part) {
    return {record.begin() + part.offset, record.begin() + part.offset + part.bytes};
}

TEST(SplitBundle, HasTheSameNeuronsInPiecesOfTheirOwn) {
    TempDir dir;
    ASSERT_TRUE(writeTinyBundle(dir.file("whole"), shuffled()));
    ASSERT_TRUE(splitBundle(dir.file("whole"), dir.file("split"), nullptr, StopFlag()));
    const Bundle whole = Bundle::open(dir.file("whole")).value();
    const Bundle split = Bundle::open(dir.file("split")).value();
    EXPECT_TRUE(split.manifest().record.split);
    EXPECT_EQ(split.manifest().version, kBundleVersionSplit);
    EXPECT_EQ(whole.manifest().version, 1U);
    ASSERT_TRUE(split.verify(nullptr, StopFlag()));
    const auto memory = [](const Bundle& bundle) {
        return ReservedMemory::reserve(bundle.manifest().resident_bytes).value();
    };
    const ReservedMemory whole_memory = memory(whole), split_memory = memory(split);
    const auto whole_tensors = whole.loadResident(whole_memory, 0, nullptr, StopFlag()).value();
    const auto split_tensors = split.loadResident(split_memory, 0, nullptr, StopFlag()).value();
    const NeuronTable whole_table = whole.neuronTable(whole_tensors).value();
    const NeuronTable split_table = split.neuronTable(split_tensors).value();
    EXPECT_EQ(split_table.pieces().count, 3U);
    const RecordLayout& a = whole_table.layout();
    const RecordLayout& b = split_table.layout();
    for (uint32_t n = 0; n < whole.manifest().config.ff_width; ++n) {
        const LayerId layer(1);
        EXPECT_EQ(whole_table.physical(layer, NeuronId(n)),
                  split_table.physical(layer, NeuronId(n)));
        const auto one = record(whole, whole_table, layer, NeuronId(n));
        const auto other = record(split, split_table, layer, NeuronId(n));
        EXPECT_TRUE(split_table.recordMatches(layer, NeuronId(n), other.data()));
        EXPECT_EQ(part(one, a.up), part(other, b.up));
        EXPECT_EQ(part(one, a.gate), part(other, b.gate));
        EXPECT_EQ(part(one, a.down), part(other, b.down));
    }
}

TEST(SplitBundle, IsNotSplitTwice) {
    TempDir dir;
    TinyModelOptions model;
    model.split = true;
    ASSERT_TRUE(writeTinyBundle(dir.file("split"), model));
    const Status again = splitBundle(dir.file("split"), dir.file("again"), nullptr, StopFlag());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(std::filesystem::exists(dir.file("again")));
}

}  // namespace
}  // namespace glowworm
