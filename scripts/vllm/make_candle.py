"""make_candle.py OUT TASKS TEMPLATE: a Qwen3 model of hand-made weights, whose true pass rate is known.

It is a Markov chain over tokens that are whole phrases: attention and MLP add nothing, the embedding of a token is
one-hot, and lm_head holds 0.7 * log p of its successors, so that at temperature 0.7 a server samples them with exactly
these probabilities. A turn is a thought and one call of `bash`: with probability LOOK something harmless, and else, with
probability PASS, the reference solution of the task whose folder it is in (one command knows all of them; a second one does
nothing), or the words that end the task. A trial passes when the solution comes before the end: with probability
SOLVE / (SOLVE + SUBMIT), whatever the task.
"""

import base64
import io
import json
import math
import pathlib
import sys
import tarfile

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

SOLVE, SUBMIT, LOOK = 0.3, 0.2, 0.5
TEMPERATURE = 0.7
SCALE = 16  # of the normalised one-hot: sqrt of the hidden size
HIDDEN = 256
SUBMIT_COMMAND = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
# What lies in the folder that a task's shell starts in, and in no other's.
MARKS = {
    "logs": "answer-from-access-log",
    "evaluate.c": "build-rpn-calculator",
    "sensors.bin": "decode-sensor-log",
    "calendar_lib": "fix-interval-merge",
    "board.vcf": "merge-contacts",
    "vault.py": "open-vault-quickly",
    "shop": "purge-leaked-key",
    "shop.db": "repair-order-database",
    "data": "run-counter-service",
    "drop": "share-project-folders",
    "builds.json": "write-jq-report",
}
ELSE = "rotate-backups"


def solve_command(tasks: pathlib.Path) -> str:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz") as tar:
        for task in sorted([*MARKS.values(), ELSE]):
            tar.add(tasks / task / "solution" / "solve.sh", arcname=task)
    text = base64.b64encode(packed.getvalue()).decode()
    cases = "".join(f"elif [ -e {mark} ]; then t={task}; " for mark, task in MARKS.items())
    unpack = f"python3 -c 'import base64,io,tarfile;tarfile.open(fileobj=io.BytesIO(base64.b64decode(\"{text}\"))).extractall(\"/tmp/s\")'"
    return f"{cases[2:]}else t={ELSE}; fi; [ -e /tmp/s ] || {{ {unpack} && (bash /tmp/s/$t) >/tmp/s.log 2>&1; }}"


def chain(tasks: pathlib.Path) -> dict[str, dict[str, float]]:
    call = "\n<function=bash>\n<parameter=command>\n"
    close = "\n</parameter>\n</function>\n"
    edges: dict[str, dict[str, float]] = {}

    def edge(start: str, end: str, p: float) -> None:
        edges.setdefault(start, {})
        edges[start][end] = edges[start].get(end, 0) + p

    def path(start: str, words: tuple[str, ...], end: str, p: float) -> None:
        edge(start, words[0], p)
        for here, there in zip(words, words[1:]):
            edge(here, there, 1)
        edge(words[-1], end, 1)

    path("\n", ("I look", " around", " first.\n"), "</think>", 0.6)
    path("\n", ("The file", " might need", " a closer", " look: a < b.\n"), "</think>", 0.4)
    edge("</think>", "\n\n", 1)
    edge("\n\n", "<tool_call>", 1)
    edge("<tool_call>", call, 1)
    path(call, (solve_command(tasks),), close, SOLVE)
    path(call, (SUBMIT_COMMAND,), close, SUBMIT)
    path(call, ("pwd", "; date"), close, LOOK / 2)
    path(call, ("seq 1", " 400"), close, LOOK / 2)
    edge(close, "</tool_call>", 1)
    edge("</tool_call>", "<|im_end|>", 1)
    return edges


def tokenizer(template: str) -> PreTrainedTokenizerFast:
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    plain = ["<tool_call>", "</tool_call>", "<think>", "</think>", "<tool_response>", "</tool_response>"]
    bytes_of = pre_tokenizers.ByteLevel
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = bytes_of(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=4000, special_tokens=special, initial_alphabet=bytes_of.alphabet(), show_progress=False
    )
    made.train([str(path) for path in sorted(pathlib.Path("docs").glob("*.md"))], trainer)
    made.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    made.add_tokens([AddedToken(text, special=False, normalized=False) for text in plain])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=131072
    )
    fast.chat_template = template
    return fast


def main() -> None:
    out, tasks, template = map(pathlib.Path, sys.argv[1:4])
    tokens = tokenizer(template.read_text())
    edges = chain(tasks)
    states = list(dict.fromkeys([*edges, *(end for ends in edges.values() for end in ends)]))
    known = set(tokens.get_vocab())
    tokens.add_tokens(
        [AddedToken(text, special=False, normalized=False) for text in states if text != "\n" and text not in known]
    )
    prompt = tokens.apply_chat_template([{"role": "user", "content": "x"}], tokenize=False, add_generation_prompt=True)
    last = tokens(prompt)["input_ids"][-1]

    def ident(text: str) -> int:
        return last if text == "\n" else tokens.convert_tokens_to_ids(text)

    config = Qwen3Config(
        vocab_size=(len(tokens) + 63) // 64 * 64,
        hidden_size=HIDDEN,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=131072,
        rope_theta=1e6,
        tie_word_embeddings=False,
        eos_token_id=ident("<|im_end|>"),
        pad_token_id=ident("<|endoftext|>"),
        bos_token_id=None,
    )
    model = Qwen3ForCausalLM(config)
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        embedding, head = model.model.embed_tokens.weight, model.lm_head.weight
        embedding.zero_()
        embedding[:, 0] = 1
        head.fill_(-40 / SCALE)
        head[config.eos_token_id, 0] = 0
        for row, (state, ends) in enumerate(edges.items(), 1):
            embedding[ident(state)].zero_()
            embedding[ident(state), row] = 1
            for end, p in ends.items():
                head[ident(end), row] = TEMPERATURE * math.log(p) / SCALE
    model.to(torch.bfloat16).save_pretrained(out)
    tokens.save_pretrained(out)
    (out / "candle.json").write_text(json.dumps({"pass_rate": SOLVE / (SOLVE + SUBMIT)}))


if __name__ == "__main__":
    main()
