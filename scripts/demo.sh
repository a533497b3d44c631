#!/bin/sh
# `tbench demo` of this working copy, with what it needs installed and built first. Options are passed on to `tbench run`.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh

demo_began=$(date +%s)
sh scripts/setup.sh
tbench() { node dist/cli/main.js "$@" </dev/null; }

# The sample images share one layer of tools. Built by one trial first, it is not built by four at the same time.
# shellcheck disable=SC2012 # these folders are ours, their names plain
first=$(ls tasks/sample | head -n 1)
if [ -z "$(podman images -q "localhost/tbench/$first" 2>/dev/null)" ]; then
  results=$(mktemp -d "${TMPDIR:-/tmp}/tbench-warm-up.XXXXXX")
  trap 'rm -rf "$results"' EXIT
  trap 'exit 130' INT
  # shellcheck disable=SC2317 # `timed` calls it
  warm_up() { tbench run --agent nop --dataset sample --tasks "$first" --attempts 1 --results "$results" >/dev/null; }
  timed 'sample images: building the layer of tools they share (about 40 s)' warm_up
  rm -rf "$results"
fi

status=0
tbench demo -- "$@" || status=$?
say "demo: $(($(date +%s) - demo_began)) s in all"
exit $status
