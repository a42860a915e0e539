# SPDX-License-Identifier: Apache-2.0
"""Times llama.cpp on a GGUF file: prints {"decode": tokens/s, "prompt": tokens/s}.

usage: rival.py FILE.gguf TOKENS    (needs llama-cpp-python; called by glowworm-bench rival)
"""
import json
import os
import sys
import time

from llama_cpp import Llama

path, count = sys.argv[1], int(sys.argv[2])
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "..", "fixtures", "heldout.txt"), encoding="utf-8") as file:
    text = file.read()[:1600]
threads = os.cpu_count()
model = Llama(path, n_ctx=1024, n_threads=threads, n_threads_batch=threads, verbose=False)
tokens = model.tokenize(text.encode(), add_bos=False)
model.eval(tokens[:8])  # the first pass reads the file

model.reset()
start = time.perf_counter()
model.eval(tokens)
prompt_seconds = time.perf_counter() - start

token = model.sample(temp=0)
start = time.perf_counter()
for _ in range(count):
    model.eval([token])
    token = model.sample(temp=0)
decode_seconds = time.perf_counter() - start
print(json.dumps({"decode": count / decode_seconds, "prompt": len(tokens) / prompt_seconds}))
