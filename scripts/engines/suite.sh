#!/bin/sh
# suite.sh NAME URL: what an engine must do for tbench: doctor's look at it, the sandbox contract, images of odd shapes, and
# the reference solution of every sample task. Prints one line of a table, and ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit
name=$1 url=$2
. scripts/engines/holds.sh

tests() {
  CONTAINER_HOST=$url TBENCH_MUSL_IMAGE=localhost/tbench-test-musl:latest NO_COLOR=1 node node_modules/vitest/vitest.mjs run --project integration --maxWorkers=1 \
    test/integration/sandbox-contract.test.ts test/integration/engine-images.test.ts >"$log/tests.log" 2>&1 </dev/null
}
oracle() {
  node dist/cli/main.js run --engine "$url" --dataset sample --agent oracle --attempts 1 --concurrency 2 --pull never \
    --results "$results" --job oracle </dev/null >"$log/oracle.log" 2>&1 && grep -q '12 of 12 trials with reward 1' "$log/oracle.log"
}

node dist/cli/main.js doctor --engine "$url" </dev/null >"$log/doctor.log" 2>&1
grep -E ' (engine|sandbox|network) ' "$log/doctor.log" | sed "s/^/    $name: /"
holds 'the sandbox contract, and images of odd shapes' tests
grep -E '^ *Tests ' "$log/tests.log" | sed "s/^/    $name: /"
holds 'the reference solution of 12 of 12 sample tasks' oracle
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
