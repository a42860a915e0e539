// SPDX-License-Identifier: Apache-2.0
// What the writer wrote is what the reader reads; damage anywhere is noticed and named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "core/bundle/bundle_reader.h"
#include "core/bundle/bundle_writer.h"
#include "core/bundle/record.h"
#include "core/io/file.h"
#include "tests/support/damage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_model.h"

namespace glowworm {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

ReservedMemory memoryFor(const Bundle& bundle) {
    return ReservedMemory::reserve(bundle.manifest().resident_bytes).value();
}

class BundleRoundTrip : public testing::TestWithParam<TinyModelOptions> {};

TEST_P(BundleRoundTrip, ReadsWhatWasWritten) {
    const TinyModelOptions& options = GetParam();
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), options));
    const auto bundle = Bundle::open(temp.file("m"));
    ASSERT_TRUE(bundle) << bundle.error().message;
    const Status verified = bundle->verify({}, StopFlag());
    ASSERT_TRUE(verified) << verified.error().message;

    const ReservedMemory memory = memoryFor(*bundle);
    const auto resident = bundle->loadResident(memory, 0, {}, StopFlag()).value();
    const auto table = bundle->neuronTable(resident).value();
    const ModelConfig& c = bundle->manifest().config;
    const auto q = resident.matrix("layers.1.q", c.heads * c.head_dim, c.hidden).value();
    const auto values = tinyValues(options, "layers.1.q", q.rows, q.cols);
    const auto expected = encodeMatrix(options.dtype, values, q.cols);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), q.data));

    const auto down = encodeMatrix(
        options.dtype, tinyValues(options, "layers.1.down", c.ff_width, c.hidden), c.hidden);
    const RecordPart& part = bundle->manifest().record.down;
    const auto file = InputFile::open(bundle->neuronsPath()).value();
    std::vector<std::byte> record(bundle->manifest().record.stride);
    for (uint32_t n = 0; n < c.ff_width; n += 5) {
        const LayerId layer(1);
        ASSERT_TRUE(file.read(table.recordOffset(layer, NeuronId(n)), record));
        EXPECT_TRUE(table.recordMatches(layer, NeuronId(n), record.data()));
        EXPECT_TRUE(std::equal(record.begin() + part.offset,
                               record.begin() + part.offset + part.bytes,
                               down.begin() + n * part.bytes));
        record[part.offset] ^= std::byte{1};
        EXPECT_FALSE(table.recordMatches(layer, NeuronId(n), record.data()));
    }
    EXPECT_EQ(bundle->tokenizer().value().pieces, tinyTokenizer(options.vocabulary).pieces);
}

std::vector<TinyModelOptions> variants() {
    std::vector<TinyModelOptions> list(9);
    list[1].dtype = Dtype::kF16;
    list[2].dtype = Dtype::kBF16;
    list[3].dtype = Dtype::kQ8_0;
    list[4].dtype = Dtype::kQ4_0;
    list[4].resident_gate_up = true;
    list[5].dtype = Dtype::kQ4_1;
    list[6].architecture = Architecture::kOpt;
    list[6].activation = FfnActivation::kRelu;
    list[7].architecture = Architecture::kFalcon;
    list[8].shuffled_order = true;
    return list;
}
INSTANTIATE_TEST_SUITE_P(All, BundleRoundTrip, testing::ValuesIn(variants()));

TEST(Bundle, ShuffledOrderMovesRecords) {
    const TempDir temp;
    TinyModelOptions options;
    options.shuffled_order = true;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), options));
    const Bundle bundle = Bundle::open(temp.file("m")).value();
    const ReservedMemory memory = memoryFor(bundle);
    const auto resident = bundle.loadResident(memory, 0, {}, StopFlag()).value();
    const auto table = bundle.neuronTable(resident).value();
    uint32_t moved = 0;
    for (uint32_t n = 0; n < options.ff_width; ++n)
        moved += table.physical(LayerId(0), NeuronId(n)) != n ? 1 : 0;
    EXPECT_GT(moved, options.ff_width / 2);
}

