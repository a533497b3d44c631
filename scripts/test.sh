#!/bin/sh
# Set-up, checks (lint, shell programs, types, boundaries, unused code), then every test, those with real podman included.
# Ends with a line `N passed, N failed`; exits 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit
. scripts/say.sh

sh scripts/setup.sh || exit
sh scripts/install-test-tools.sh || exit

check=passed
timed 'check: lint, shell, types, boundaries, unused code' npm run --silent check </dev/null || check=failed

rm -f .cache/vitest.json
timed 'tests: unit and integration' npx --no-install vitest run --project unit --project integration \
  --reporter=default --reporter=json --outputFile=.cache/vitest.json </dev/null
node scripts/test-summary.mjs "$?" "$check" .cache/vitest.json
