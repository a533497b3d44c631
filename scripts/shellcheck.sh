#!/bin/sh
# Checks every shell program of this repository, whatever it is named. A program begins with `#!`; a file without that is
# sourced by one and checked with it. Where shellcheck is missing this says so, and fails only in CI.
set -eu
cd "$(dirname "$0")/.."
. scripts/say.sh

if ! command -v shellcheck >/dev/null; then
  say 'shell programs are not checked: shellcheck is missing (Debian: sudo apt-get install shellcheck)'
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi

# check FOLDERS OPTIONS: the programs below the folders, known by their first line
check() {
  folders=$1
  shift
  # shellcheck disable=SC2086,SC2038 # a list of folders; no name among these has a space
  find $folders -type f -exec awk 'FNR == 1 && /^#!.*[\/ ](ba|da)?sh( |$)/ { print FILENAME } { nextfile }' {} + |
    xargs shellcheck --external-sources --check-sourced --source-path=SCRIPTDIR:. "$@"
}
check 'src scripts test .ci'
# Tests of tasks ask for $? after pytest, as Harbor's own do: an alike form is easier to compare than a shorter one.
check tasks --exclude=SC2181
