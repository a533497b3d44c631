#!/bin/sh
# A real vLLM for the CPU, installed once into the cache (10 GB while it is made), serves a model made on the spot, and
# tbench is held against it. Ends with a line `N passed, N failed`. Debian or Ubuntu, python3 with venv, no GPU.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh

dir=${TBENCH_VLLM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tbench/vllm}
mkdir -p "$dir" .cache
sh scripts/setup.sh
timed 'vllm: installing, once (3 GB to fetch)' bash scripts/vllm/install.sh "$dir/venv"
timed 'vllm: making the model' "$dir/venv/bin/python" scripts/vllm/make_candle.py "$dir/candle" tasks/sample \
  scripts/vllm/chat-template.jinja
say 'vllm: starting (one to five minutes)'
exec npx --no-install tsx scripts/test-vllm.ts "$dir/venv" "$dir/candle" "$@"
