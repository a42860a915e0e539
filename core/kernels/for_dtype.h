// SPDX-License-Identifier: Apache-2.0
// From a run-time dtype to a compile-time one: forDtype(dtype, [&]<Dtype kType>() { ... }).
#pragma once

#include "core/base/check.h"
#include "core/kernels/dtype.h"

namespace glowworm {

// Calls body.template operator()<kType>() for the dtypes that are computed with.
template <typename Body>
inline void forDtype(Dtype dtype, const Body& body) {
    switch (dtype) {
        case Dtype::kF32: return body.template operator()<Dtype::kF32>();
        case Dtype::kF16: return body.template operator()<Dtype::kF16>();
        case Dtype::kBF16: return body.template operator()<Dtype::kBF16>();
        case Dtype::kQ8_0: return body.template operator()<Dtype::kQ8_0>();
        case Dtype::kQ4_0: return body.template operator()<Dtype::kQ4_0>();
        case Dtype::kQ4_1: return body.template operator()<Dtype::kQ4_1>();
        case Dtype::kS4: return body.template operator()<Dtype::kS4>();
        case Dtype::kS3: return body.template operator()<Dtype::kS3>();
        case Dtype::kS2: return body.template operator()<Dtype::kS2>();
        case Dtype::kQ6_K: break;
    }
    CHECK(dtype != Dtype::kQ6_K);  // a Q6_K matrix becomes Q8_0 at import
}

}  // namespace glowworm
