#!/bin/sh
# The real Harbor on our files: two jobs of the sample dataset (reference solution, replayed turns), their exports, and
# those of jobs of 0.1.0 are read by Harbor's own models; `harbor view` shows them, `harbor job regrade` grades one anew, and
# `harbor run --diff` compares with it.
# Harbor runs in a container without a network. Ends with a line `N passed, N failed`.
set -u
cd "$(dirname "$0")/.." || exit
. scripts/say.sh
. scripts/harbor/image.sh
. scripts/harbor/run.sh

sh scripts/setup.sh || exit
sh scripts/harbor/build-image.sh || exit

mkdir -p .cache
results=$(mktemp -d "$PWD/.cache/test-harbor.XXXXXX")
trap 'stop_service; rm -rf "$results"' EXIT
trap 'exit 130' INT
tbench() { node dist/cli/main.js "$@" </dev/null >&2; }
harbor() {
  in_harbor --network none --volume "$results:$results:ro" --volume "$PWD/scripts/harbor:/scripts:ro" "$harbor_image" "$@"
}

passed=0 failed=0
# holds WHAT COMMAND...: one thing that must hold
holds() {
  what=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $what"
  else
    failed=$((failed + 1))
    echo "FAILED: $what"
  fi
}

run() { tbench run --dataset sample --attempts 1 --results "$results" "$@"; }
holds 'a job of the reference solutions' run --agent oracle --job oracle
holds 'a job of replayed turns' run --model replay:test/fixtures/sample-turns --job replay
for job in oracle replay; do
  holds "$job: export" tbench export "$results/$job" --format harbor --out "$results/$job-exported"
done
for job in finished oracle interrupted; do
  holds "0.1.0's $job: export" \
    tbench export "$job" --results test/fixtures/golden-0.1.0 --format harbor --out "$results/old-$job"
done
holds "Harbor's models read every file of our jobs" \
  harbor python3 /scripts/read_jobs.py "$results/oracle" "$results/replay"
holds 'and of their exports' harbor python3 /scripts/read_jobs.py "$results/oracle-exported" "$results/replay-exported"
holds 'and of exports of 0.1.0' \
  harbor python3 /scripts/read_jobs.py "$results/old-finished" "$results/old-oracle" "$results/old-interrupted"
holds 'harbor view lists their trials and shows their trajectories' \
  harbor python3 /scripts/ask_viewer.py "$results" oracle replay replay-exported

regrade() {
  start_service "$results" || return
  tbench run --dataset scripts/harbor/regrade-task --agent oracle --attempts 1 --results "$results" --job separate || return
  harbor_with_engine "$results" harbor job regrade "$results/separate" -p /scripts/regrade-task -e podman \
    -o "$results/regraded" --job-name again >"$results/regrade.log" 2>&1
  grep -q '0 changed (0 up, 0 down), mean reward 1.000' "$results/regrade.log" && return
  cat "$results/regrade.log"
  return 1
}
holds 'harbor job regrade grades a job of ours anew, with the same reward' regrade

# diffed ACTION VERSION OPTION...: what Harbor's --diff does with that job for the task of this version
diffed() {
  action=$1 target=$results/$2/regrade-task
  shift 2
  mkdir -p "$target" && cp -R scripts/harbor/regrade-task/. "$target" &&
    sed -i "s/^version = .*/version = \"$(basename "$(dirname "$target")")\"/" "$target/task.toml" || return
  harbor harbor run -p "$target" -e podman --diff "$results/separate" --dry-run "$@" >"$results/diff.log" 2>&1
  grep -q "^$action: 1/1" "$results/diff.log" && return
  cat "$results/diff.log"
  return 1
}
holds 'harbor run --diff takes a job of ours over where the task is the same' diffed Reuse 1.0.0 -a oracle
holds 'and where only its patch version is another' diffed Reuse 1.0.7 -a oracle
holds 'grades it anew where its minor version is' diffed Regrade 1.1.0 -a oracle
holds 'and runs it where its major version is' diffed Rerun 2.0.0 -a oracle
holds 'or the agent, or what the agent was given' diffed Rerun 1.0.0 -a nop
holds 'or the time is another' diffed Rerun 1.0.0 -a oracle --timeout-multiplier 2

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
