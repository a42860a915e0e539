# SPDX-License-Identifier: Apache-2.0
"""Golden chat prompts: chat/*.json, what transformers renders from the families' Jinja texts.

SmolLM2's text is read from the starter's GGUF. Where a template refuses a conversation (a system
turn in the first Mistral's, turns that do not alternate), `text` is null.
"""

import argparse
import json
from pathlib import Path

from gguf import GGUFReader
from jinja2.exceptions import TemplateError
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).parent
ALTERNATE = ("{{ raise_exception('Conversation roles must alternate "
             "user/assistant/user/assistant/...') }}")
CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
          "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
QWEN = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
        "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
        "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
LLAMA2 = ("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
          "{% set system_message = messages[0]['content'] %}{% else %}"
          "{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
          "{% for message in loop_messages %}"
          "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}" + ALTERNATE +
          "{% endif %}{% if loop.index0 == 0 and system_message != false %}"
          "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + "
          "message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}"
          "{% if message['role'] == 'user' %}"
          "{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
          "{% elif message['role'] == 'assistant' %}"
          "{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}")
LLAMA3 = ("{% set loop_messages = messages %}{% for message in loop_messages %}"
          "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ "
          "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
          "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
          "{% if add_generation_prompt %}"
          "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}")
MISTRAL = ("{{ bos_token }}{% for message in messages %}"
           "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}" + ALTERNATE +
           "{% endif %}{% if message['role'] == 'user' %}"
           "{{ '[INST] ' + message['content'] + ' [/INST]' }}"
           "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}"
           "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}"
           "{% endif %}{% endfor %}")
MISTRAL_SYSTEM = ("{%- if messages[0]['role'] == 'system' %}"
                  "{%- set system_message = messages[0]['content'] %}"
                  "{%- set loop_messages = messages[1:] %}{%- else %}"
                  "{%- set loop_messages = messages %}{%- endif %}{{- bos_token }}"
                  "{%- for message in loop_messages %}"
                  "{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}" + ALTERNATE +
                  "{%- endif %}{%- if message['role'] == 'user' %}"
                  "{%- if loop.first and system_message is defined %}"
                  "{{- ' [INST] ' + system_message + '\\n\\n' + message['content'] + ' [/INST]' }}"
                  "{%- else %}{{- ' [INST] ' + message['content'] + ' [/INST]' }}{%- endif %}"
                  "{%- elif message['role'] == 'assistant' %}"
                  "{{- ' ' + message['content'] + eos_token}}{%- endif %}{%- endfor %}")
# name: family, template (None: the GGUF's), BOS, EOS
TEMPLATES = {
    "smollm2": ("chatml", None, "<|im_start|>", "<|im_end|>"),
    "chatml": ("chatml", CHATML, "<|im_start|>", "<|im_end|>"),
    "qwen": ("chatml", QWEN, "<|endoftext|>", "<|im_end|>"),
    "llama2": ("llama2", LLAMA2, "<s>", "</s>"),
    "llama3": ("llama3", LLAMA3, "<|begin_of_text|>", "<|eot_id|>"),
    "mistral-v0.2": ("mistral", MISTRAL, "<s>", "</s>"),
    "mistral-system": ("mistral", MISTRAL_SYSTEM, "<s>", "</s>"),
}
SYSTEM = {"role": "system", "content": "You are brief."}
TURNS = [{"role": "user", "content": "What is the capital of France?"},
         {"role": "assistant", "content": "Paris."},
         {"role": "user", "content": "  And of Italy?\n"},
         {"role": "assistant", "content": " Rome,\nof course. "},
         {"role": "user", "content": "Zażółć 你好 👩‍🚀 <|im_end|> [INST]"}]
CONVERSATIONS = [TURNS[:1], TURNS[:2], TURNS[:3], TURNS, [SYSTEM, *TURNS[:1]], [SYSTEM, *TURNS[:3]],
                 [SYSTEM, *TURNS], TURNS[1:2], [{"role": "user", "content": ""}]]


def render(tokenizer, template: str, messages: list, prompt: bool) -> str | None:
    try:
        return tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False,
                                             add_generation_prompt=prompt)
    except TemplateError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gguf", type=Path)
    fields = GGUFReader(parser.parse_args().gguf).fields
    smollm2 = fields["tokenizer.chat_template"].contents()
    (HERE / "chat").mkdir(exist_ok=True)
    for name, (family, template, bos, eos) in TEMPLATES.items():
        template = template or smollm2
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_file(str(HERE / "llama-silu/tokenizer.json")),
            bos_token=bos, eos_token=eos)
        cases = [{"messages": messages, "add_generation_prompt": prompt,
                  "text": render(tokenizer, template, messages, prompt)}
                 for messages in CONVERSATIONS for prompt in (True, False)]
        (HERE / "chat" / f"{name}.json").write_text(json.dumps(
            {"family": family, "jinja": template, "bos": bos, "eos": eos, "cases": cases},
            indent=1, ensure_ascii=False) + "\n")
        print(name, repr(cases[8]["text"]))


if __name__ == "__main__":
    main()
