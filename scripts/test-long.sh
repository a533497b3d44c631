#!/bin/sh
# The tests with real podman that take half a minute and more a file. Ends with a line `N passed, N failed`.
set -u
cd "$(dirname "$0")/.." || exit
. scripts/say.sh
sh scripts/setup.sh || exit
sh scripts/install-test-tools.sh || exit
rm -f .cache/vitest-long.json
timed 'tests: the long ones' npx --no-install vitest run --project long \
  --reporter=default --reporter=json --outputFile=.cache/vitest-long.json "$@" </dev/null
node scripts/test-summary.mjs "$?" unasked .cache/vitest-long.json
