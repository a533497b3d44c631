#!/bin/sh
# Checks every shell program: those of src/, which run in sandboxes, and those of scripts/. A program begins with `#!`; a
# file without that is sourced by one and checked with it. Where shellcheck is missing this says so, and fails only in CI.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh

if ! command -v shellcheck >/dev/null; then
  say 'shell programs are not checked: shellcheck is missing (Debian: sudo apt-get install shellcheck)'
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
find src scripts -name '*.sh' -exec grep -q '^#!' {} \; -exec \
  shellcheck --external-sources --check-sourced --source-path=SCRIPTDIR:. {} +
