// SPDX-License-Identifier: Apache-2.0
// bench decode: everything resident, every neuron computed: a token against the time that one plain
// read of the same bytes takes, both measured in turn. About 1 GB of a planted model, in the shape
// of a 7B Llama with fewer layers, in F16, Q8_0 and Q4_0; or --model BUNDLE.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "core/base/reserved_memory.h"
#include "core/bundle/bundle_reader.h"
#include "core/import/synthetic_model.h"
#include "tests/bench/models.h"
#include "tests/bench/options.h"
#include "tests/bench/plain_read.h"
#include "tests/bench/table.h"
#include "tests/bench/tables.h"

namespace glowworm::bench {

namespace {

constexpr uint32_t kContext = 384, kTurns = 6, kTokens = 6, kWarm = 2;
constexpr size_t kReadBytes = size_t{512} << 20;  // far more than any cache

// What a dense token touches, by who touches it.
struct TouchedBytes {
    double attention = 0, ffn = 0, head = 0;
    [[nodiscard]] double all() const { return attention + ffn + head; }
};

TouchedBytes touchedBytes(const Manifest& manifest) {
    TouchedBytes bytes;
    const RecordLayout& record = manifest.record;
    bytes.ffn = static_cast<double>(record.up.bytes + record.gate.bytes + record.down.bytes) *
                manifest.config.ff_width * manifest.config.layers;
    for (const TensorEntry& tensor : manifest.tensors) {
        const auto size = static_cast<double>(tensor.bytes);
        const bool rows = tensor.name.ends_with(".up") || tensor.name.ends_with(".gate");
        if (rows) bytes.ffn += size;
        for (const char* name : {".q", ".k", ".v", ".o"}) {
            if (tensor.name.ends_with(name)) bytes.attention += size;
        }
        const bool head = tensor.name == (manifest.config.tied_head ? "embedding" : "head");
        if (head) bytes.head += size;
    }
    return bytes;
}

double secondsToRead(std::span<const std::byte> bytes, ThreadPool& pool) {
    const auto start = std::chrono::steady_clock::now();
    volatile uint64_t keep = readPlainly(bytes, pool);
    (void)keep;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Best {
    double read_gb_s = 0;
    TokenStats token;  // of the turn with the fastest mean token; its times are sums
    double tokens = 1;
};

Result<Best> measureTurns(Session& session) {
    ThreadPool pool(session.info().threads);
    ASSIGN_OR_RETURN(const ReservedMemory memory,
                     ReservedMemory::reserve(kReadBytes, Pages::kHuge));
    std::fill_n(memory.data(), kReadBytes, std::byte{1});
    const std::span<const std::byte> plain(memory.data(), kReadBytes);
    Best best;
    for (uint32_t turn = 0; turn < kTurns; ++turn) {
        const double seconds = secondsToRead(plain, pool);
        best.read_gb_s = std::max(best.read_gb_s, static_cast<double>(kReadBytes) * 1e-9 / seconds);
        session.reset();
        ASSIGN_OR_RETURN(const Measured m,
                         measure(session, "ba be bi bo", kTokens, kWarm, true));
        const bool first = best.token.time_ms == 0;
        const auto tokens = static_cast<double>(m.tokens);
        if (first || m.sum.time_ms / tokens < best.token.time_ms / best.tokens) {
            best.token = m.sum;
            best.tokens = tokens;
        }
    }
    return best;
}

Status modelRow(const std::string& bundle, const std::string& what, Table& table) {
    ASSIGN_OR_RETURN(const Bundle opened, Bundle::open(bundle));
    const TouchedBytes bytes = touchedBytes(opened.manifest());
    ASSIGN_OR_RETURN(const auto session, openBundle(bundle, 0, kContext));
    ASSIGN_OR_RETURN(const Best best, measureTurns(*session));
    const double ms = best.token.time_ms / best.tokens;
    const double read_ms = bytes.all() * 1e-6 / best.read_gb_s;
    const auto speed = [&](double part, double part_ms) {
        return number(part * 1e-6 * best.tokens / std::max(part_ms, 1e-9), 1);
    };
    table.row({what, number(bytes.all() * 1e-6, 0), number(best.read_gb_s, 1), number(read_ms, 1),
               number(ms, 1), percent(read_ms / ms),
               speed(bytes.attention, best.token.attention_ms),
               speed(bytes.ffn, best.token.ffn_ms), speed(bytes.head, best.token.output_ms),
               number((best.token.manager_ms + best.token.predictor_ms) / best.tokens, 2),
               std::to_string(best.token.misses)});
    return {};
}

// A planted model of about a gigabyte, deleted afterwards.
Status plantedRow(Dtype dtype, uint32_t layers, Table& table) {
    ASSIGN_OR_RETURN(SyntheticShape shape, syntheticShape("relu-llama-7b"));
    shape.config.layers = layers;
    SyntheticOptions options;
    options.dtype = dtype;
    const std::string name(dtypeName(dtype));
    const std::string bundle = benchFolder() + "/decode-" + name;
    StopFlag stop;
    std::filesystem::remove_all(bundle);
    std::fprintf(stderr, "writing a planted model in %s\n", name.c_str());
    ASSIGN_OR_RETURN(const Manifest made, writeSynthetic(bundle, shape, options, nullptr, stop));
    const Status status = modelRow(bundle, name, table);
    std::filesystem::remove_all(bundle);
    return status;
}

Status allRows(std::span<const std::string> args, Table& table) {
    if (const auto named = option(args, "--model")) return modelRow(*named, *named, table);
    RETURN_IF_ERROR(plantedRow(Dtype::kF16, 2, table));
    RETURN_IF_ERROR(plantedRow(Dtype::kQ8_0, 4, table));
    return plantedRow(Dtype::kQ4_0, 6, table);
}

}  // namespace

int benchDecode(std::span<const std::string> args) {
    Table table("Decoding with everything resident and every neuron computed (planted)",
                {"weights", "MB/token", "read GB/s", "read ms", "ms/token", "share",
                 "attention GB/s", "ffn GB/s", "head GB/s", "naming ms", "misses"});
    const Status status = allRows(args, table);
    if (!status) return failed(status.error());
    table.note("share: one plain read of the same bytes, in the same run, against a token; the bar "
               "is 85 % for f16. GB/s: of each part's weights over its time; what is far below "
               "the plain read is limited by arithmetic");
    table.print(has(args, "--json"));
    return 0;
}

}  // namespace glowworm::bench
