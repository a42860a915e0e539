# SPDX-License-Identifier: Apache-2.0
# One interface target that every target of ours links: warnings are errors, includes start at the
# root of the repository, sanitizers where asked for.
add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Werror)
if(GLOWWORM_SANITIZE STREQUAL "address")
    target_compile_options(project_options INTERFACE -fsanitize=address,undefined
        -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_link_options(project_options INTERFACE -fsanitize=address,undefined)
elseif(GLOWWORM_SANITIZE STREQUAL "thread")
    target_compile_options(project_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer
        -Wno-tsan)
    target_link_options(project_options INTERFACE -fsanitize=thread)
elseif(NOT GLOWWORM_SANITIZE STREQUAL "")
    message(FATAL_ERROR "GLOWWORM_SANITIZE is '${GLOWWORM_SANITIZE}'; it may be address or thread")
endif()

option(GLOWWORM_FUZZ "Build the fuzz targets of tests/fuzz (needs clang)" OFF)
if(GLOWWORM_FUZZ)
    target_compile_options(project_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
    target_link_options(project_options INTERFACE -fsanitize=address,undefined)
endif()
