// SPDX-License-Identifier: Apache-2.0
// What was asked for on the command line, as plain values with their defaults.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/session.h"

namespace glowworm {

// Of every command that opens a model.
struct ModelOptions {
    std::string model;
    std::string budget;           // "300M"; "": the whole model
    std::string window = "auto";  // tokens, or "auto"
    std::string reader = "auto";
    std::string predictor;  // "": the model's first
    uint32_t context = 2048;
    uint32_t threads = 0;  // 0: one per core
    bool exact = false;
    std::vector<std::string> without;  // techniques to switch off, to measure them
    std::string baseline;              // "naive", "hybrid" or ""
};

struct GenerateOptions {
    ModelOptions model;
    SamplingOptions sampling;
    std::string prompt;  // "-": standard input
    bool promptGiven = false;
    std::string system;      // "": the model's own
    uint32_t maxTokens = 0;  // 0: until the model ends or the context is full
    bool raw = false;
    bool json = false;
    std::string curveFile;  // where the working-set curve goes; "": nowhere
};

struct ChatOptions {
    ModelOptions model;
    SamplingOptions sampling;
    std::string system;
    uint32_t maxTokens = 0;
};

struct LogitsOptions {
    ModelOptions model;
    std::vector<int32_t> tokens;
    bool json = false;
};

struct TokenizeOptions {
    std::string model;
    std::string text;  // "-": standard input
    bool special = false;
    bool json = false;
};

struct PerplexityOptions {
    ModelOptions model;
    std::string file;
    bool json = false;
};

struct ImportCommandOptions {
    std::string path, name;
    std::string dtype = "keep";
    std::string stream = "auto";
    std::string shadow = "auto";  // "none", or bits
    uint32_t threads = 0;
    bool json = false;
};

struct ProbeOptions {
    std::string model;   // "": the folder of the models
    std::string budget;  // of the forecast; "": the whole model
    uint32_t context = 2048;
    bool again = false;  // measure even if this machine is known
    bool json = false;
};

struct SynthOptions {
    std::string shape, folder;
    std::string dtype = "f16";
    float sparsity = 0;   // 0: what is published for the shape
    uint32_t shadow_bits = 0;
    uint32_t layers = 0;  // 0: all of them
    uint64_t seed = 1;
    uint32_t threads = 0;
};

struct CalibrateOptions {
    std::string model;
    std::string text;  // a path
    double recall = 0.95;
    uint32_t rank = 0;       // 0: chosen by layer
    double minutes = 0;      // 0: as long as it takes
    uint32_t tokens = 32768; // of the text, at most
    uint32_t threads = 0;
    bool order = false;
    bool json = false;
};

struct ModelsOptions {
    std::string model;
    std::string file;   // of an archive
    std::string name;   // of an imported archive; "": as its file is called
    bool force = false; // a file that is there may be replaced
    uint32_t context = 2048;
    bool json = false;
};

}  // namespace glowworm