TEST(ResidentTensors, WrongNameShapeOrTypeIsSaid) {
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), {}));
    const Bundle bundle = Bundle::open(temp.file("m")).value();
    const ReservedMemory memory = memoryFor(bundle);
    const auto resident = bundle.loadResident(memory, 0, {}, StopFlag()).value();
    EXPECT_EQ(resident.matrix("layers.9.q", 64, 64).error().code, ErrorCode::kNotFound);
    EXPECT_THAT(resident.matrix("layers.0.q", 64, 65).error().message, HasSubstr("[64, 64]"));
    EXPECT_THAT(resident.matrix("layers.0.q", Dtype::kF16, 64, 64).error().message,
                HasSubstr("f32 instead of f16"));
    EXPECT_TRUE(resident.matrix("layers.0.q", Dtype::kF32, 64, 64));
    EXPECT_TRUE(resident.vector("layers.0.down_norm", 96));
    EXPECT_FALSE(resident.vector("layers.0.down_norm", 97));
}

// Opens, loads and verifies: everything that reads a bundle.
Status readAll(const std::string& folder) {
    ASSIGN_OR_RETURN(const Bundle bundle, Bundle::open(folder));
    const ReservedMemory memory = memoryFor(bundle);
    ASSIGN_OR_RETURN(const auto resident, bundle.loadResident(memory, 0, {}, StopFlag()));
    RETURN_IF_ERROR(bundle.neuronTable(resident));
    return bundle.verify({}, StopFlag());
}

TEST(Bundle, EveryFlippedBitIsNoticedAndItsFileNamed) {
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), {}));
    std::mt19937_64 random(7);
    for (const char* name : {kResidentFile, kNeuronsFile, kTokenizerFile}) {
        const std::string path = temp.file("m") + "/" + name;
        const size_t bits = fs::file_size(path) * 8;
        for (int i = 0; i < 25; ++i) {
            const size_t bit = random() % bits;
            flipBit(path, bit);
            const Status status = readAll(temp.file("m"));
            ASSERT_FALSE(status) << name << " bit " << bit;
            EXPECT_EQ(status.error().code, ErrorCode::kInvalidFile);
            EXPECT_THAT(status.error().message, HasSubstr(name));
            flipBit(path, bit);
        }
    }
    EXPECT_TRUE(readAll(temp.file("m")));
}

TEST(Bundle, TruncatedAndMissingFilesAreNamed) {
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), {}));
    for (const char* name : {kManifestFile, kResidentFile, kNeuronsFile, kTokenizerFile}) {
        const std::string path = temp.file("m") + "/" + name;
        const std::string whole = readText(path);
        for (const size_t length : {size_t{0}, size_t{1}, whole.size() / 2, whole.size() - 4}) {
            fs::resize_file(path, length);
            const Status status = readAll(temp.file("m"));
            ASSERT_FALSE(status) << name << " of " << length;
            EXPECT_THAT(status.error().message, HasSubstr(name));
            writeText(path, whole);
        }
        fs::remove(path);
        const Status status = readAll(temp.file("m"));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
        writeText(path, whole);
    }
    EXPECT_TRUE(readAll(temp.file("m")));
}

TEST(Bundle, StopEndsLoadingAndVerifying) {
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), {}));
    const Bundle bundle = Bundle::open(temp.file("m")).value();
    const ReservedMemory memory = memoryFor(bundle);
    StopFlag stop;
    stop.request();
    EXPECT_EQ(bundle.loadResident(memory, 0, {}, stop).error().code, ErrorCode::kCancelled);
    EXPECT_EQ(bundle.verify({}, stop).error().code, ErrorCode::kCancelled);
}

