// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gemm_rivals.h"

#ifdef WITH_OPENBLAS
#include <cblas-openblas.h>
#endif
#ifdef WITH_ONEDNN
#include <dnnl.hpp>
#endif

namespace glowworm::bench {

#ifdef WITH_OPENBLAS
bool openblasProduct(const float* x, const float* w, float* y, size_t m, size_t n, size_t k) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(m),
                static_cast<int>(n), static_cast<int>(k), 1, x, static_cast<int>(k), w,
                static_cast<int>(k), 0, y, static_cast<int>(n));
    return true;
}
#else
bool openblasProduct(const float*, const float*, float*, size_t, size_t, size_t) { return false; }
#endif

#ifdef WITH_ONEDNN
bool oneDnnProduct(const float* x, const void* w, OneDnnType type, float* y, size_t m, size_t n,
                   size_t k) try {
    using Tag = dnnl::memory::format_tag;
    using Type = dnnl::memory::data_type;
    const Type narrow = type == OneDnnType::kBf16  ? Type::bf16
                        : type == OneDnnType::kF16 ? Type::f16
                                                   : Type::f32;
    dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const auto rows = static_cast<dnnl::memory::dim>(m), cols = static_cast<dnnl::memory::dim>(n),
               inner = static_cast<dnnl::memory::dim>(k);
    const dnnl::memory::desc x_wide({rows, inner}, Type::f32, Tag::ab);
    const dnnl::memory::desc x_desc({rows, inner}, narrow, Tag::ab);
    const dnnl::memory::desc w_desc({inner, cols}, narrow, Tag::ba);
    const dnnl::memory::desc y_desc({rows, cols}, Type::f32, Tag::ab);
    const dnnl::matmul::primitive_desc desc(engine, x_desc, w_desc, y_desc);
    dnnl::memory x_memory(x_wide, engine, const_cast<float*>(x));
    dnnl::memory w_memory(w_desc, engine, const_cast<void*>(w));
    dnnl::memory y_memory(y_desc, engine, y);
    dnnl::memory x_narrow = x_memory;
    if (narrow != Type::f32) {
        x_narrow = dnnl::memory(x_desc, engine);
        dnnl::reorder(x_memory, x_narrow).execute(stream, x_memory, x_narrow);
    }
    dnnl::matmul(desc).execute(stream, {{DNNL_ARG_SRC, x_narrow},
                                        {DNNL_ARG_WEIGHTS, w_memory},
                                        {DNNL_ARG_DST, y_memory}});
    stream.wait();
    return true;
} catch (const dnnl::error&) {
    return false;
}
#else
bool oneDnnProduct(const float*, const void*, OneDnnType, float*, size_t, size_t, size_t) {
    return false;
}
#endif

}  // namespace glowworm::bench
