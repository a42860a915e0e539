// SPDX-License-Identifier: Apache-2.0
// Include before anything of Highway's in a kernel. Which SIMD targets are compiled: a baseline,
// SSE4, AVX2 and AVX-512 with VNNI on x86, NEON on Arm. Those left out differ too little to be
// worth their compile time; vectors of unknown size (SVE, RVV) cannot be kept in arrays, as tiles
// need.
#pragma once

#define HWY_WANT_AVX3_DL
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_AVX3 | HWY_AVX3_ZEN4 | HWY_AVX3_SPR | HWY_ALL_SVE | HWY_RVV)
