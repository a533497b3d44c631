#!/bin/sh
# node.sh VERSION: the unit tests and a job of the sample tasks on the node that stands first on the path.
set -u
cd "$(dirname "$0")/../.." || exit
name=node-$1
. scripts/engines/holds.sh

unit() { NO_COLOR=1 node node_modules/vitest/vitest.mjs run --project unit --maxWorkers=1 >"$log/unit.log" 2>&1 </dev/null; }
oracle() {
  node dist/cli/main.js run --dataset sample --agent oracle --attempts 1 --results "$results" --job oracle \
    </dev/null >"$log/oracle.log" 2>&1 && grep -q '12 of 12 trials with reward 1' "$log/oracle.log"
}
holds 'the unit tests' unit
grep -E '^ *Tests ' "$log/unit.log" || true
holds 'the reference solution of 12 of 12 sample tasks' oracle
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