TEST(Bundle, VerifyTellsProgressToTheEnd) {
    const TempDir temp;
    ASSERT_TRUE(writeTinyBundle(temp.file("m"), {}));
    double last = 0;
    const auto sink = [&](const Progress& p) {
        EXPECT_GE(p.fraction, last);
        last = p.fraction;
    };
    ASSERT_TRUE(Bundle::open(temp.file("m"))->verify(sink, StopFlag()));
    EXPECT_GT(last, 0.9);
    EXPECT_LE(last, 1.0);
}

TEST(Bundle, PredictorsAreAddedToAnInstalledModel) {
    const TempDir temp;
    const std::string folder = temp.file("m");
    Manifest manifest = writeTinyBundle(folder, {}).value();
    const std::vector<std::byte> bytes(1000, std::byte{7});
    auto entry = writePredictorFile(folder, "sketch", bytes);
    ASSERT_TRUE(entry);
    entry->layers.resize(manifest.config.layers);
    manifest.predictors.push_back(*entry);
    ASSERT_TRUE(writeManifest(folder, manifest));
    const Bundle bundle = Bundle::open(folder).value();
    EXPECT_EQ(bundle.predictorBytes("sketch").value(), bytes);
    EXPECT_EQ(bundle.predictorBytes("other").error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(bundle.verify({}, StopFlag()));
    flipBit(folder + "/predictor-sketch.bin", 5);
    EXPECT_FALSE(bundle.predictorBytes("sketch"));
    EXPECT_FALSE(bundle.verify({}, StopFlag()));
}

TEST(BundleWriter, UnfinishedLeavesNothing) {
    const TempDir temp;
    const ModelConfig config = tinyConfig({});
    const RecordLayout record =
        makeRecordLayout({Dtype::kF32, Dtype::kF32, Dtype::kF32}, config.hidden);
    {
        const auto writer = BundleWriter::create(temp.file("m"), config, record);
        ASSERT_TRUE(writer);
        EXPECT_TRUE(fs::exists(temp.file("m.partial")));
        const auto second = BundleWriter::create(temp.file("m"), config, record);
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error().message, HasSubstr("another import"));
        EXPECT_TRUE(fs::exists(temp.file("m.partial")));
    }
    EXPECT_TRUE(fs::is_empty(temp.path()));
}

TEST(BundleWriter, FullDiskIsSaidAndLeavesNothing) {
    const TempDir temp;
    const int status = inChild([&] {
        limitFileSize(20000);
        const auto written = writeTinyBundle(temp.file("m"), {});
        return !written && written.error().code == ErrorCode::kNoSpace ? 0 : 1;
    });
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(fs::is_empty(temp.path()));
}

TEST(Record, PartsLieSideBySideWithZerosBetween) {
    const RecordLayout layout = makeRecordLayout({Dtype::kQ8_0, std::nullopt, Dtype::kF16}, 32);
    EXPECT_EQ(layout.up.offset, 0U);
    EXPECT_EQ(layout.up.bytes, 34U);
    EXPECT_EQ(layout.gate.bytes, 0U);
    EXPECT_EQ(layout.down.offset, 36U);
    EXPECT_EQ(recordUsedBytes(layout), 100U);
    EXPECT_EQ(layout.stride, 512U);
    const std::vector<std::byte> up(34, std::byte{1}), down(64, std::byte{2});
    std::vector<std::byte> record(512, std::byte{9});
    packRecord(layout, up, {}, down, record);
    EXPECT_EQ(record[33], std::byte{1});
    EXPECT_EQ(record[34], std::byte{0});
    EXPECT_EQ(record[36], std::byte{2});
    EXPECT_EQ(record[100], std::byte{0});
    const uint32_t checksum = recordChecksum(layout, record.data());
    record[200] = std::byte{1};  // behind the used bytes
    EXPECT_EQ(recordChecksum(layout, record.data()), checksum);
    record[35] = std::byte{1};  // between the parts
    EXPECT_NE(recordChecksum(layout, record.data()), checksum);
}

}  // namespace
}  // namespace glowworm
