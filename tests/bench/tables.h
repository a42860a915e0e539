// SPDX-License-Identifier: Apache-2.0
// The tables that glowworm-bench knows. Each prints itself and answers the exit code: 0 when it
// could be measured (whether or not a bar was reached; the table says so), 1 when not.
#pragma once

#include <span>
#include <string>

namespace glowworm::bench {

// Per layer and at three budgets: sparsity, predictor, perplexity, hit rate, bytes, speed; for the
// ReLU fixture and the starter, or --model BUNDLE.
int benchBudgets(std::span<const std::string> args);
// Six budgets from the smallest to the whole model: what the working-set curve of one run
// foretells beside what is measured; for the ReLU fixture and the starter, or --model BUNDLE
// [--tokens N].
int benchBudget(std::span<const std::string> args);
// A model's speed foretold from its manifest and the machine probe, before it is loaded, beside
// what is measured at four budgets; for the ReLU fixture and the starter, or --model BUNDLE
// [--tokens N].
int benchForecast(std::span<const std::string> args);
// Cache policies against Belady's optimum on recorded active sets, at five cache sizes; for the
// ReLU fixture and the starter, or --model BUNDLE [--tokens N].
int benchPolicies(std::span<const std::string> args);
// The first tokens with a cold cache, with calibration's hot neurons and with the window of the
// last session, at half the budget; for the ReLU fixture and the starter, or --model BUNDLE.
int benchWarm(std::span<const std::string> args);
// SVD, trained and sketch predictors on held-out text, layer by layer at equal bytes, and their
// perplexity; for the ReLU fixture or --model BUNDLE [--tokens N].
int benchPredictors(std::span<const std::string> args);
// Neuron order by co-activation: its distribution, runs, reads and bytes a token before and after,
// at several cache sizes; for the ReLU fixture and the starter, or --model BUNDLE [--tokens N].
int benchOrder(std::span<const std::string> args);
// A generated bundle of OPT-1.3B's shape at half its size in memory, cold, under memcap: resident
// set, bytes read as the kernel counts them against TokenStats.
int benchStream(std::span<const std::string> args);
// What synthetic models show beside what is published; --shape NAME, --layers N, --dtype.
int benchPlanted(std::span<const std::string> args);
// Table 2 of LLM in a Flash, technique by technique, with both baselines.
int benchAblation(std::span<const std::string> args);
// Milliseconds a token against the time that its bytes need from memory and from the disk.
int benchRoofline(std::span<const std::string> args);
// Reading ahead: off, before attention, one layer further, turn by turn; --turns N, --tokens N.
int benchOverlap(std::span<const std::string> args);
// The starter, all resident, against llama.cpp on the same file, turn by turn.
int benchRival(std::span<const std::string> args);
// 7B in F16 under 7 GB and 30B in Q4_0 under 10 GB, and a SiLU row, against llama.cpp under the
// same cap; --shape NAME for one of them, --layers N and --cap SIZE for a quick look.
int benchRivalLarge(std::span<const std::string> args);
// All resident and dense against llama.cpp: F16, Q8_0, Q4_0; --shape NAME.
int benchRivalDense(std::span<const std::string> args);
// Our reader against fio, 4 KiB to 1 MiB; --file FILE reads that instead of one of its own.
int benchIo(std::span<const std::string> args);
// Resident set and page cache while the budget moves 20 times; --model BUNDLE.
int benchMemory(std::span<const std::string> args);
// 20,000 tokens over many conversations while the budget and the window move: speed, memory and
// errors of the last fifth against the first; --model BUNDLE, --tokens N.
int benchLong(std::span<const std::string> args);
// A prompt of 512 tokens at half memory; --shape NAME, --dtype.
int benchPrefill(std::span<const std::string> args);
// The matrix products of a prompt by our kernels, OpenBLAS and oneDNN.
int benchGemm(std::span<const std::string> args);
// Time per token from 1B to 30B; --shape NAME, --dtype.
int benchGrowth(std::span<const std::string> args);

// Everything resident and dense: ms per token against one plain read of the same bytes.
int benchDecode(std::span<const std::string> args);
// Perplexity and KL against bytes per token and memory: exact, dropped, shadows of 2 to 4 bits,
// plain quantisation; starter and ReLU fixture, or --model BUNDLE (shadows it lacks are added to
// it). --tokens N.
int benchQuality(std::span<const std::string> args);
// What a record should hold beside a shadow: the weights in b bits, or the difference to the shadow
// in b bits; quality at equal bytes, from the same models in F16. --tokens N.
int benchResidual(std::span<const std::string> args);

}  // namespace glowworm::bench
