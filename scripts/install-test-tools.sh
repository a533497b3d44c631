#!/bin/sh
# What `npm test` uses beside podman: git (datasets are fetched from a git server on loopback), Redis (workers), Chromium (reports are
# looked at in a real browser) and shellcheck. Where they cannot be installed, what needs them fails and says so.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh
. scripts/apt.sh

missing=''
command -v git >/dev/null || missing="$missing git"
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v shellcheck >/dev/null || missing="$missing shellcheck"
[ -x /usr/bin/chromium ] || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if ! can_apt; then
  say "tests: some will fail for want of$missing; on Debian: sudo apt-get install$missing"
  exit 0
fi
# shellcheck disable=SC2086 # a list of package names
lean=yes apt_install 'tools of the tests (about a minute)' $missing
