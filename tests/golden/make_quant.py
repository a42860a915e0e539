# SPDX-License-Identifier: Apache-2.0
"""Golden quantised rows: quant.json, by the `gguf` package.

For each format `values` (F32), their `bytes` (hexadecimal) and the `decoded` values. The package
cannot encode Q6_K, so there the bytes are random with sane scales and only the decoding counts.
"""

import json
from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, dequantize, quantize

FORMATS = ("F16", "BF16", "Q8_0", "Q4_0", "Q4_1")


def rows(generator: numpy.random.Generator) -> numpy.ndarray:
    """Four rows of 64: normal, tiny and huge, one-sided, and edges (zeros, ties, a spike)."""
    edge = numpy.zeros(64)
    edge[32:] = numpy.arange(32) / 2
    edge[40] = -127.0
    made = numpy.stack([generator.normal(0, 1, 64),
                        generator.normal(0, 1, 64) * numpy.repeat((1e-6, 3e4), 32),
                        numpy.abs(generator.normal(2, 1, 64)), edge])
    return made.astype(numpy.float32)


def q6_k(generator: numpy.random.Generator) -> numpy.ndarray:
    """Two rows of 256: 128 low bytes, 64 high bytes, 16 signed scales, one F16 scale."""
    packed = generator.integers(0, 256, (2, 210), dtype=numpy.uint8)
    packed[:, 208:] = numpy.array([[0.013], [-2.5e-4]], numpy.float16).view(numpy.uint8)
    return packed


def entry(name: str, values: numpy.ndarray | None, packed: numpy.ndarray) -> dict:
    kind = GGMLQuantizationType[name]
    packed = numpy.ascontiguousarray(packed)
    decoded = dequantize(packed, kind).astype(numpy.float32)
    result = {"format": name, "bytes": [r.view(numpy.uint8).tobytes().hex() for r in packed],
              "decoded": [[float(f"{x:.9g}") for x in r.tolist()] for r in decoded]}
    if values is not None:
        result["values"] = [[float(f"{x:.9g}") for x in r.tolist()] for r in values]
    return result


def main() -> None:
    generator = numpy.random.default_rng(5)
    values = rows(generator)
    entries = [entry(name, values, quantize(values, GGMLQuantizationType[name]))
               for name in FORMATS]
    entries.append(entry("Q6_K", None, q6_k(generator)))
    path = Path(__file__).parent / "quant.json"
    path.write_text(json.dumps({"reference": "gguf package", "formats": entries}) + "\n")
    for e in entries:
        print(e["format"], len(e["bytes"][0]) // 2, "bytes a row", e["decoded"][0][:3])


if __name__ == "__main__":
    main()
