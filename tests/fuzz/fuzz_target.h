// SPDX-License-Identifier: Apache-2.0
// One fuzz target a file. Built with clang and -DGLOWWORM_FUZZ=ON each is a libFuzzer program;
// otherwise it is a plain function that fuzz_test.cc feeds a small seeded corpus, so that no target
// rots. A target must survive any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#ifdef GLOWWORM_FUZZ
#define FUZZ_TARGET(name)                                                     \
    static void name(std::string_view bytes);                                 \
    extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);  \
    extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
        name({reinterpret_cast<const char*>(data), size});                    \
        return 0;                                                             \
    }                                                                         \
    static void name(std::string_view bytes)
#else
#define FUZZ_TARGET(name)              \
    void name(std::string_view bytes); \
    void name(std::string_view bytes)
#endif

namespace glowworm::fuzz {

// A file in memory that has a path, for readers that open one.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes);
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    int fd_ = -1;
    std::string path_;
};

}  // namespace glowworm::fuzz
