# SPDX-License-Identifier: Apache-2.0
"""Times llama.cpp by the token: prints {"prompt_s": .., "decode_s": [..]}.

usage: rival_steps.py FILE.gguf PROMPT_TOKENS DECODE_TOKENS CONTEXT [mapped]

Needs llama-cpp-python. mapped: weights stay in the mapped file; otherwise llama.cpp copies Q4_0
into an order of its own, which must fit in memory whole.
"""
import json
import os
import sys
import time

import llama_cpp.llama_cpp as library
from llama_cpp import Llama

if "mapped" in sys.argv[5:]:
    defaults = library.llama_model_default_params

    def mapped():
        parameters = defaults()
        parameters.use_extra_bufts = False
        return parameters

    library.llama_model_default_params = mapped

path, prompt, decode, context = sys.argv[1], *map(int, sys.argv[2:5])
threads = os.cpu_count()
model = Llama(path, n_ctx=context, n_batch=512, n_ubatch=512, n_threads=threads,
              n_threads_batch=threads, verbose=False)
start = time.perf_counter()
model.eval([300 + i for i in range(prompt)])
prompt_s = time.perf_counter() - start
decode_s = []
for i in range(decode):
    start = time.perf_counter()
    model.eval([1000 + i])
    decode_s.append(time.perf_counter() - start)
print(json.dumps({"prompt_s": prompt_s, "decode_s": decode_s}))
