#!/bin/bash
# start.sh VENV MODEL PORT: the real vLLM on loopback, served as `calibration:candle`. Its log goes to stdout; whoever starts it in a
# group of its own ends the whole group.
set -euo pipefail
venv=${1:?VENV} model=${2:?MODEL} port=${3:?PORT}
shift 3
export PATH=$venv/bin:$PATH VLLM_CPU_KVCACHE_SPACE=1 VLLM_NO_USAGE_STATS=1 HF_HUB_OFFLINE=1 TORCHINDUCTOR_COMPILE_THREADS=1
exec vllm serve "$model" --host 127.0.0.1 --port "$port" --served-model-name calibration:candle --max-model-len 65536 \
  --enable-auto-tool-choice --tool-call-parser qwen3_xml --enable-prefix-caching --enable-prompt-tokens-details \
  --dtype bfloat16 --enforce-eager --max-num-seqs 16 "$@"
